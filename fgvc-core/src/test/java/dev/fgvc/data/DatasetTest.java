package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.testing.InOtherLocales;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@InOtherLocales
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
  void partsAndJoinedSetsAreViewsThatGiveTheVeryPaths() {
    Dataset part = birds.selectClasses("part", new int[] {2});
    Dataset joined =
        Dataset.concat("joined", List.of(part, part.selectImages("x", new int[0]), birds));

    assertThat(part.path(1)).isSameAs(birds.path(2));
    assertThat(joined.path(2)).isSameAs(birds.path(4));
    assertThat(joined.images()).hasSize(8).endsWith(image("e", 4));
    assertThat(joined.labels()).containsExactly(0, 0, 0, 2, 4, 4, 3, 4);
    assertThatThrownBy(() -> joined.images().get(8)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> joined.images().remove(0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void someImagesKeepTheirClasses() {
    Dataset some = birds.selectImages("some", new int[] {4, 0});

    assertThat(some.images()).containsExactly(image("e", 2), image("a", 0));
    assertThat(some.imageCounts()).containsExactly(1, 0, 1);
    assertThatThrownBy(() -> birds.selectImages("x", new int[] {5}))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void boxesStayWithTheirImages() {
    BoundingBox box = new BoundingBox(1, 2, 30, 40.5f);
    LabeledImage boxed = new LabeledImage(Path.of("a"), 1, Optional.of(box));
    Dataset dataset = Dataset.of("x", List.of("no", "yes"), List.of(image("b", 0), boxed));

    assertThat(dataset.selectClasses("y", new int[] {1}).images())
        .containsExactly(new LabeledImage(Path.of("a"), 0, Optional.of(box)));
    assertThatIllegalArgumentException().isThrownBy(() -> new BoundingBox(0, 0, -1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> new BoundingBox(0, Float.NaN, 1, 5));
  }

  @Test
  void superCategoriesFollowTheirClasses() {
    Dataset grouped = birds.withSuperCategories(List.of("song", "sea", "song"));
    Dataset cars = Dataset.of("cars", List.of("van"), List.of(image("f", 0)));

    assertThat(birds.superCategories()).isEmpty();
    assertThat(grouped.classesOf("song")).containsExactly(0, 2);
    assertThat(grouped.selectClasses("x", new int[] {1, 0}).superCategories())
        .containsExactly("sea", "song");
    assertThat(Dataset.concat("all", List.of(cars, grouped)).superCategories())
        .containsExactly("cars", "song", "sea", "song");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> birds.withSuperCategories(List.of("song")))
        .withMessageContaining("1 super-categories for 3 classes");
  }

  @Test
  void selectingFromSevenHundredThousandImagesTakesFewBytesAnImage() {
    LabeledImage[] images = new LabeledImage[700_000];
    Path root = Path.of("train_val_images");
    Arrays.setAll(images, i -> new LabeledImage(root.resolve(i + ".jpg"), i % 5_000));
    List<String> names = IntStream.range(0, 5_000).mapToObj(Integer::toString).toList();
    Dataset large = Dataset.of("large", names, List.of(images));
    int[] classes = IntStream.range(0, 4_000).toArray();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getCurrentThreadAllocatedBytes();
    Dataset selected = large.selectClasses("selected", classes);
    Dataset joined = Dataset.concat("joined", List.of(selected, large));
    long taken = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(joined.size()).isEqualTo(1_260_000);
    assertThat(joined.path(560_000)).isSameAs(large.path(0));
    // Copies of the items alone would be 24 bytes for each of 1,820,000.
    assertThat(taken).as("bytes allocated").isLessThan(12_000_000);
  }

  @Test
  void theClassesOfTwoLargeDomainsMakeSixThousandAndEightyNine() {
    Dataset imageNet = oneImageOfEach("ImageNet", 1_000);
    Dataset iNaturalist = oneImageOfEach("iNaturalist", 5_089);

    Dataset both = Dataset.concat("both", List.of(imageNet, iNaturalist));

    assertThat(both.classCount()).isEqualTo(6_089);
    assertThat(both.labels()).containsExactly(IntStream.range(0, 6_089).toArray());
    assertThat(both.imageCounts()).containsOnly(1);
    assertThat(both.classNames().get(999)).isEqualTo("ImageNet/class 999");
    assertThat(both.classNames().get(1_000)).isEqualTo("iNaturalist/class 0");
    for (int i = 0; i < both.size(); i++) {
      Path original = i < 1_000 ? imageNet.path(i) : iNaturalist.path(i - 1_000);
      assertThat(both.path(i)).isSameAs(original);
      assertThat(both.images().get(i).path()).isSameAs(original);
    }
    // Selected from the joined domain: what section 4.2 does with 585 of them.
    int[] chosen = IntStream.range(0, 585).map(i -> 6_088 - 10 * i).toArray();
    Dataset subset = both.selectClasses("subset", chosen);
    assertThat(subset.classCount()).isEqualTo(585);
    for (int i = 0; i < subset.size(); i++) {
      LabeledImage image = subset.images().get(i);
      assertThat(image.path()).isSameAs(both.path(chosen[image.label()]));
    }
  }

  private static Dataset oneImageOfEach(String name, int classes) {
    return Dataset.of(
        name,
        IntStream.range(0, classes).mapToObj(i -> "class " + i).toList(),
        IntStream.range(0, classes).mapToObj(i -> image(name + "/" + i, i)).toList());
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
