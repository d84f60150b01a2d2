package dev.fgvc.nets.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DocumentationTest {

  private static final Path ROOT = Path.of("..");

  /** Links of Markdown whose target is a file of the project. */
  private static final Pattern LOCAL_LINK = Pattern.compile("\\]\\((?!http)([^)#]+)(?:#[^)]*)?\\)");

  /** Names of classes and packages with {@code dev.fgvc}, as Markdown shows code. */
  private static final Pattern CODE_NAME = Pattern.compile("`(dev\\.fgvc\\.[\\w.]+)`");

  @Test
  void exampleOfTheReadmeCompilesAsItStands(@TempDir Path classes) throws IOException {
    List<String> examples =
        blocks(Files.readString(ROOT.resolve("README.md")), "```java\n(.*?)```");
    assertThat(examples).hasSize(1);
    var source =
        new SimpleJavaFileObject(
            URI.create("string:///MostSimilarClasses.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return examples.get(0);
          }
        };
    var messages = new StringWriter();

    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(
                messages,
                null,
                null,
                List.of("-proc:none", "-d", classes.toString(), "-cp", classPath()),
                null,
                List.of(source))
            .call();

    assertThat(compiled).as(messages.toString()).isTrue();
    assertThat(classes.resolve("MostSimilarClasses.class")).exists();
  }

  @Test
  void codeOfTheGuideIsTheCodeThatCompiles() throws IOException {
    String guide = Files.readString(ROOT.resolve("docs/guide.md"));
    String source =
        Files.readString(Path.of("src/test/java/dev/fgvc/nets/example/GuideExample.java"));

    assertThat(blocks(guide, "```java\n(.*?)```"))
        .hasSize(4)
        .isEqualTo(blocks(source, "// guide: begin\n(.*?)// guide: end"));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linksLeadToFiles(Path page) throws IOException {
    assertThat(LOCAL_LINK.matcher(Files.readString(page)).results().map(link -> link.group(1)))
        .allSatisfy(link -> assertThat(page.resolveSibling(link)).exists());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void classesThatAreNamedExist(Path page) throws IOException {
    assertThat(CODE_NAME.matcher(Files.readString(page)).results().map(name -> name.group(1)))
        .allSatisfy(name -> assertThat(exists(name)).as(name).isTrue());
  }

  static List<Path> pages() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  /** Whether a name, or what stands before its last dots, is a class or package with sources. */
  private static boolean exists(String name) {
    return Stream.of("fgvc-core", "fgvc-emd", "fgvc-nets", "fgvc-benchmarks")
        .map(module -> ROOT.resolve(module).resolve("src/main/java"))
        .anyMatch(
            sources -> {
              Path path = sources.resolve(name.replace('.', '/'));
              String member = name.substring(name.lastIndexOf('.') + 1);
              boolean isMember = Character.isLowerCase(member.charAt(0));
              return Files.isDirectory(path)
                  || Files.exists(Path.of(path + ".java"))
                  || isMember && Files.exists(Path.of(path.getParent() + ".java"));
            });
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static List<String> blocks(String text, String pattern) {
    return Pattern.compile(pattern, Pattern.DOTALL)
        .matcher(text)
        .results()
        .map(block -> block.group(1).stripIndent().strip())
        .toList();
  }
}
