package dev.fgvc.nets.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {

  @Test
  void codeOfTheReadmeIsTheCodeThatCompiles() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    String source =
        Files.readString(Path.of("src/test/java/dev/fgvc/nets/example/ReadmeExample.java"));

    assertThat(blocks(readme, "```java\n(.*?)```"))
        .hasSize(4)
        .isEqualTo(blocks(source, "// README: begin\n(.*?)// README: end"));
  }

  private static List<String> blocks(String text, String pattern) {
    return Pattern.compile(pattern, Pattern.DOTALL)
        .matcher(text)
        .results()
        .map(block -> lines(block.group(1)))
        .toList();
  }

  private static String lines(String code) {
    return code.stripIndent().strip();
  }
}
