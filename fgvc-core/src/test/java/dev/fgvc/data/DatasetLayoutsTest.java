package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layouts as users have them: lists over any folders, parts as folders, links, copies of copies.
 */
class DatasetLayoutsTest {

  @TempDir Path folder;

  private Miniature pets() {
    return new Miniature(folder.resolve("pets"));
  }

  @Test
  void labelsSayTheClassesOfListsOverAnyFolders() throws IOException {
    Miniature flat =
        pets()
            .photos("images/1.jpg", "images/2.jpg", "images/3.jpg", "images/4.jpg")
            .lines("train.txt", "images/1.jpg: 2", "images/2.jpg: 7", "images/3.jpg: 2")
            .lines("val.txt", "images/4.jpg: 7");

    DatasetSplits splits = DatasetFolder.read(flat.root());

    assertThat(splits.train().classNames()).containsExactly("2", "7");
    assertThat(splits.train().labels()).containsExactly(0, 1, 0);
    assertThat(splits.validation().labels()).containsExactly(1);
  }

  @Test
  void classesOfDeeperFoldersAreNamedByThem() throws IOException {
    Miniature deep =
        pets()
            .photos("train/ant/1.jpg", "train/bee/1.jpg", "val/ant/2.jpg")
            .lines("train.txt", "train/bee/1.jpg: 0", "train/ant/1.jpg: 1")
            .lines("val.txt", "val/ant/2.jpg: 1");

    DatasetSplits splits = DatasetFolder.read(deep.root());

    assertThat(splits.train().classNames()).containsExactly("bee", "ant");
    assertThat(splits.validation().imageCounts()).containsExactly(0, 1);
  }

  @Test
  void classFoldersMayBeNumberedInAnyOrderAndFromOne() throws IOException {
    Miniature domain =
        pets()
            .photos("ant/1.jpg", "bee/1.jpg", "cat/1.jpg", "bee/2.jpg")
            .lines("train.txt", "ant/1.jpg: 3", "bee/1.jpg: 1", "cat/1.jpg: 2")
            .lines("val.txt", "bee/2.jpg: 1");

    DatasetSplits splits = DatasetFolder.read(domain.root());

    assertThat(splits.train().classNames()).containsExactly("bee", "cat", "ant");
    assertThat(splits.train().labels()).containsExactly(2, 0, 1);
    assertThat(splits.validation().labels()).containsExactly(0);
  }

  @Test
  void refusesAValidationLabelThatWasNeverTrained() throws IOException {
    Miniature domain =
        pets()
            .photos("1.jpg", "2.jpg", "3.jpg")
            .lines("train.txt", "1.jpg: 0", "2.jpg: 1")
            .lines("val.txt", "3.jpg: 2");

    assertThatThrownBy(
            () ->
                ListFile.readSplits(
                    "pets", domain.path("train.txt"), domain.path("val.txt"), domain.root()))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("val.txt, line 1: expected a label of the training list, found 2");
  }

  @Test
  void oneReaderTakesPartsAsFolders() throws IOException {
    Miniature parts =
        pets()
            .photos("train/ant/1.jpg", "train/bee/1.jpg", "valid/ant/2.jpg")
            .photos("test/bee/3.jpg", "test/ant/3.jpg");

    Map<String, Dataset> all = ImageFolder.readParts(parts.root(), SymbolicLinks.WITHIN_ROOT);

    assertThat(all.keySet()).containsExactly("train", "val", "test");
    assertThat(all.get("val").imageCounts()).containsExactly(1, 0);
    assertThat(all.get("test").imageCounts()).containsExactly(1, 1);
    assertThat(ImageFolder.readSplits(parts.root()).validation().size()).isEqualTo(1);
    parts.photos("test/cat/1.jpg");
    assertThatThrownBy(() -> ImageFolder.readParts(parts.root(), SymbolicLinks.WITHIN_ROOT))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("expected a class of train, found \"cat\"");
    assertThatThrownBy(() -> ImageFolder.readSplits(parts.path("train")))
        .isInstanceOf(DatasetFormatException.class);
  }

  @Test
  void allReadersTakeAClassWithoutValidationPhotos() throws IOException {
    Miniature lists =
        pets()
            .photos("ant/1.jpg", "bee/1.jpg", "cat/1.jpg", "ant/2.jpg", "cat/2.jpg")
            .lines("train.txt", "ant/1.jpg: 0", "bee/1.jpg: 1", "cat/1.jpg: 2")
            .lines("val.txt", "ant/2.jpg: 0", "cat/2.jpg: 2");
    Miniature net =
        new Miniature(folder.resolve("net"))
            .photos("train/n1/1.JPEG", "train/n2/1.JPEG", "val/n1/2.JPEG");
    Miniature.birds(folder.resolve("birds")).lines("train_test_split.txt", "1 1", "x2 0", "3 1");
    Miniature.food(folder.resolve("food"));
    Miniature.aircraft(folder.resolve("aircraft"));

    assertThat(DatasetFolder.read(lists.root()).validation().imageCounts())
        .containsExactly(1, 0, 1);
    for (boolean empty : new boolean[] {false, true}) {
      if (empty) {
        Files.createDirectories(net.path("val/n2"));
      }
      assertThat(OfficialDataset.IMAGENET.read(net.root()).validation().imageCounts())
          .containsExactly(1, 0);
      assertThat(ImageFolder.readSplits(net.root()).validation().imageCounts())
          .containsExactly(1, 0);
    }
    for (OfficialDataset each :
        List.of(OfficialDataset.NABIRDS, OfficialDataset.FOOD_101, OfficialDataset.FGVC_AIRCRAFT)) {
      String name =
          each == OfficialDataset.NABIRDS
              ? "birds"
              : each == OfficialDataset.FOOD_101 ? "food" : "aircraft";
      assertThat(each.read(folder.resolve(name)).validation().imageCounts()).as(name).contains(0);
    }
  }

  @Test
  void linksAreTheUsersChoiceInAllReaders() throws IOException {
    Path elsewhere = Files.createDirectories(folder.resolve("disk/bee"));
    Files.createFile(elsewhere.resolve("1.jpg"));
    Miniature domain =
        pets()
            .photos("ant/1.jpg", "ant/2.jpg")
            .lines("train.txt", "ant/1.jpg: 0", "bee/1.jpg: 1")
            .lines("val.txt", "ant/2.jpg: 0");
    Files.createSymbolicLink(domain.path("bee"), elsewhere);
    Path parts = folder.resolve("parts");
    Files.createDirectories(parts.resolve("val"));
    Files.createDirectories(folder.resolve("train/ant"));
    Files.createFile(folder.resolve("train/ant/1.jpg"));
    Files.createDirectories(parts.resolve("val/ant"));
    Files.createSymbolicLink(parts.resolve("train"), folder.resolve("train"));

    assertThat(DatasetFolder.read(domain.root(), SymbolicLinks.ANYWHERE).classCount()).isEqualTo(2);
    assertThat(ImageFolder.read(domain.root(), SymbolicLinks.ANYWHERE).size()).isEqualTo(3);
    assertThat(ImageFolder.readSplits(parts, SymbolicLinks.ANYWHERE).train().size()).isEqualTo(1);
    assertThat(OfficialDataset.IMAGENET.read(parts, SymbolicLinks.ANYWHERE).train().size())
        .isEqualTo(1);
    List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> DatasetFolder.read(domain.root()),
            () -> ImageFolder.read(domain.root()),
            () -> ImageFolder.readSplits(parts),
            () -> OfficialDataset.IMAGENET.read(parts))
        .forEach(
            read ->
                assertThatThrownBy(read)
                    .isInstanceOf(DatasetFormatException.class)
                    .hasMessageContaining("as a link to")
                    .hasMessageContaining("SymbolicLinks.ANYWHERE"));
    assertThat(ImageFolder.read(elsewhere.getParent()).size()).isEqualTo(1);
  }

  @Test
  void tellsBothSpellingsOfANameThatLooksTheSame() {
    Miniature domain =
        pets()
            .photos("cafe\u0301/1.jpg", "tea/1.jpg", "tea/2.jpg")
            .lines("train.txt", "tea/1.jpg: 1", "caf\u00e9/1.jpg: 0")
            .lines("val.txt", "tea/2.jpg: 1");

    assertThatThrownBy(() -> DatasetFolder.read(domain.root()))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("train.txt, line 2")
        .hasMessageContaining("\"caf\\u00e9\"")
        .hasMessageContaining("\"cafe\\u0301\"");
    Miniature.food(folder.resolve("food"))
        .photos("images/cr\u00eape/1.jpg")
        .lines("meta/classes.txt", "apple_pie", "cre\u0302pe", "waffles")
        .lines("meta/train.txt", "waffles/7", "apple_pie/1", "cr\u00eape/1");
    assertThatThrownBy(() -> OfficialDataset.FOOD_101.read(folder.resolve("food")))
        .hasMessageContaining("expected a class of classes.txt")
        .hasMessageContaining("\"cr\\u00eape\"")
        .hasMessageContaining("\"cre\\u0302pe\"");
  }

  @Test
  void readsCopiesOfStanfordCars() throws IOException {
    Miniature.carsWithDevkit(folder.resolve("cars"));
    Path root = folder.resolve("cars");
    for (String file : List.of("cars_meta.mat", "cars_train_annos.mat")) {
      Files.move(root.resolve("devkit").resolve(file), root.resolve(file));
    }
    assertThat(OfficialDataset.STANFORD_CARS.read(root).train().size()).isEqualTo(2);
    Path deeper = Files.createDirectories(root.resolve("cars_test/cars_test"));
    Files.move(root.resolve("cars_test/00001.jpg"), deeper.resolve("00001.jpg"));
    assertThat(OfficialDataset.STANFORD_CARS.read(root).validation().size()).isEqualTo(1);

    Miniature copy = new Miniature(folder.resolve("copy"));
    for (String top : List.of("", "car_data/car_data/")) {
      copy.photos(top + "train/Audi S4/1.jpg", top + "train/Volvo 240/1.jpg");
      copy.photos(top + "test/Volvo 240/2.jpg");
      DatasetSplits cars = OfficialDataset.STANFORD_CARS.read(copy.root());
      assertThat(cars.name()).isEqualTo("Stanford Cars");
      assertThat(cars.train().classNames()).containsExactly("Audi S4", "Volvo 240");
      assertThat(cars.validation().imageCounts()).containsExactly(0, 1);
      copy = new Miniature(folder.resolve("other"));
    }
  }

  @Test
  void imageNetAndINaturalistTogetherHaveThePapersSizes() {
    // Section 5.3: 6,089 classes and 1,946,640 images.
    DatasetSplits none =
        new DatasetSplits(
            "both",
            Dataset.of("train", List.of("a"), List.of()),
            Dataset.of("val", List.of("a"), List.of()));
    var report =
        OfficialDataset.verifyAgainstPaper(
            EnumSet.of(OfficialDataset.INATURALIST_2017, OfficialDataset.IMAGENET), none);

    assertThat(report.paper().classes()).isEqualTo(6_089);
    assertThat(report.paper().train()).isEqualTo(1_946_640);
    assertThat(report.matches()).isFalse();
    assertThat(report.toString()).startsWith("ImageNet + iNaturalist is not the paper's:");
  }

  @Test
  void aSeedHoldsBackAsManyOfINaturalistAsThePaper() throws IOException {
    Miniature inat = Miniature.iNaturalist(folder.resolve("inat"), 40, 59);

    // 9,697 of 95,986, as the share of 99.
    assertThat(OfficialDataset.INATURALIST_2017.read(inat.root()).validation().size())
        .isEqualTo(10);
    inat.lines(INaturalist2017.MINIVAL_LIST, "train_val_images/20/3.jpg");
    assertThat(OfficialDataset.INATURALIST_2017.read(inat.root()).validation().size()).isEqualTo(1);
  }
}
