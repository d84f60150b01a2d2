package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageContentsTest {

  private static final List<String> CLASSES = List.of("even", "odd");
  private static final int IMAGES = 5;

  @TempDir Path folder;

  private Path root;
  private String hash;

  @BeforeEach
  void writeImages() throws IOException {
    root = folder.resolve("here");
    Random random = new Random(1);
    for (int i = 0; i < IMAGES; i++) {
      Path file = root.resolve(CLASSES.get(i % 2)).resolve(i + ".jpg");
      Files.createDirectories(file.getParent());
      // From a file that is read whole to one of which three blocks are read.
      byte[] bytes = new byte[20_000 * (i + 1)];
      random.nextBytes(bytes);
      Files.write(file, bytes);
    }
    hash = dataset(root).contentHash();
  }

  private static Dataset dataset(Path root) {
    return Dataset.of("some", CLASSES, images(root));
  }

  private static List<LabeledImage> images(Path root) {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      images.add(new LabeledImage(root.resolve(CLASSES.get(i % 2)).resolve(i + ".jpg"), i % 2));
    }
    return images;
  }

  @Test
  void movingAndRenamingTheDataSetChangesNothing() throws IOException {
    Path there = Files.move(root, folder.resolve("there"));

    assertThat(dataset(there).named("another").contentHash()).isEqualTo(hash).hasSize(64);
  }

  @Test
  void anyOtherImageIsSeenAlsoOneOfTheSameNameAndLength() throws IOException {
    for (LabeledImage image : images(root)) {
      byte[] before = Files.readAllBytes(image.path());
      for (int place : new int[] {0, before.length / 2, before.length - 1}) {
        byte[] after = before.clone();
        after[place] ^= 1;
        Files.write(image.path(), after);
        assertThat(dataset(root).contentHash()).as("%s, byte %d", image, place).isNotEqualTo(hash);
      }
      Files.write(image.path(), before);
    }
    assertThat(dataset(root).contentHash()).isEqualTo(hash);
  }

  @Test
  void anotherLengthLabelOrderOrClassNameIsSeen() throws IOException {
    List<LabeledImage> images = images(root);
    Collections.swap(images, 1, 3);
    assertThat(Dataset.of("some", CLASSES, images).contentHash()).isNotEqualTo(hash);
    images = images(root);
    images.set(0, new LabeledImage(images.get(0).path(), 1));
    assertThat(Dataset.of("some", CLASSES, images).contentHash()).isNotEqualTo(hash);
    assertThat(Dataset.of("some", List.of("even", "uneven"), images(root)).contentHash())
        .isNotEqualTo(hash);
    Path last = images.get(4).path();
    Files.write(last, new byte[100_001]);
    assertThat(dataset(root).contentHash()).isNotEqualTo(hash);
  }

  @Test
  void aMissingImageIsAnotherDataSetAndNoFailure() throws IOException {
    Files.delete(images(root).get(2).path());

    assertThat(dataset(root).contentHash()).isNotEqualTo(hash);
  }
}
