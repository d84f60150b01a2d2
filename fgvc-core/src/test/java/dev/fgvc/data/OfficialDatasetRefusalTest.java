package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import us.hebi.matlab.mat.types.Array;

/** Layouts that are not whole, contradict themselves or mean harm. */
class OfficialDatasetRefusalTest {

  @TempDir Path folder;

  private interface Layout {
    Miniature in(Path root);
  }

  private static Arguments layout(OfficialDataset dataset, Layout layout, String... lists) {
    return Arguments.of(dataset, layout, List.of(lists));
  }

  static Stream<Arguments> layouts() {
    return Stream.of(
        layout(
            OfficialDataset.CUB_200_2011,
            Miniature::birds,
            "images.txt",
            "classes.txt",
            "image_class_labels.txt",
            "train_test_split.txt"),
        layout(
            OfficialDataset.FGVC_AIRCRAFT,
            Miniature::aircraft,
            "data/variants.txt",
            "data/images_variant_trainval.txt",
            "data/images_variant_test.txt"),
        layout(
            OfficialDataset.FOOD_101,
            Miniature::food,
            "meta/classes.txt",
            "meta/train.txt",
            "meta/test.txt"),
        layout(OfficialDataset.FLOWERS_102, Miniature::flowers, "imagelabels.mat", "setid.mat"),
        layout(OfficialDataset.STANFORD_DOGS, Miniature::dogs, "train_list.mat", "test_list.mat"),
        layout(
            OfficialDataset.STANFORD_CARS,
            Miniature::carsWithDevkit,
            "devkit/cars_meta.mat",
            "devkit/cars_train_annos.mat",
            "cars_test_annos_withlabels.mat"),
        layout(
            OfficialDataset.INATURALIST_2017,
            root -> Miniature.iNaturalist(root, 3, 3),
            "train2017.json",
            "val2017.json"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layouts")
  void namesTheListThatIsMissingAFolderOrEmpty(
      OfficialDataset dataset, Layout layout, List<String> lists) throws IOException {
    layout.in(folder);
    dataset.read(folder);
    for (String list : lists) {
      Path file = folder.resolve(list);
      String name = file.getFileName().toString();
      byte[] content = Files.readAllBytes(file);
      Files.write(file, new byte[0]);
      assertRefused(dataset).hasMessageContaining(name);
      Files.delete(file);
      assertRefused(dataset).hasMessageContaining(name).hasMessageContaining("found none");
      Files.createDirectory(file);
      assertRefused(dataset).hasMessageContaining(name).hasMessageContaining("found none");
      Files.delete(file);
      Files.write(file, content);
    }
    dataset.read(folder);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layouts")
  void namesTheImageThatIsMissingAFolderOrALinkToElsewhere(
      OfficialDataset dataset, Layout layout, List<String> lists) throws IOException {
    layout.in(folder.resolve("root"));
    List<Path> photos;
    try (Stream<Path> files = Files.walk(folder)) {
      photos = files.filter(file -> file.toString().endsWith(".jpg")).sorted().toList();
    }
    Path outside = Files.createFile(folder.resolve("outside.jpg"));
    for (Path photo : List.of(photos.get(0), photos.get(photos.size() - 1))) {
      String name = photo.getFileName().toString();
      Files.delete(photo);
      assertRefused(dataset, "root")
          .hasMessageContaining("found nothing at")
          .hasMessageContaining(name);
      Files.createDirectory(photo);
      assertRefused(dataset, "root")
          .hasMessageContaining("is something else")
          .hasMessageContaining(name);
      Files.delete(photo);
      Files.createSymbolicLink(photo, outside);
      assertRefused(dataset, "root")
          .hasMessageContaining("as a link to")
          .hasMessageContaining(name);
      Files.delete(photo);
      Files.createFile(photo);
    }
    dataset.read(folder.resolve("root"));
  }

  @Test
  void refusesPathsThatLeaveTheRootInEachLayout() throws IOException {
    Files.createFile(folder.resolve("x.jpg"));
    String absolute = folder.resolve("x").toAbsolutePath().toString();
    for (String path : List.of("../../x", "../../../x", absolute, "a/../../../x")) {
      Miniature.birds(folder.resolve("birds"))
          .lines("images.txt", "1 " + path + ".jpg", "x2 001.Albatross/b c.jpg", "3 9.Wren/d.jpg");
      assertRefused(OfficialDataset.NABIRDS, "birds").hasMessageContaining("a path below");
      Miniature.aircraft(folder.resolve("aircraft"))
          .lines("data/images_variant_test.txt", path.replace(' ', '_') + " 707-320");
      assertRefused(OfficialDataset.FGVC_AIRCRAFT, "aircraft").hasMessageContaining("a path below");
      Miniature.dogs(folder.resolve("dogs"))
          .mat("test_list.mat", Miniature.dogList(List.of(path + ".jpg"), Miniature.column(3)));
      assertRefused(OfficialDataset.STANFORD_DOGS, "dogs").hasMessageContaining("a path below");
      carWith(path + ".jpg", 1, 1);
      assertRefused(OfficialDataset.STANFORD_CARS, "cars").hasMessageContaining("a path below");
      Miniature iNaturalist = Miniature.iNaturalist(folder.resolve("inat"), 1);
      replace(iNaturalist.path("val2017.json"), "train_val_images/10/2.jpg", path + ".jpg");
      assertRefused(OfficialDataset.INATURALIST_2017, "inat").hasMessageContaining("a path below");
    }
    Miniature.food(folder.resolve("food")).lines("meta/test.txt", "waffles/../../../x");
    assertRefused(OfficialDataset.FOOD_101, "food").hasMessageContaining("a path below");
    Miniature.imageNet(folder.resolve("net")).lines(ImageNet.VALIDATION_LIST, "../../x.jpg n01");
    assertRefused(OfficialDataset.IMAGENET, "net").hasMessageContaining("a path below");
  }

  @Test
  void refusesAnImageThatComesTwice() {
    Miniature.birds(folder.resolve("birds"))
        .lines("images.txt", "1 9.Wren/d.jpg", "x2 001.Albatross/b c.jpg", "3 9.Wren/d.jpg");
    assertRefused(OfficialDataset.NABIRDS, "birds")
        .hasMessageContaining("images.txt, line 3: expected each image once");
    Miniature.food(folder.resolve("food")).lines("meta/test.txt", "waffles/7");
    assertRefused(OfficialDataset.FOOD_101, "food")
        .hasMessageContaining("test.txt, line 1: expected each image once");
    Miniature.flowers(folder.resolve("flowers"))
        .mat(
            "setid.mat",
            Map.of(
                "trnid", Miniature.row(2, 5),
                "valid", Miniature.row(1),
                "tstid", Miniature.row(5)));
    assertRefused(OfficialDataset.FLOWERS_102, "flowers")
        .hasMessageContaining("setid.mat, entry 1 of tstid: expected each image once");
  }

  @Test
  void refusesLabelsWithoutAClass() {
    Miniature.birds(folder.resolve("birds")).lines("image_class_labels.txt", "1 1", "3 10", "x2 1");
    assertRefused(OfficialDataset.NABIRDS, "birds").hasMessageContaining("a line for 10");
    Miniature.birds(folder.resolve("birds"))
        .lines("image_class_labels.txt", "1 1", "3 nine", "x2 1");
    assertRefused(OfficialDataset.NABIRDS, "birds")
        .hasMessageContaining("line 2: expected a whole number, found \"nine\"");
    Miniature.aircraft(folder.resolve("aircraft"))
        .lines("data/images_variant_test.txt", "0002 A380");
    assertRefused(OfficialDataset.FGVC_AIRCRAFT, "aircraft")
        .hasMessageContaining("expected a variant of variants.txt, found \"A380\"");
    Miniature.food(folder.resolve("food")).lines("meta/test.txt", "baklava/1");
    assertRefused(OfficialDataset.FOOD_101, "food").hasMessageContaining("a class of classes.txt");
    Miniature.imageNet(folder.resolve("net")).lines(ImageNet.VALIDATION_LIST, "n01", "n03");
    assertRefused(OfficialDataset.IMAGENET, "net")
        .hasMessageContaining("line 2: expected a synset of train/, found \"n03\"");
    Miniature.imageNet(folder.resolve("net")).lines(ImageNet.VALIDATION_LIST, "n01");
    assertRefused(OfficialDataset.IMAGENET, "net").hasMessageContaining("a line for each of 2");
    Miniature.dogs(folder.resolve("dogs"))
        .mat("test_list.mat", Miniature.dogList(List.of("x/c.jpg"), Miniature.column(7)));
    assertRefused(OfficialDataset.STANFORD_DOGS, "dogs").hasMessageContaining("without gaps");
    for (double label : new double[] {0, 3, -1, 1e9, Double.NaN, 1.5}) {
      carWith("car_ims/000003.jpg", label, 1);
      assertRefused(OfficialDataset.STANFORD_CARS, "cars").hasMessageContaining("expected");
    }
    carWith("car_ims/000003.jpg", 3, 1);
    assertRefused(OfficialDataset.STANFORD_CARS, "cars")
        .hasMessageContaining("cars_annos.mat, entry 3: expected one of 2 classes, found number 3");
    Miniature.flowers(folder.resolve("flowers"))
        .mat("imagelabels.mat", Map.of("labels", Miniature.row(1, 2, 2, 0, 3)));
    assertRefused(OfficialDataset.FLOWERS_102, "flowers")
        .hasMessageContaining(
            "setid.mat, entry 2 of tstid: expected one of 3 classes, found number 0");
  }

  @Test
  void refusesListsOfImagesThatWereCutOff() {
    Miniature.birds(folder.resolve("birds"))
        .lines("images.txt", "1 001.Albatross/a.jpg", "3 9.Wren/d.jpg");
    assertRefused(OfficialDataset.CUB_200_2011, "birds")
        .hasMessageContaining("image_class_labels.txt, line 3")
        .hasMessageContaining("expected an image of images.txt, found x2");
    Miniature.birds(folder.resolve("birds"))
        .lines("train_test_split.txt", "1 1", "x2 0", "3 1", "x4 1");
    assertRefused(OfficialDataset.CUB_200_2011, "birds")
        .hasMessageContaining("train_test_split.txt, line 4");
  }

  @Test
  void refusesBoxesThatAreNone() {
    Miniature.birds(folder.resolve("birds"))
        .lines("bounding_boxes.txt", "1 1 2 3 -4", "x2 1 2 3 4", "3 5 6 7 8");
    assertRefused(OfficialDataset.NABIRDS, "birds").hasMessageContaining("line 1");
    Miniature.aircraft(folder.resolve("aircraft")).lines("data/images_box.txt", "0001 9 4 2 24");
    assertRefused(OfficialDataset.FGVC_AIRCRAFT, "aircraft").hasMessageContaining("two corners");
    carWith("car_ims/000003.jpg", 1, -500);
    assertRefused(OfficialDataset.STANFORD_CARS, "cars").hasMessageContaining("annotation 3");
  }

  @Test
  void refusesMatlabFilesWithOtherVariables() {
    Map<String, Map<String, Array>> wrong =
        Map.of(
            "expected a variable labels, found none", Map.of("label", Miniature.row(1)),
            "expected labels to be a Matrix", Map.of("labels", Miniature.carNames()),
            "expected whole numbers in labels", Map.of("labels", Miniature.column(1, 2.5)));
    Miniature flowers = Miniature.flowers(folder);
    wrong.forEach(
        (message, variables) -> {
          flowers.mat("imagelabels.mat", variables);
          assertRefused(OfficialDataset.FLOWERS_102)
              .hasMessageContaining(message)
              .hasMessageContaining("imagelabels.mat");
        });
  }

  @Test
  void refusesMatlabNumbersThatTheirReaderMistakes() {
    var huge =
        us.hebi.matlab.mat.format.Mat5.newMatrix(
            new int[] {1, 5}, us.hebi.matlab.mat.types.MatlabType.UInt64);
    huge.setLong(3, -1);
    Miniature flowers = Miniature.flowers(folder).mat("imagelabels.mat", Map.of("labels", huge));
    assertRefused(OfficialDataset.FLOWERS_102)
        .hasMessageContaining("imagelabels.mat")
        .hasMessageContaining("below 2^53 in labels, found 18446744073709551615");
    flowers.mat("imagelabels.mat", Map.of("labels", Miniature.column(1, 2, 2, 1, 0x1p53)));
    assertRefused(OfficialDataset.FLOWERS_102)
        .hasMessageContaining("below 2^53 in labels, found 9007199254740992");
  }

  @Test
  void refusesSparseMatlabArrays() throws IOException {
    Path file = Miniature.flowers(folder).path("imagelabels.mat");
    ByteBuffer sparse = ByteBuffer.allocate(120).order(ByteOrder.LITTLE_ENDIAN);
    sparse.putInt(14).putInt(112);
    sparse.putInt(6).putInt(8).putInt(5).putInt(2); // a sparse array with room for two values
    sparse.putInt(5).putInt(8).putInt(1).putInt(3);
    sparse.putInt(1).putInt(6).put("labels\0\0".getBytes(StandardCharsets.US_ASCII));
    sparse.putInt(5).putInt(8).putInt(0).putInt(0); // rows
    sparse.putInt(5).putInt(16).putInt(0).putInt(1).putInt(1).putInt(2); // where columns start
    sparse.putInt(9).putInt(16).putDouble(1).putDouble(2);
    Files.write(file, header(sparse));
    assertRefused(OfficialDataset.FLOWERS_102)
        .hasMessageContaining("imagelabels.mat")
        .hasMessageContaining("expected a full array in labels, found a sparse one: save full(");
  }

  @Test
  void jsonNumbersBeyondWhatDoublesHoldAreRefused() throws IOException {
    Miniature inat = Miniature.iNaturalist(folder, 1);
    replace(inat.path("val2017.json"), "\"category_id\": 10", "\"category_id\": 9007199254740993");
    assertRefused(OfficialDataset.INATURALIST_2017)
        .hasMessageContaining("val2017.json")
        .hasMessageContaining("2^53 - 1")
        .hasMessageContaining("9007199254740993");
  }

  @Test
  void damagedMatlabFilesAreRefusedOrReadButNeverWorse() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed of the damaged MATLAB files: " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Miniature cars = Miniature.cars(folder);
    Path file = cars.path("cars_annos.mat");
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < 600; i++) {
      byte[] damaged =
          i % 2 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      for (int k = 0; i % 2 == 1 && k <= i / 100; k++) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, damaged);
      try {
        OfficialDataset.STANFORD_CARS.read(folder);
        assertThat(i % 2).as("file %d of seed %d: cut, but read", i, seed).isEqualTo(1);
      } catch (DatasetFormatException e) {
        // The file, or the folder where what it says contradicts itself.
        assertThat(e).hasMessageStartingWith(folder.toString());
      } catch (RuntimeException e) {
        throw new AssertionError("file " + i + " of seed " + seed, e);
      }
    }
  }

  @Test
  void refusesDeclaredSizesWithoutTakingTheMemory() throws IOException {
    Path file = Miniature.dogs(folder).path("train_list.mat");
    int[][] hostile = {
      // Class (6 double, 1 cell, 2 struct, 4 char), rows, columns.
      {6, 1, 250_000_000},
      {6, 1 << 16, 1 << 16},
      {6, -1, 5},
      {1, 1, 250_000_000},
      {1, 1 << 15, 1 << 16},
      {1, 1 << 16, 1 << 16},
      {2, 1, 250_000_000},
      {4, 1, 2_000_000_000},
      {1, -1, 5},
      {1, 0, Integer.MAX_VALUE}
    };
    for (int[] each : hostile) {
      Files.write(file, header(matrix(each[0], each[1], each[2])));
      long before = allocated();
      assertRefused(OfficialDataset.STANFORD_DOGS).hasMessageContaining("train_list.mat");
      assertThat(allocated() - before).as(Arrays.toString(each)).isLessThan(100 << 20);
    }
  }

  @Test
  void refusesHostileSizesInsideAnArray() throws IOException {
    Path file = Miniature.dogs(folder).path("train_list.mat");
    // Where the sizes of the flags, the dimensions, the name and the values stand.
    for (int place : new int[] {4, 12, 28, 44, 60}) {
      for (int size : new int[] {1_600_000_000, Integer.MAX_VALUE, -8, 1 << 27}) {
        ByteBuffer array = matrix(6, 1, 1);
        array.putInt(place, size);
        for (ByteBuffer entry : List.of(array, compressed(array.array(), 0))) {
          Files.write(file, header(entry));
          long before = allocated();
          assertRefused(OfficialDataset.STANFORD_DOGS).hasMessageContaining("train_list.mat");
          assertThat(allocated() - before).as(place + ": " + size).isLessThan(100 << 20);
        }
      }
    }
  }

  @Test
  void refusesCompressedPartsThatGrowBeyondTheLimit() throws IOException {
    Path file = Miniature.flowers(folder).path("imagelabels.mat");
    int zeros = 80_000_000;
    ByteBuffer start = matrix(6, 1, zeros / 8);
    start.putInt(4, zeros + start.capacity() - 8).putInt(start.capacity() - 4, zeros);
    Files.write(file, header(compressed(start.array(), zeros)));

    long before = allocated();
    assertRefused(OfficialDataset.FLOWERS_102).hasMessageContaining("are left");
    assertThat(allocated() - before).isLessThan(100 << 20);
  }

  @Test
  void refusesFilesThatAreLargerThanAnyOfTheirKind() throws IOException {
    Path file = Miniature.flowers(folder).path("imagelabels.mat");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(MatFile.MAX_BYTES + 1);
    }
    assertRefused(OfficialDataset.FLOWERS_102).hasMessageContaining("expected at most");
  }

  /** A compressed part: some bytes, followed by zeros. */
  private static ByteBuffer compressed(byte[] start, int zeros) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(start);
      for (int written = 0; written < zeros; written += 1_000_000) {
        out.write(new byte[Math.min(1_000_000, zeros - written)]);
      }
    }
    ByteBuffer entry = ByteBuffer.allocate(8 + packed.size()).order(ByteOrder.LITTLE_ENDIAN);
    return entry.putInt(15).putInt(packed.size()).put(packed.toByteArray());
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static byte[] header(ByteBuffer entry) {
    ByteBuffer file = ByteBuffer.allocate(128 + entry.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    file.put("MATLAB 5.0 MAT-file".getBytes(StandardCharsets.US_ASCII));
    file.position(124).putShort((short) 0x0100).put((byte) 'I').put((byte) 'M');
    return file.put(entry.array()).array();
  }

  /** The start of an array called labels, as large as told, without what it holds. */
  private static ByteBuffer matrix(int type, int rows, int columns) {
    ByteBuffer start = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    start.putInt(14).putInt(56);
    start.putInt(6).putInt(8).putInt(type).putInt(0);
    start.putInt(5).putInt(8).putInt(rows).putInt(columns);
    start.putInt(1).putInt(6).put("labels\0\0".getBytes(StandardCharsets.US_ASCII));
    return start.putInt(9).putInt(0);
  }

  @Test
  void refusesAListThatIsNoText() throws IOException {
    Miniature food = Miniature.food(folder);
    Files.write(food.path("meta/test.txt"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertRefused(OfficialDataset.FOOD_101).hasMessageContaining("expected UTF-8 text");
    food.lines("meta/test.txt", "apple_pie/2", "");
    assertRefused(OfficialDataset.FOOD_101).hasMessageContaining("line 2");
  }

  @Test
  void refusesATrainingClassWithoutImages() {
    Miniature.food(folder).lines("meta/train.txt", "waffles/7");
    assertRefused(OfficialDataset.FOOD_101).hasMessageContaining("none of class 0, apple_pie");
  }

  @Test
  void refusesAFolderLinkThatLeavesTheRoot() throws IOException {
    Miniature birds = Miniature.birds(folder.resolve("birds"));
    Path inside = birds.path("images/9.Wren");
    Path outside = folder.resolve("elsewhere");
    Files.move(inside, outside);
    assumeTrue(Files.isSymbolicLink(Files.createSymbolicLink(inside, outside)));
    assertRefused(OfficialDataset.NABIRDS, "birds").hasMessageContaining("as a link to");
  }

  private void carWith(String file, double label, double right) {
    Miniature.carPhotos(folder.resolve("cars"))
        .mat(
            "cars_annos.mat",
            Map.of(
                "class_names",
                Miniature.carNames(),
                "annotations",
                Miniature.annotations(
                    "relative_im_path",
                    new Miniature.Car("car_ims/000001.jpg", 1, 1, 2, 2, 1, 0),
                    new Miniature.Car("car_ims/000002.jpg", 1, 1, 2, 2, 2, 0),
                    new Miniature.Car(file, 1, 1, right, 2, label, 1))));
  }

  private static void replace(Path file, String text, String by) throws IOException {
    String content = Files.readString(file);
    assertThat(content).contains(text);
    Files.writeString(file, content.replace(text, by));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(OfficialDataset dataset) {
    return assertRefused(dataset, "");
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      OfficialDataset dataset, String root) {
    return assertThatThrownBy(() -> dataset.read(folder.resolve(root)))
        .isInstanceOf(DatasetFormatException.class);
  }
}
