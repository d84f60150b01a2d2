package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatasetTest {

  private final Dataset birds =
      Dataset.of(
          "birds",
          List.of("crow", "gull", "wren"),
          List.of(image("a", 0), image("b", 2), image("c", 2), image("d", 1), image("e", 2)));

  @Test
  void countsImagesOfEachClass() {
    assertThat(birds.size()).isEqualTo(5);
    assertThat(birds.classCount()).isEqualTo(3);
    assertThat(birds.imageCounts()).containsExactly(1, 1, 3);
    assertThat(birds.labels()).containsExactly(0, 2, 2, 1, 2);
  }

  @Test
  void selectedClassesAreRelabelledByTheirPlaceInTheSelection() {
    Dataset selected = birds.selectClasses("two", new int[] {2, 0});

    assertThat(selected.name()).isEqualTo("two");
    assertThat(selected.classNames()).containsExactly("wren", "crow");
    assertThat(selected.images())
        .containsExactly(image("a", 1), image("b", 0), image("c", 0), image("e", 0));
  }

  @Test
  void joinedDataSetsKeepTheirClassesApart() {
    Dataset cars = Dataset.of("cars", List.of("van", "crow"), List.of(image("f", 1)));

    Dataset both = Dataset.concat("both", List.of(birds, cars));

    assertThat(both.classNames())
        .containsExactly("birds/crow", "birds/gull", "birds/wren", "cars/van", "cars/crow");
    assertThat(both.imageCounts()).containsExactly(1, 1, 3, 0, 1);
    assertThat(both.images()).endsWith(image("f", 4)).hasSize(6);
    assertThatIllegalArgumentException().isThrownBy(() -> Dataset.concat("none", List.of()));
  }

  @Test
  void joinedDomainsJoinBothOfTheirParts() {
    DatasetSplits domain = new DatasetSplits("birds", birds, birds);

    DatasetSplits joined = DatasetSplits.concat(List.of(domain, domain));

    assertThat(joined.name()).isEqualTo("birds + birds");
    assertThat(joined.train().size()).isEqualTo(10);
    assertThat(joined.validation().classCount()).isEqualTo(6);
    assertThat(DatasetSplits.concat(List.of(domain))).isSameAs(domain);
  }

  @Test
  void refusesSelectionsThatNameAClassTwiceOrNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> birds.selectClasses("x", new int[] {1, 1}))
        .withMessageContaining("class 1 of birds is selected twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> birds.selectClasses("x", new int[] {3}))
        .withMessageContaining("classes 0 to 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> birds.selectClasses("x", new int[0]))
        .withMessageContaining("no classes");
  }

  @Test
  void refusesALabelWithoutClass() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.of("x", List.of("only"), List.of(image("a", 1))))
        .withMessageContaining("label 1 of a");
    assertThatIllegalArgumentException().isThrownBy(() -> image("a", -1));
  }

  @Test
  void laterChangesOfWhatItWasMadeFromDoNotReachIt() {
    List<LabeledImage> images = new ArrayList<>(List.of(image("a", 0)));
    Dataset dataset = Dataset.of("x", List.of("only"), images);
    images.add(image("b", 0));
    dataset.imageCounts()[0] = 99;

    assertThat(dataset.size()).isEqualTo(1);
    assertThat(dataset.imageCounts()).containsExactly(1);
  }

  @Test
  void splitsShareTheirClasses() {
    Dataset other = Dataset.of("other", List.of("crow", "gull"), List.of());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DatasetSplits("mixed", birds, other))
        .withMessageContaining("not the same");
    assertThat(new DatasetSplits("birds", birds, birds).selectClasses("w", new int[] {2}).train())
        .hasToString("w (3 images of 1 classes)");
  }

  private static LabeledImage image(String path, int label) {
    return new LabeledImage(Path.of(path), label);
  }
}
