package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class INaturalist2017Test {

  private static final int[] COUNTS = {20, 7, 33, 1, 40};

  @TempDir Path folder;

  @Test
  void labelsFollowTheCategoryNumbersAndClassesAreGrouped() throws IOException {
    Miniature.iNaturalist(folder, 2, 1, 3);
    DatasetSplits parts = INaturalist2017.read(folder).official();

    // The file lists 30, 20 and 10.
    assertThat(parts.train().classNames())
        .containsExactly("species 10", "species 20", "species 30");
    assertThat(parts.train().superCategories()).containsExactly("Aves", "Plantae", "Aves");
    assertThat(parts.validation().classesOf("Aves")).containsExactly(0, 2);
    assertThat(parts.train().imageCounts()).containsExactly(1, 1, 1);
    assertThat(parts.validation().imageCounts()).containsExactly(3, 1, 2);
    assertThat(parts.validation().images().get(0))
        .isEqualTo(
            new LabeledImage(folder.toAbsolutePath().resolve("train_val_images/30/2.jpg"), 2));
  }

  @Test
  void aListHoldsBackItsImagesAndTheOthersJoinTheTrainingSet() throws IOException {
    // Two lists: paths alone, and with labels that number the classes otherwise.
    Miniature.iNaturalist(folder, 2, 1, 3)
        .lines("minival.txt", "train_val_images/10/9.jpg", "train_val_images/30/3.jpg")
        .lines("labelled.txt", "train_val_images/10/9.jpg: 77", "train_val_images/30/3.jpg: 0");
    INaturalist2017 whole = INaturalist2017.read(folder);
    INaturalist2017.Resplit split = whole.resplit(folder.resolve("minival.txt"));

    assertThat(split.splits().validation().labels()).containsExactly(2, 0);
    assertThat(split.added().size()).isEqualTo(4);
    assertThat(split.splits().train().imageCounts()).containsExactly(3, 2, 2);
    assertParts(whole, split);
    assertThat(whole.resplit(folder.resolve("labelled.txt")).splits().validation().images())
        .isEqualTo(split.splits().validation().images());
  }

  @Test
  void refusesListsOfOtherImages() throws IOException {
    Miniature miniature =
        Miniature.iNaturalist(folder, 2, 1, 3)
            .lines("train.txt", "train_val_images/30/1.jpg")
            .lines("twice.txt", "train_val_images/10/9.jpg", "train_val_images/10/9.jpg: 3")
            .lines("outside.txt", "../x.jpg");
    INaturalist2017 whole = INaturalist2017.read(folder);

    assertThatThrownBy(() -> whole.resplit(miniature.path("train.txt")))
        .hasMessageContaining("train.txt, line 1: expected an image of val2017.json");
    assertThatThrownBy(() -> whole.resplit(miniature.path("twice.txt")))
        .hasMessageContaining("twice.txt, line 2: expected each image once");
    assertThatThrownBy(() -> whole.resplit(miniature.path("outside.txt")))
        .hasMessageContaining("expected a path below");
  }

  @Test
  void aSeedHoldsBackATenthOfEachClassRoundedDownOrUp() throws IOException {
    Miniature.iNaturalist(folder, COUNTS);
    INaturalist2017 whole = INaturalist2017.read(folder);
    Set<List<Path>> heldBack = new HashSet<>();
    for (long seed = 0; seed < 50; seed++) {
      INaturalist2017.Resplit split = whole.resplit(seed);
      int[] held = split.splits().validation().imageCounts();

      assertThat(split.splits().validation().size()).as("seed %d", seed).isBetween(10, 11);
      for (int label = 0; label < held.length; label++) {
        int count = COUNTS[held.length - 1 - label];
        assertThat(held[label])
            .as("seed %d, class %d", seed, label)
            .isBetween(count / 10, (count + 9) / 10);
      }
      assertParts(whole, split);
      assertThat(whole.resplit(seed).splits().validation().images())
          .isEqualTo(split.splits().validation().images());
      heldBack.add(paths(split.splits().validation()));
    }
    assertThat(heldBack).as("parts of 50 seeds").hasSize(50);
  }

  @Test
  void everyImageIsHeldBackEquallyOftenOverManySeeds() throws IOException {
    Miniature.iNaturalist(folder, COUNTS);
    INaturalist2017 whole = INaturalist2017.read(folder);
    List<Path> all = paths(whole.official().validation());
    int[] times = new int[all.size()];
    int seeds = 4_000;
    for (long seed = 0; seed < seeds; seed++) {
      for (Path path : paths(whole.resplit(seed).splits().validation())) {
        times[all.indexOf(path)]++;
      }
    }
    // 400 each with a deviation of 19.
    assertThat(times).satisfies(each -> assertThat(each).hasSize(101));
    for (int time : times) {
      assertThat(time).isBetween(300, 500);
    }
  }

  @Test
  void theReaderOfAllOfficialDataSetsHoldsBackBySeedZero() throws IOException {
    Miniature.iNaturalist(folder, COUNTS);
    DatasetSplits splits = OfficialDataset.INATURALIST_2017.read(folder);

    assertThat(splits.validation().images())
        .isEqualTo(INaturalist2017.read(folder).resplit(0).splits().validation().images());
  }

  @Test
  void refusesJsonThatIsCutAnywhere() throws IOException {
    Miniature miniature = Miniature.iNaturalist(folder, 2, 2);
    String whole = Files.readString(miniature.path("val2017.json"));
    for (int length = 0; length < whole.length(); length++) {
      miniature.write("val2017.json", whole.substring(0, length));
      assertThatThrownBy(() -> INaturalist2017.read(folder))
          .as("cut to %d characters", length)
          .isInstanceOf(DatasetFormatException.class)
          .hasMessageContaining("val2017.json");
    }
  }

  @Test
  void jsonWithDamagedCharactersIsRefusedOrReadButNeverWorse() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed of the damaged JSON: " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Miniature miniature = Miniature.iNaturalist(folder, 2, 2);
    byte[] whole = Files.readAllBytes(miniature.path("val2017.json"));
    for (int i = 0; i < 500; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      Files.write(miniature.path("val2017.json"), damaged);
      try {
        INaturalist2017.read(folder);
      } catch (DatasetFormatException e) {
        assertThat(e).hasMessageContaining("val2017.json");
      } catch (RuntimeException e) {
        throw new AssertionError("file " + i + " of seed " + seed, e);
      }
    }
  }

  @Test
  void refusesJsonThatContradictsItself() throws IOException {
    Miniature miniature = Miniature.iNaturalist(folder, 2, 2);
    String whole = Files.readString(miniature.path("val2017.json"));
    List<String[]> wrong =
        List.of(
            new String[] {"\"category_id\": 20", "\"category_id\": 99", "found 99"},
            new String[] {"\"image_id\": 3", "\"image_id\": 2", "no annotation"},
            new String[] {
              "\"annotations\": [",
              "\"annotations\": [{\"image_id\": 77, \"category_id\": 20}, ",
              "image of each annotation, found none of the id 77"
            },
            new String[] {"\"id\": 3, \"width\"", "\"id\": 2, \"width\"", "found 2 again"},
            new String[] {"20/3.jpg", "20/2.jpg", "20/2.jpg again"},
            new String[] {"20/3.jpg", "10/4.jpg", "10/4.jpg again"},
            new String[] {"species 20", "species 21", "the categories of train2017.json"},
            new String[] {"{\"id\": 20", "{\"id\": 10", "found 10 again"},
            new String[] {"\"id\": 3, \"width\"", "\"id\": 1.5, \"width\"", "val2017.json"},
            new String[] {"\"file_name\"", "\"name\"", "id and file_name of each image"},
            new String[] {"\"images\"", "\"pictures\"", "found 0 and 2"});
    for (String[] each : wrong) {
      assertThat(whole).contains(each[0]);
      miniature.write("val2017.json", whole.replace(each[0], each[1]));
      assertThatThrownBy(() -> INaturalist2017.read(folder))
          .as(each[1])
          .isInstanceOf(DatasetFormatException.class)
          .hasMessageContaining(each[2]);
    }
    miniature.write("val2017.json", whole + "{}");
    assertThatThrownBy(() -> INaturalist2017.read(folder))
        .isInstanceOf(DatasetFormatException.class);
  }

  /** Nothing is lost, nothing comes twice, and no path is copied. */
  private static void assertParts(INaturalist2017 whole, INaturalist2017.Resplit split) {
    DatasetSplits official = whole.official();
    List<Path> parts = new ArrayList<>(paths(split.splits().train()));
    parts.addAll(paths(split.splits().validation()));
    List<Path> all =
        Stream.concat(paths(official.train()).stream(), paths(official.validation()).stream())
            .toList();
    assertThat(parts).containsExactlyInAnyOrderElementsOf(all).doesNotHaveDuplicates();
    assertThat(split.splits().train().size())
        .isEqualTo(official.train().size() + split.added().size());
    assertThat(split.splits().train().path(0)).isSameAs(official.train().path(0));
    assertThat(split.splits().train().superCategories())
        .isEqualTo(official.train().superCategories());
  }

  private static List<Path> paths(Dataset dataset) {
    return dataset.images().stream().map(LabeledImage::path).toList();
  }
}
