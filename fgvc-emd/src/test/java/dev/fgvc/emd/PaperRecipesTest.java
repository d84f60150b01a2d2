package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;

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
  private static Map<String, DomainFeatures> targets;

  @BeforeAll
  static void drawDomains() {
    Random random = new Random(2018);
    DomainFeatures imageNet = domain("ImageNet", 1000, random);
    DomainFeatures iNat = domain("iNat", 5089, random);
    source = imageNet.concat("ImageNet + iNat", iNat);
    targets = new LinkedHashMap<>();
    Map<String, Integer> classes = new LinkedHashMap<>();
    classes.put("Flowers-102", 102);
    classes.put("CUB200", 200);
    classes.put("Aircraft", 100);
    classes.put("Stanford Cars", 196);
    classes.put("Stanford Dogs", 120);
    classes.put("NABirds", 555);
    classes.put("Food101", 101);
    classes.forEach((name, count) -> targets.put(name, domain(name, count, random)));
  }

  private static DomainFeatures domain(String name, int classes, Random random) {
    return SourceSelectionTest.domain(name, classes, DIMENSION, random);
  }

  @Test
  void subsetATakesTheTop200ForEachTarget() {
    Map<DomainFeatures, Integer> recipe = new LinkedHashMap<>();
    targets.values().forEach(target -> recipe.put(target, 200));
    int[] subset = SourceSelection.create().union(source, recipe);
    assertSubset(subset, 200, 1400);
  }

  @Test
  void subsetBTakesMoreBirds() {
    Map<DomainFeatures, Integer> recipe = new LinkedHashMap<>();
    recipe.put(targets.get("CUB200"), 400);
    recipe.put(targets.get("NABirds"), 400);
    recipe.put(targets.get("Stanford Dogs"), 100);
    recipe.put(targets.get("Stanford Cars"), 50);
    recipe.put(targets.get("Aircraft"), 50);
    int[] subset = SourceSelection.create().union(source, recipe);
    assertSubset(subset, 400, 1000);
  }

  @Test
  void wholeSourcesAreMeasuredWithProof() {
    Similarity birds =
        DomainSimilarity.create().between(source.withMinImages(50), targets.get("NABirds"));
    assertThat(birds.plan().relativeGap()).isLessThan(1e-12);
    assertThat(birds.similarity()).isBetween(0.5, 1.0);
  }

  private static void assertSubset(int[] subset, int least, int most) {
    assertThat(subset).hasSizeBetween(least, most).isSorted().doesNotHaveDuplicates();
    DomainFeatures selected = source.select("subset", subset);
    assertThat(selected.classNames()).hasSameSizeAs(IntStream.of(subset).boxed().toList());
  }
}
