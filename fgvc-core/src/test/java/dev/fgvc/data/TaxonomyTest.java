package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.metric.TaxonomyErrors;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaxonomyTest {

  private static final Taxonomy LIFE =
      Taxonomy.of(
          List.of("kingdom", "genus", "species"),
          List.of(
              List.of("Animalia", "Oenanthe", "Oenanthe oenanthe"),
              List.of("Plantae", "Oenanthe", "Oenanthe crocata"),
              List.of("Animalia", "Oenanthe", "Oenanthe hispanica"),
              List.of("Plantae", "Quercus", "Quercus robur")));

  @Test
  void equalNamesInOtherLineagesAreOtherTaxa() {
    assertThat(LIFE.groups("kingdom")).containsExactly(0, 1, 0, 1);
    assertThat(LIFE.groups("genus")).containsExactly(0, 1, 0, 2);
    assertThat(LIFE.taxa("genus")).containsExactly("Oenanthe", "Oenanthe", "Quercus");
    assertThat(LIFE.taxa("kingdom")).containsExactly("Animalia", "Plantae");
    assertThat(LIFE.sharedRanks(0, 2)).isEqualTo(2);
    assertThat(LIFE.sharedRanks(0, 1)).isZero();
    assertThat(LIFE.sharedRanks(3, 3)).isEqualTo(3);
    assertThat(LIFE).hasToString("4 classes by kingdom, genus, species");
  }

  @Test
  void travelsWithTheClasses() {
    List<String> names = List.of("a", "b", "c", "d");
    Dataset all = Dataset.of("life", names, List.of()).withTaxonomy(LIFE);
    Taxonomy part = all.selectClasses("part", new int[] {3, 0}).taxonomy().orElseThrow();
    assertThat(part.lineage(0)).containsExactly("Plantae", "Quercus", "Quercus robur");
    assertThat(part.classCount()).isEqualTo(2);
    assertThat(all.named("other").taxonomy()).contains(LIFE);
    assertThat(all.selectImages("none", new int[0]).taxonomy()).contains(LIFE);
    assertThat(all.withSuperCategories(names).taxonomy()).contains(LIFE);
    assertThat(Dataset.append("twice", List.of(all, all)).taxonomy()).contains(LIFE);
    Dataset joined = Dataset.concat("both", List.of(all, all));
    assertThat(joined.taxonomy().orElseThrow().groups("kingdom"))
        .containsExactly(0, 1, 0, 1, 0, 1, 0, 1);
    Dataset without = Dataset.of("plain", names, List.of());
    assertThat(Dataset.concat("mixed", List.of(all, without)).taxonomy()).isEmpty();
    assertThat(without.taxonomy()).isEmpty();
  }

  @Test
  void errorsAreCountedAtEachRank() {
    double[] scores = {
      0, 1, 5, 2, // right class 0, taken for 2: genus and kingdom are right
      0, 9, 1, 2, // right
      1, 2, 0, 7, // right class 1, taken for 3: kingdom is right
      8, 2, 0, 1, // right class 3, taken for 0: all wrong
      5, 5, 0, 0, // a tie of 0 and 1, right class 0: counts against, as class 1
    };
    int[] labels = {0, 1, 1, 3, 0};
    TaxonomyErrors errors = TaxonomyErrors.of(LIFE, scores, labels);
    assertThat(errors.images()).isEqualTo(5);
    assertThat(errors.error("species")).isEqualTo(4 / 5.0);
    assertThat(errors.error("genus")).isCloseTo(3 / 5.0, within(1e-15));
    assertThat(errors.error("kingdom")).isEqualTo(2 / 5.0);
    assertThat(errors.toString())
        .isEqualTo("5 images: kingdom 40.00 %, genus 60.00 %, species 80.00 %");
    assertThatIllegalArgumentException().isThrownBy(() -> errors.error("tribe"));
    double[] nothing = {Double.NaN, 1, 1, 1};
    assertThat(TaxonomyErrors.of(LIFE, nothing, new int[] {0}).error("kingdom")).isEqualTo(1);
  }

  /** A NaN is the guess, as in {@link dev.fgvc.metric.Confusions}, wherever it stands. */
  @Test
  void noNumberOfAnotherClassIsTheGuess() {
    double nan = Double.NaN;

    assertThat(kingdomErrors(0, 3, 1, nan, 2)).isZero();
    assertThat(kingdomErrors(3, nan, 5, 0, 3)).isEqualTo(1);
    assertThat(kingdomErrors(3, 5, nan, 0, 3)).isZero();
    assertThat(kingdomErrors(0, 0.0, -0.0, 0.0, -1)).as("the first of equals").isEqualTo(1);
  }

  private static double kingdomErrors(int label, double... scores) {
    return TaxonomyErrors.of(LIFE, scores, new int[] {label}).error("kingdom");
  }

  @Test
  void refusesLineagesOfOtherLengths() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Taxonomy.of(List.of("genus"), List.of(List.of("a", "b"))))
        .withMessageContaining("class 0 has the lineage [a, b]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Taxonomy.of(List.of("genus", "genus"), List.of(List.of("a", "b"))));
    assertThatIllegalArgumentException().isThrownBy(() -> Taxonomy.of(List.of("x"), List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> LIFE.groups("tribe"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.of("one", List.of("a"), List.of()).withTaxonomy(LIFE))
        .withMessageContaining("a taxonomy of 4 classes for 1");
  }
}
