package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each official layout on a miniature of it. */
@InOtherLocales
class OfficialDatasetTest {

  @TempDir Path folder;

  @Test
  void imageNetTakesTheValidationFilesInAlphabeticalOrder() throws IOException {
    Miniature.imageNet(folder);
    DatasetSplits flat = OfficialDataset.IMAGENET.read(folder);

    assertThat(flat.name()).isEqualTo("ImageNet");
    assertThat(flat.train().classNames()).containsExactly("n01", "n02");
    assertImages(flat.train(), "train/n01/a.JPEG 0", "train/n01/c.JPEG 0", "train/n02/b.JPEG 1");
    assertImages(
        flat.validation(),
        "val/ILSVRC2012_val_00000001.JPEG 1",
        "val/ILSVRC2012_val_00000002.JPEG 0");
  }

  @Test
  void imageNetTakesAListWithNamesAndSynsetFoldersToo() throws IOException {
    Miniature.imageNet(folder)
        .lines(
            ImageNet.VALIDATION_LIST,
            "ILSVRC2012_val_00000002.JPEG n02",
            "ILSVRC2012_val_00000001.JPEG n01");
    assertImages(
        OfficialDataset.IMAGENET.read(folder).validation(),
        "val/ILSVRC2012_val_00000002.JPEG 1",
        "val/ILSVRC2012_val_00000001.JPEG 0");

    Path sorted = folder.resolve("sorted");
    new Miniature(sorted)
        .photos("train/n01/a.JPEG", "train/n02/b.JPEG", "val/n01/c.JPEG", "val/n02/d.JPEG");
    assertThat(OfficialDataset.IMAGENET.read(sorted).validation().labels()).containsExactly(0, 1);
  }

  @Test
  void birdsAreJoinedByTheirIdentifiersAndOnlyUsedNumbersAreClasses() throws IOException {
    Miniature.birds(folder);
    DatasetSplits birds = OfficialDataset.NABIRDS.read(folder);

    assertThat(birds.train().classNames()).containsExactly("001.Albatross", "9.Wren, male");
    assertImages(birds.train(), "images/001.Albatross/a.jpg 0", "images/9.Wren/d.jpg 1");
    assertImages(birds.validation(), "images/001.Albatross/b c.jpg 0");
    assertThat(birds.train().images().get(0).box()).contains(new BoundingBox(60, 27, 325.5f, 304));
    Files.delete(folder.resolve("bounding_boxes.txt"));
    assertThat(OfficialDataset.CUB_200_2011.read(folder).train().images().get(0).box()).isEmpty();
  }

  @Test
  void aircraftAreNamedByVariantAndTheirBoxesCountFromOne() throws IOException {
    Miniature.aircraft(folder);
    DatasetSplits aircraft = OfficialDataset.FGVC_AIRCRAFT.read(folder);

    assertThat(aircraft.train().classNames()).containsExactly("707-320", "DHC-8-100 B");
    assertImages(aircraft.train(), "data/images/0001.jpg 0", "data/images/0003.jpg 1");
    assertImages(aircraft.validation(), "data/images/0002.jpg 1");
    assertThat(aircraft.train().images().get(0).box()).contains(new BoundingBox(2, 3, 10, 21));
    assertThat(aircraft.validation().images().get(0).box()).contains(new BoundingBox(0, 0, 1, 1));
  }

  @Test
  void foodHasItsClassesInTheOrderOfTheirList() throws IOException {
    Miniature.food(folder);
    DatasetSplits food = OfficialDataset.FOOD_101.read(folder);

    assertThat(food.train().classNames()).containsExactly("apple_pie", "waffles");
    assertImages(food.train(), "images/waffles/7.jpg 1", "images/apple_pie/1.jpg 0");
    assertImages(food.validation(), "images/apple_pie/2.jpg 0");
  }

  @Test
  void flowersAreReadFromMatlabFiles() throws IOException {
    assertFlowers(Miniature.flowers(folder));
  }

  @Test
  void flowersOfAnotherWriterAreReadToo() throws IOException {
    Miniature flowers = Miniature.flowers(folder);
    copyOfScipy("imagelabels.mat", folder);
    copyOfScipy("setid.mat", folder);
    assertFlowers(flowers);
  }

  private static void assertFlowers(Miniature miniature) throws IOException {
    DatasetSplits flowers = OfficialDataset.FLOWERS_102.read(miniature.root());
    assertThat(flowers.train().classNames()).containsExactly("1", "2", "3");
    assertThat(relative(miniature.root(), flowers.train()))
        .containsExactly("jpg/image_00002.jpg 1", "jpg/image_00005.jpg 2", "jpg/image_00001.jpg 0");
    assertThat(relative(miniature.root(), flowers.validation()))
        .containsExactly("jpg/image_00003.jpg 1", "jpg/image_00004.jpg 0");
  }

  @Test
  void dogsAreNamedByTheirFolders() throws IOException {
    assertDogs(Miniature.dogs(folder));
  }

  @Test
  void dogsOfAnotherWriterAreReadToo() throws IOException {
    Miniature dogs = Miniature.dogs(folder);
    copyOfScipy("train_list.mat", folder);
    assertDogs(dogs);
  }

  private void assertDogs(Miniature miniature) throws IOException {
    DatasetSplits dogs = OfficialDataset.STANFORD_DOGS.read(miniature.root());
    assertThat(dogs.train().classNames())
        .containsExactly("n02085620-Chihuahua", "n02099712-Labrador");
    assertImages(
        dogs.train(), "Images/n02085620-Chihuahua/a.jpg 0", "Images/n02099712-Labrador/b.jpg 1");
    assertImages(dogs.validation(), "Images/n02085620-Chihuahua/c.jpg 0");
  }

  @Test
  void carsAreReadFromTheirSingleList() throws IOException {
    assertCars(Miniature.cars(folder));
  }

  @Test
  void carsOfAnotherWriterAreReadToo() throws IOException {
    Miniature cars = Miniature.carPhotos(folder);
    copyOfScipy("cars_annos.mat", folder);
    assertCars(cars);
  }

  private void assertCars(Miniature miniature) throws IOException {
    DatasetSplits cars = OfficialDataset.STANFORD_CARS.read(miniature.root());
    assertThat(cars.train().classNames())
        .containsExactly("AM General Hummer SUV 2000", "Volvo C30 Hatchback 2012");
    assertImages(cars.train(), "car_ims/000001.jpg 0", "car_ims/000002.jpg 1");
    assertImages(cars.validation(), "car_ims/000003.jpg 0");
    assertThat(cars.train().images().get(0).box()).contains(new BoundingBox(111, 6, 742, 711));
  }

  @Test
  void carsAreReadFromTheDevkitWhereverTheTestListLies() throws IOException {
    Miniature.carsWithDevkit(folder);
    DatasetSplits cars = OfficialDataset.STANFORD_CARS.read(folder);

    assertThat(cars.classCount()).isEqualTo(2);
    assertImages(cars.train(), "cars_train/00001.jpg 1", "cars_train/00002.jpg 0");
    assertImages(cars.validation(), "cars_test/00001.jpg 0");
    assertThat(cars.validation().images().get(0).box()).contains(new BoundingBox(6, 3, 271, 177));
    Files.move(
        folder.resolve("cars_test_annos_withlabels.mat"),
        folder.resolve("devkit/cars_test_annos_withlabels.mat"));
    DatasetSplits moved = OfficialDataset.STANFORD_CARS.read(folder);
    assertThat(moved.validation().images()).isEqualTo(cars.validation().images());
  }

  @Test
  void aMiniatureIsNotThePapersAndTheReportNamesTheSizesThatDiffer() throws IOException {
    Miniature.food(folder);
    DatasetSplits food = OfficialDataset.FOOD_101.read(folder);
    var report = OfficialDataset.FOOD_101.verifyAgainstPaper(food);

    assertThat(report.matches()).isFalse();
    assertThat(report.toString().lines())
        .containsExactly(
            "Food-101 is not the paper's:",
            "  classes: expected 101, found 2",
            "  training images: expected 75750, found 2",
            "  validation images: expected 25250, found 1");
  }

  @Test
  void aSizeThatIsThePapersIsNotComplainedAbout() {
    List<LabeledImage> images = List.of(new LabeledImage(Path.of("a"), 101));
    List<String> names = IntStream.range(0, 102).mapToObj(Integer::toString).toList();
    Dataset one = Dataset.of("one", names, images);
    Dataset train = one.selectImages("train", new int[2_040]);
    Dataset test = one.selectImages("test", new int[6_149]);
    DatasetSplits whole = new DatasetSplits("flowers", train, test);
    DatasetSplits lacking = new DatasetSplits("flowers", train, train);

    assertThat(OfficialDataset.FLOWERS_102.verifyAgainstPaper(whole).matches()).isTrue();
    assertThat(OfficialDataset.FLOWERS_102.verifyAgainstPaper(whole).toString())
        .endsWith("as in the paper");
    assertThat(OfficialDataset.FLOWERS_102.verifyAgainstPaper(lacking).toString().lines())
        .containsExactly(
            "Flowers-102 is not the paper's:", "  validation images: expected 6149, found 2040");
  }

  @Test
  void sizesOfTheTargetsAddUpToAllTheirPublishedImages() {
    // From the data sets' own pages; table 2 has the parts.
    Map.of(
            OfficialDataset.FLOWERS_102, 8_189,
            OfficialDataset.CUB_200_2011, 11_788,
            OfficialDataset.FGVC_AIRCRAFT, 10_000,
            OfficialDataset.STANFORD_CARS, 16_185,
            OfficialDataset.STANFORD_DOGS, 20_580,
            OfficialDataset.NABIRDS, 48_562,
            OfficialDataset.FOOD_101, 101_000,
            OfficialDataset.INATURALIST_2017, 675_170,
            OfficialDataset.IMAGENET, 1_331_167)
        .forEach(
            (dataset, images) -> {
              OfficialDataset.Sizes paper = dataset.paperSizes();
              assertThat(paper.train() + paper.validation()).as(dataset.name()).isEqualTo(images);
            });
  }

  /** Paths below the folder, each with its label. */
  private void assertImages(Dataset dataset, String... expected) {
    assertThat(relative(folder, dataset)).containsExactly(expected);
  }

  private static List<String> relative(Path root, Dataset dataset) {
    return dataset.images().stream()
        .map(
            image ->
                root.toAbsolutePath().relativize(image.path()).toString().replace('\\', '/')
                    + " "
                    + image.label())
        .toList();
  }

  /** Files that scipy.io.savemat wrote with do_compression=True. */
  private static void copyOfScipy(String name, Path folder) throws IOException {
    try (InputStream in = OfficialDatasetTest.class.getResourceAsStream("scipy-" + name)) {
      Files.write(folder.resolve(name), Optional.ofNullable(in).orElseThrow().readAllBytes());
    }
  }
}
