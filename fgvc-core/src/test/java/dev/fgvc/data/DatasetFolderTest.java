package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.testing.InOtherLocales;
import dev.fgvc.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InOtherLocales
class DatasetFolderTest {

  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void makeDomain() throws IOException {
    root = folder.resolve("pets");
    for (String file : new String[] {"dog/1.jpg", "dog/2.jpg", "cat/1.jpg", ".git/x"}) {
      Files.createDirectories(root.resolve(file).getParent());
      Files.writeString(root.resolve(file), "");
    }
    Files.writeString(root.resolve("train.txt"), "dog/1.jpg: 1\ncat/1.jpg: 0\n");
    Files.writeString(root.resolve("val.txt"), "dog/2.jpg: 1\n");
  }

  @Test
  void takesClassesFromTheFoldersAndImagesFromTheLists() throws IOException {
    DatasetSplits pets = DatasetFolder.read(root);

    assertThat(pets.name()).isEqualTo("pets");
    assertThat(pets.classCount()).isEqualTo(2);
    assertThat(pets.train().classNames()).containsExactly("cat", "dog");
    assertThat(pets.train().labels()).containsExactly(1, 0);
    assertThat(pets.train().path(1)).isEqualTo(root.resolve("cat/1.jpg"));
    assertThat(pets.validation().imageCounts()).containsExactly(0, 1);
  }

  @Test
  void refusesAClassWithoutTrainingImage() throws IOException {
    Files.createDirectories(root.resolve("emu"));

    refused("found none of class 2, emu");
  }

  @Test
  void refusesALabelThatIsNotThatOfTheFolder() throws IOException {
    Files.writeString(root.resolve("train.txt"), "dog/1.jpg: 1\ncat/1.jpg: 1\n");

    refused("line 2: label 1 is the folder dog, but the image lies in cat");
  }

  @Test
  void refusesAnImageInBothLists() throws IOException {
    Files.writeString(root.resolve("val.txt"), "dog/2.jpg: 1\ndog/1.jpg: 1\n");

    refused("val.txt, line 2: expected no training image");
  }

  @Test
  void refusesAFolderWithoutListOrClasses() throws IOException {
    Files.delete(root.resolve("val.txt"));
    refused(
        "expected a list val.txt, found none: write it, or read class folders without lists by"
            + " ImageFolder.read");

    root = Files.createDirectories(folder.resolve("empty"));
    refused("expected a folder for each class");
  }

  @Test
  void realPhotosHaveTheCountsTheirReadmeTells() throws IOException {
    Path photos = SharedFiles.require("data/photos");
    DatasetSplits flowers = DatasetFolder.read(photos.resolve("flowers"));

    assertThat(flowers.train()).hasToString("flowers (364 images of 20 classes)");
    assertThat(flowers.validation().size()).isEqualTo(133);
    assertThat(flowers.train().histogram().imbalanceRatio()).isEqualTo(12);
    assertThat(flowers.train().imageCounts()[6]).as("cape_flower").isEqualTo(60);
    assertThat(DatasetFolder.read(photos.resolve("cars")).train().size()).isEqualTo(686);
    assertThat(DatasetFolder.read(photos.resolve("food")).train().size()).isEqualTo(450);
    assertThat(DatasetFolder.read(photos.resolve("butterflies")).train().size()).isEqualTo(444);
  }

  @Test
  void foldersWithoutListsAreOneDataset() throws IOException {
    Files.writeString(root.resolve("cat/0.PNG"), "");

    Dataset pets = ImageFolder.read(root);

    assertThat(pets.classNames()).containsExactly("cat", "dog");
    assertThat(pets.imageCounts()).containsExactly(2, 2);
    assertThat(pets.path(0)).isEqualTo(root.resolve("cat/0.PNG"));
  }

  @Test
  void imageFoldersSkipNothingAndAreNeverEmpty() throws IOException {
    Path notes = Files.writeString(root.resolve("cat/notes.txt"), "");
    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> ImageFolder.read(root))
        .withMessageContaining(notes.toString());

    Files.delete(notes);
    Files.createDirectories(root.resolve("emu"));
    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> ImageFolder.read(root))
        .withMessageContaining("found none of class 2, emu");
  }

  private void refused(String problem) {
    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> DatasetFolder.read(root))
        .withMessageContaining(problem);
  }
}
