package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process whose locale knows only ASCII. */
class DatasetLocaleTest {

  @TempDir Path folder;

  /** Reads the folder in its argument and tells what happened. */
  static final class Reading {

    private Reading() {}

    public static void main(String[] arguments) throws IOException {
      Path root = Path.of(arguments[0]);
      try {
        System.out.println(
            Files.exists(root.resolve("train.txt"))
                ? DatasetFolder.read(root).train()
                : ImageFolder.read(root));
      } catch (DatasetFormatException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private String read(Path root) throws IOException, InterruptedException {
    ProcessBuilder child = ChildJvm.of(List.of("-Xmx64m"), Reading.class, root);
    child.environment().put("LC_ALL", "C");
    child.redirectErrorStream(true);
    Process process = child.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  @Test
  void namesThatALocaleCannotExpressAreRefusedWithItsName() throws Exception {
    assumeTrue(
        System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux"),
        "skipped: only Linux names files in the locale's encoding");
    assumeTrue(
        "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding")),
        "skipped: this process cannot name such files either");
    Miniature folders =
        new Miniature(folder.resolve("folders")).photos("ant/1.jpg", "b\u00eate/1.jpg");
    Miniature lists =
        new Miniature(folder.resolve("lists"))
            .photos("ant/1.jpg", "ant/b\u00eate.jpg")
            .lines("train.txt", "ant/b\u00eate.jpg: 0")
            .lines("val.txt", "ant/1.jpg: 0");

    for (Path root : List.of(folders.root(), lists.root())) {
      assertThat(read(root))
          .contains(root.getFileName().toString())
          .contains("locale")
          .contains("LC_ALL=C.UTF-8");
    }
    assertThat(read(lists.root())).contains("train.txt, line 1").contains("b\\u00eate");
  }
}
