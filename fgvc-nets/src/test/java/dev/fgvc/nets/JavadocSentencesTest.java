package dev.fgvc.nets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Javadoc begins with a subject or a verb: a reader should not have to guess what it is about. */
class JavadocSentencesTest {

  private static final Path ROOT = Path.of("..");

  private static final Pattern BARE_OPENING =
      Pattern.compile("/\\*\\*(?:\\s|\\*)*((?:Of|As|Has|What)\\b[^\\n]*)");

  @ParameterizedTest
  @ValueSource(strings = {"fgvc-core", "fgvc-emd", "fgvc-nets", "fgvc-benchmarks"})
  void commentsOpenWithSubjectOrVerb(String module) throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();

      assertThat(sources).isNotEmpty();
      for (Path source : sources) {
        assertThat(bareOpenings(Files.readString(source))).as(source.toString()).isEmpty();
      }
    }
  }

  @Test
  void findsBareOpenings() {
    String start = "/" + "**";
    String source =
        start
            + " Of a slot. */ int a;\n"
            + start
            + "\n * What is kept.\n */ int b;\n"
            + start
            + " Often read. */ int c;";

    assertThat(bareOpenings(source)).containsExactly("Of a slot. */ int a;", "What is kept.");
  }

  private static List<String> bareOpenings(String source) {
    return BARE_OPENING.matcher(source).results().map(comment -> comment.group(1)).toList();
  }
}
