package dev.fgvc.nets.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptWorkTest {

  @TempDir private Path folder;

  private static String begun(KeptWork work) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    work.begin(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void leaveSomething(KeptWork work) throws IOException {
    Files.createDirectories(work.folder().resolve("training"));
    Files.writeString(work.folder().resolve("training").resolve("note"), "half");
  }

  @Test
  void workOfARunThatWasStoppedIsMentionedAndGoesWhenTheNextOneEnds() throws IOException {
    KeptWork work = KeptWork.of(new Properties(), folder);
    assertThat(begun(work)).isEmpty();

    leaveSomething(work);

    assertThat(begun(work)).contains(folder.resolve("unfinished").toString()).contains("goes on");
    Files.writeString(folder.resolve("report.html"), "stays");
    work.end();
    assertThat(folder).isDirectoryNotContaining("glob:**/unfinished");
    assertThat(folder.resolve("report.html")).exists();
    work.end();
  }

  @Test
  void workOfAnotherBuildIsDeleted() throws IOException {
    KeptWork work = KeptWork.of(new Properties(), folder);
    begun(work);
    leaveSomething(work);
    Files.writeString(folder.resolve("unfinished/unfinished-run"), "1 bytes, changed at 2");

    assertThat(begun(work)).contains("begins anew");
    assertThat(folder.resolve("unfinished/training")).doesNotExist();
  }

  @Test
  void aFolderOfTheUsersOwnIsRefusedAndStays() throws IOException {
    KeptWork work = KeptWork.of(new Properties(), folder);
    leaveSomething(work);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> begun(work))
        .withMessageContaining(folder.resolve("unfinished").toString());
    work.end();
    assertThat(folder.resolve("unfinished/training/note")).exists();
  }

  @Test
  void workInAFolderThatWasNamedStays() throws IOException {
    Properties properties = new Properties();
    properties.setProperty("fgvc.folder", folder.resolve("mine").toString());
    KeptWork work = KeptWork.of(properties, folder.resolve("report"));
    leaveSomething(work);

    work.end();

    assertThat(begun(work)).contains(folder.resolve("mine").toString());
    assertThat(folder.resolve("mine/training/note")).exists();
  }
}
