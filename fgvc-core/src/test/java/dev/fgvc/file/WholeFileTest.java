package dev.fgvc.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.testing.InOtherLocales;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InOtherLocales
class WholeFileTest {

  private static final byte[] TEXT = "new".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  @Test
  void replacesAFileAndLeavesNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("report"), "old");

    WholeFile.write(file, TEXT);

    assertThat(file).hasBinaryContent(TEXT);
    assertThat(names()).containsExactly("report");
  }

  @Test
  void whatFailsLeavesTheOldFileAsItWas() throws IOException {
    Path file = Files.writeString(folder.resolve("report"), "old");

    assertThatThrownBy(
            () ->
                WholeFile.write(
                    file,
                    channel -> {
                      WholeFile.writeFully(channel, ByteBuffer.wrap(TEXT));
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("disk full");

    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("report");
  }

  @Test
  void hasThePermissionsOfAnyNewFile() throws IOException {
    assumeTrue(
        Files.getFileStore(folder).supportsFileAttributeView("posix"), "no POSIX permissions here");
    Path plain = Files.write(folder.resolve("plain"), TEXT);
    Path whole = folder.resolve("whole");

    WholeFile.write(whole, TEXT);

    assertThat(Files.getPosixFilePermissions(whole))
        .isEqualTo(Files.getPosixFilePermissions(plain));
  }

  @Test
  void forcesTheFolderAfterTheRename() throws IOException {
    assumeTrue(
        Files.getFileStore(folder).supportsFileAttributeView("posix"), "no POSIX permissions here");
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("-wx-wx-wx"));
    try {
      assumeTrue(!Files.isReadable(closed), "this user may read every folder");

      // Only who opens the folder notices that it cannot be read.
      assertThatThrownBy(() -> WholeFile.write(closed.resolve("report"), TEXT))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("closed");
      assertThat(closed.resolve("report")).hasBinaryContent(TEXT);
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
  }

  @Test
  void forcesAFolderThatIsThereAndNoOther() throws IOException {
    assumeTrue(File.separatorChar == '/', "Windows forces no folder");
    WholeFile.force(folder);

    assertThatThrownBy(() -> WholeFile.force(folder.resolve("missing")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void deletesWhatKilledProcessesLeftOfAFileAndNothingElse() throws IOException {
    String name = "report." + UUID.randomUUID() + ".partial";
    List<String> others =
        List.of("report", "report.partial", "my" + name, "report.old." + name, "reports.partial");
    for (String other : others) {
      Files.write(folder.resolve(other), TEXT);
    }
    Files.write(folder.resolve(name), TEXT);

    WholeFile.deletePartial(folder.resolve("report"));
    WholeFile.deletePartial(folder.resolve("missing").resolve("report"));

    assertThat(names()).containsExactlyInAnyOrderElementsOf(others);
  }

  @Test
  void deletesWhatKilledProcessesLeftOfAnyFile() throws IOException {
    String end = "." + UUID.randomUUID() + ".partial";
    List<String> others =
        List.of("report", "report.partial", "report" + end + ".old", "report" + end.substring(1));
    for (String other : others) {
      Files.write(folder.resolve(other), TEXT);
    }
    for (String name : List.of("report", "labels.npy", "report" + end, "")) {
      Files.write(folder.resolve(name + end), TEXT);
    }

    WholeFile.deleteAllPartial(folder);
    WholeFile.deleteAllPartial(folder.resolve("missing"));

    assertThat(names()).containsExactlyInAnyOrderElementsOf(others);
  }

  @Test
  void deletesWhatWasLeftOfAFileWithALineBreakInItsName() throws IOException {
    assumeTrue(File.separatorChar == '/', "Windows has no line breaks in names");
    String end = "." + UUID.randomUUID() + ".partial";
    Files.write(folder.resolve("my\nreport" + end), TEXT);
    Files.write(folder.resolve("our\nreport" + end), TEXT);

    WholeFile.deletePartial(folder.resolve("my\nreport"));
    assertThat(names()).containsExactly("our\nreport" + end);

    WholeFile.deleteAllPartial(folder);
    assertThat(names()).isEmpty();
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }
}
