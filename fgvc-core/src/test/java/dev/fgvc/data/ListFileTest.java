package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@InOtherLocales
class ListFileTest {

  @TempDir Path folder;
  private Path root;
  private Path list;

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectories(folder.resolve("root"));
    list = folder.resolve("list.txt");
    Files.createDirectories(root.resolve("a"));
    Files.writeString(root.resolve("a/1.jpg"), "");
    Files.writeString(root.resolve("a/2.jpg"), "");
    Files.writeString(folder.resolve("outside.jpg"), "");
  }

  @Test
  void readsImagesInTheOrderOfTheLines() throws IOException {
    Files.writeString(list, "a/2.jpg: 1\na/1.jpg: 0\n");

    assertThat(ListFile.read(list, root, 2))
        .containsExactly(
            new LabeledImage(root.resolve("a/2.jpg"), 1),
            new LabeledImage(root.resolve("a/1.jpg"), 0));
    assertThat(ListFile.read("d", list, root, List.of("x", "y")).imageCounts())
        .containsExactly(1, 1);
  }

  @Test
  void theLastColonEndsThePath() throws IOException {
    Path odd = Files.writeString(root.resolve("a/what: now.jpg"), "");
    Files.writeString(list, "a/what: now.jpg: 0\r\n");

    assertThat(ListFile.read(list, root, 1)).containsExactly(new LabeledImage(odd, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/2.jpg|expected \"path: label\"",
        "a/2.jpg:0|expected \"path: label\"",
        "''|expected \"path: label\"",
        "': 0'|expected \"path: label\"",
        "a/2.jpg: zero|expected a label, found \"zero\"",
        "a/2.jpg: 2|expected a label from 0 to 1, found 2",
        "a/2.jpg: -1|expected a label from 0 to 1, found -1",
        "a/2.jpg: 99999999999|expected a label",
        "a/3.jpg: 0|expected an image file, found nothing",
        "a/1.jpg/2.jpg: 0|expected an image file",
        "a: 0|expected a file",
        ".: 0|expected a path below",
        "../outside.jpg: 0|expected a path below",
        "a/../../outside.jpg: 0|expected a path below",
        "a/1.jpg: 1|expected each image once",
        "a/../a/1.jpg: 1|expected each image once"
      })
  void namesTheLineThatIsWrong(String second, String problem) throws IOException {
    Files.writeString(list, "a/1.jpg: 0\n" + second + "\n");

    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> ListFile.read(list, root, 2))
        .withMessageContaining(list + ", line 2: ")
        .withMessageContaining(problem);
  }

  @Test
  void refusesAbsolutePathsEvenBelowTheRoot() throws IOException {
    Files.writeString(list, root.toAbsolutePath() + "/a/1.jpg: 0\n");

    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> ListFile.read(list, root, 1))
        .withMessageContaining("line 1: expected a path below");
  }

  @Test
  void refusesALinkedFileThatLeavesTheRoot() throws IOException {
    Files.createSymbolicLink(root.resolve("a/link.jpg"), folder.resolve("outside.jpg"));
    Files.writeString(list, "a/link.jpg: 0\n");

    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> ListFile.read(list, root, 1))
        .withMessageContaining("as a link to");
  }

  @Test
  void refusesALinkedFolderThatLeavesTheRoot() throws IOException {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("1.jpg"), "");
    Files.createSymbolicLink(root.resolve("b"), other);
    Files.writeString(list, "b/1.jpg: 0\n");

    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> ListFile.read(list, root, 1))
        .withMessageContaining("as a link to");
  }

  @Test
  void acceptsALinkThatStaysBelowTheRoot() throws IOException {
    Path link = Files.createSymbolicLink(root.resolve("a/link.jpg"), root.resolve("a/1.jpg"));
    Files.writeString(list, "a/link.jpg: 0\n");

    assertThat(ListFile.read(list, root, 1)).containsExactly(new LabeledImage(link, 0));
  }

  @Test
  void refusesAnEmptyListAndOneThatIsNoText() throws IOException {
    Files.writeString(list, "");
    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> ListFile.read(list, root, 1))
        .withMessageContaining("found none");

    Files.write(list, new byte[] {'a', (byte) 0xFF, (byte) 0xFE});
    assertThatExceptionOfType(DatasetFormatException.class)
        .isThrownBy(() -> ListFile.read(list, root, 1))
        .withMessageContaining("UTF-8");

    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> ListFile.read(folder.resolve("none.txt"), root, 1));
  }

  @Test
  void readsBackWhatItWrites() throws IOException {
    List<LabeledImage> images =
        List.of(
            new LabeledImage(root.resolve("a/2.jpg"), 4),
            new LabeledImage(root.resolve("a/1.jpg"), 0));

    ListFile.write(list, root, images);

    assertThat(Files.readString(list)).isEqualTo("a/2.jpg: 4\na/1.jpg: 0\n");
    assertThat(ListFile.read(list, root, 5)).isEqualTo(images);
  }

  @Test
  void writesNothingThatItCouldNotReadBack() throws IOException {
    LabeledImage image = new LabeledImage(root.resolve("a/1.jpg"), 0);
    ListFile.write(list, root, List.of(image));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ListFile.write(list, root, List.of()))
        .withMessageContaining("no image to list");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ListFile.write(list, root, List.of(image, image)))
        .withMessageContaining("1.jpg comes twice");
    for (String name : List.of("a/x\ny.jpg", "a/x\ry.jpg")) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> ListFile.write(list, root, List.of(new LabeledImage(root.resolve(name), 0))))
          .withMessageContaining("\\u")
          .withMessageContaining("rename the file");
    }
    assertThat(ListFile.read(list, root, 1)).containsExactly(image);
  }
}
