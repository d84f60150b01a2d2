package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.MutationFuzzer;
import dev.fgvc.testing.MutationFuzzer.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged lists, MATLAB files and annotations are read or refused, whatever they claim. */
class DatasetFuzzTest {

  private static final int FILES = MutationFuzzer.files(150);

  private static final String[] WORDS = {
    "\"id\": ",
    "\"images\": [",
    "\"annotations\"",
    "\"categories\"",
    "\"file_name\": \"a\"",
    "\"image_id\"",
    "\"category_id\"",
    "labels",
    "MI",
    "IM",
    "001.Albatross",
    "a/1.jpg: 0",
    "\uFFFE"
  };

  @TempDir Path folder;

  private interface Layout {
    Miniature in(Path root);
  }

  private static Stream<Arguments> each(OfficialDataset dataset, Layout layout, String... files) {
    return Stream.of(files).map(file -> Arguments.of(dataset, layout, file));
  }

  static Stream<Arguments> files() {
    return Stream.of(
            each(
                OfficialDataset.CUB_200_2011,
                Miniature::birds,
                "images.txt",
                "classes.txt",
                "image_class_labels.txt",
                "train_test_split.txt",
                "bounding_boxes.txt"),
            each(
                OfficialDataset.FGVC_AIRCRAFT,
                Miniature::aircraft,
                "data/variants.txt",
                "data/images_variant_trainval.txt",
                "data/images_box.txt"),
            each(OfficialDataset.FOOD_101, Miniature::food, "meta/classes.txt", "meta/train.txt"),
            each(OfficialDataset.IMAGENET, Miniature::imageNet, ImageNet.VALIDATION_LIST),
            each(OfficialDataset.FLOWERS_102, Miniature::flowers, "imagelabels.mat", "setid.mat"),
            each(OfficialDataset.STANFORD_DOGS, Miniature::dogs, "train_list.mat"),
            each(OfficialDataset.STANFORD_CARS, Miniature::cars, "cars_annos.mat"),
            each(
                OfficialDataset.STANFORD_CARS,
                Miniature::carsWithDevkit,
                "devkit/cars_meta.mat",
                "devkit/cars_train_annos.mat"),
            each(
                OfficialDataset.INATURALIST_2017,
                root -> Miniature.iNaturalist(root, 3, 3).lines("inat_minival.txt", minival()),
                "train2017.json",
                "val2017.json",
                "inat_minival.txt"))
        .flatMap(all -> all);
  }

  private static String minival() {
    return "train_val_images/20/2.jpg";
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("files")
  void damagedFilesOfOfficialLayouts(OfficialDataset dataset, Layout layout, String name)
      throws IOException {
    Miniature miniature = layout.in(folder);
    byte[] whole = Files.readAllBytes(miniature.path(name));
    List<byte[]> samples = new ArrayList<>(List.of(whole));
    if (!name.endsWith(".mat")) {
      String text = "\uFEFF" + new String(whole, StandardCharsets.UTF_8).replace("\n", "\r\n");
      samples.add(text.getBytes(StandardCharsets.UTF_16LE));
    }
    check(
        MutationFuzzer.of(miniature.path(name), file -> dataset.read(folder))
            .naming(folder)
            .allowing(DatasetFormatException.class)
            .withWords(WORDS)
            .run(samples, FILES));
  }

  @Test
  void damagedCategoriesBesideTheLists() throws IOException {
    Path file =
        INaturalistTest.year2018(folder)
            .write("categories.json", INaturalistTest.categoriesOf2018())
            .path("categories.json");
    check(
        MutationFuzzer.of(file, path -> INaturalist.YEAR_2018.read(folder))
            .naming(folder)
            .allowing(DatasetFormatException.class)
            .withWords("\"id\": 1", "\"kingdom\": \"a\"", "\"genus\"", "\"name\": null", "[", "{")
            .run(List.of(Files.readAllBytes(file)), FILES));
  }

  @Test
  void damagedLists() throws IOException {
    Miniature pets =
        new Miniature(folder)
            .photos("ant/1.jpg", "ant/2.jpg", "bee/1.jpg")
            .lines("train.txt", "ant/1.jpg: 0", "bee/1.jpg: 1")
            .lines("val.txt", "ant/2.jpg: 0");
    for (String name : List.of("train.txt", "val.txt")) {
      byte[] whole = Files.readAllBytes(pets.path(name));
      check(
          MutationFuzzer.of(pets.path(name), file -> DatasetFolder.read(folder))
              .allowing(DatasetFormatException.class)
              .withWords(WORDS)
              .run(List.of(whole), FILES));
      Files.write(pets.path(name), whole);
    }
  }

  private static void check(Outcome outcome) {
    assertThat(outcome.read()).as(outcome.toString()).isPositive();
    assertThat(outcome.refused()).as(outcome.toString()).isNotEmpty();
  }
}
