package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import dev.fgvc.data.OfficialDataset;
import dev.fgvc.feature.DomainFeatures;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The source selection of section 5.3 of the paper on synthetic domains of its sizes: 1000 ImageNet
 * and 5089 iNat classes, and the seven targets of table 2. It shows the calls; random features say
 * nothing about the paper's choices or accuracies.
 */
class PaperRecipesTest {

  private static final int DIMENSION = 32;
  private static DomainFeatures source;
  private static Map<OfficialDataset, DomainFeatures> targets;

  @BeforeAll
  static void drawDomains() {
    Random random = new Random(2018);
    DomainFeatures imageNet = domain("ImageNet", 1000, random);
    DomainFeatures iNat = domain("iNat", 5089, random);
    source = imageNet.concat("ImageNet + iNat", iNat);
    targets = new LinkedHashMap<>();
    for (OfficialDataset target : PaperSubset.A.classesPerTarget().keySet()) {
      targets.put(target, domain(target.name(), target.paperSizes().classes(), random));
    }
  }

  private static DomainFeatures domain(String name, int classes, Random random) {
    return SourceSelectionTest.domain(name, classes, DIMENSION, random);
  }

  @Test
  void subsetATakesTheTop200ForEachOfTheSevenTargets() {
    assertThat(PaperSubset.A.classesPerTarget()).hasSize(7).allSatisfy((t, k) -> is200(k));
    assertThat(PaperSubset.A.classCount()).isEqualTo(832);
    assertSubset(select(PaperSubset.A), 200, 1400);
  }

  private static void is200(int classes) {
    assertThat(classes).isEqualTo(200);
  }

  @Test
  void subsetBTakesMoreBirds() {
    assertThat(PaperSubset.B.classesPerTarget())
        .containsExactly(
            entry(OfficialDataset.CUB_200_2011, 400),
            entry(OfficialDataset.NABIRDS, 400),
            entry(OfficialDataset.STANFORD_DOGS, 100),
            entry(OfficialDataset.STANFORD_CARS, 50),
            entry(OfficialDataset.FGVC_AIRCRAFT, 50));
    assertThat(PaperSubset.B.classCount()).isEqualTo(585);
    int[] subset = select(PaperSubset.B);
    assertSubset(subset, 400, 1000);
    assertThat(subset)
        .contains(SourceSelection.create().topK(source, targets.get(OfficialDataset.NABIRDS), 400));
  }

  private static int[] select(PaperSubset subset) {
    return SourceSelection.create().union(source, subset.classesFor(targets));
  }

  @Test
  void aSubsetWithoutOneOfItsTargetsIsRefusedByName() {
    Map<OfficialDataset, DomainFeatures> few = new LinkedHashMap<>(targets);
    few.remove(OfficialDataset.STANFORD_DOGS);
    few.remove(OfficialDataset.FOOD_101);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PaperSubset.B.classesFor(few))
        .withMessageContaining("Subset B")
        .withMessageContaining("STANFORD_DOGS")
        .withMessageNotContaining("FOOD_101");
  }

  @Test
  void aDomainThatStandsForSeveralTargetsHasTheLargestOfTheirNumbers() {
    DomainFeatures birds = targets.get(OfficialDataset.CUB_200_2011);
    Map<OfficialDataset, DomainFeatures> same = new LinkedHashMap<>(targets);
    same.replaceAll((target, features) -> birds);

    assertThat(PaperSubset.B.classesFor(same)).containsExactly(entry(birds, 400));
  }

  @Test
  void wholeSourcesAreMeasuredWithProof() {
    Similarity birds =
        DomainSimilarity.create()
            .between(source.withMinImages(50), targets.get(OfficialDataset.NABIRDS));
    assertThat(birds.plan().relativeGap()).isLessThan(1e-12);
    assertThat(birds.similarity()).isBetween(0.5, 1.0);
  }

  private static void assertSubset(int[] subset, int least, int most) {
    assertThat(subset).hasSizeBetween(least, most).isSorted().doesNotHaveDuplicates();
    DomainFeatures selected = source.select("subset", subset);
    assertThat(selected.classNames()).hasSameSizeAs(IntStream.of(subset).boxed().toList());
  }
}
