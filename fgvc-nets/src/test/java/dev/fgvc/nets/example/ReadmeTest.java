package dev.fgvc.nets.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {

  @Test
  void codeOfTheReadmeIsTheCodeThatCompiles() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    String source =
        Files.readString(Path.of("src/test/java/dev/fgvc/nets/example/ReadmeExample.java"));

    assertThat(lines(find(readme, "```java\n(.*?)```")))
        .isEqualTo(lines(find(source, "// README: begin\n(.*?)// README: end")));
  }

  private static String find(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(text);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }

  private static String lines(String code) {
    return code.stripIndent().strip();
  }
}
