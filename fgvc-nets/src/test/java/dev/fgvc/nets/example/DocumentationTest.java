package dev.fgvc.nets.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class DocumentationTest {

  private static final Path ROOT = Path.of("..");

  private static final List<String> MODULES =
      List.of("fgvc-core", "fgvc-emd", "fgvc-nets", "fgvc-benchmarks");

  /** The source file of each class, by its name. */
  private static final Map<String, Path> SOURCES = new HashMap<>();

  /** Links of Markdown whose target is a file of the project. */
  private static final Pattern LOCAL_LINK = Pattern.compile("\\]\\((?!http)([^)#]+)(?:#[^)]*)?\\)");

  /** Links to a section, of the same page or of another. */
  private static final Pattern SECTION_LINK = Pattern.compile("\\]\\((?!http)([^)#]*)#([^)]+)\\)");

  /** Members of classes, as Markdown shows code: {@code `Type.member`}. */
  private static final Pattern MEMBER_NAME =
      Pattern.compile("`([A-Z]\\w+)(?:\\.[A-Z][a-z]\\w*)?\\.(\\w+)[(`]");

  /** Names of classes and packages with {@code dev.fgvc}, as Markdown shows code. */
  private static final Pattern CODE_NAME = Pattern.compile("`(dev\\.fgvc\\.[\\w.]+)`");

  /** The example of the README as a project of its own. */
  private static final Path EXAMPLE = ROOT.resolve("docs/example");

  private static final Pattern GRADLE_NAME = Pattern.compile("\"([\\w.]+:[\\w.$-]+)(::)?");

  @Test
  void projectOfTheReadmeIsWhatTheReadmeShows() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));

    assertThat(blocks(readme, "```java\n(.*?)```"))
        .containsExactly(
            Files.readString(EXAMPLE.resolve("src/main/java/MostSimilarClasses.java")).strip());
    assertThat(blocks(readme, "```xml\n(.*?)```"))
        .singleElement()
        .satisfies(lines -> assertThat(text("pom.xml")).contains(lines.indent(2)));
    assertThat(blocks(readme, "```kotlin\n(.*?)```"))
        .singleElement()
        .satisfies(lines -> assertThat(text("build.gradle.kts")).contains(lines));
  }

  @Test
  void exampleOfTheReadmeCompilesWithItsOwnDependenciesAlone(@TempDir Path classes)
      throws Exception {
    var messages = new StringWriter();
    var artifacts = new TreeSet<String>();
    addWithCompileDependencies(EXAMPLE.resolve("pom.xml"), artifacts);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

    boolean compiled;
    try (var files = compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
      compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of("-proc:none", "-d", classes.toString(), "-cp", classPath(artifacts)),
                  null,
                  files.getJavaFileObjects(
                      EXAMPLE.resolve("src/main/java/MostSimilarClasses.java")))
              .call();
    }

    assertThat(compiled).as(messages + " with " + artifacts).isTrue();
    assertThat(classes.resolve("MostSimilarClasses.class")).exists();
  }

  @Test
  void mavenAndGradleGetTheSame() throws Exception {
    List<String> maven =
        dependencies(EXAMPLE.resolve("pom.xml"))
            .map(dependency -> child(dependency, "groupId") + ":" + child(dependency, "artifactId"))
            .distinct()
            .toList();
    String gradle = text("build.gradle.kts");
    List<String> natives =
        blocks(gradle, "listOf\\((.*?)\\)").stream()
            .flatMap(list -> Stream.of(list.replace("\"", "").split(",\\s*")))
            .toList();

    assertThat(
            GRADLE_NAME
                .matcher(gradle)
                .results()
                .map(name -> name.group(1))
                .flatMap(
                    name ->
                        name.endsWith("$it")
                            ? natives.stream().map(library -> name.replace("$it", library))
                            : Stream.of(name))
                .filter(name -> !name.equals("dev.fgvc:fgvc-bom"))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(maven);
    assertThat(gradle).contains("dev.fgvc:fgvc-bom:" + version());
    assertThat(text("pom.xml")).contains("<version>" + version() + "</version>");
  }

  /** Users add these libraries; whoever imports the BOM needs no version for them. */
  @Test
  void bomHasEveryOptionalDependency() throws Exception {
    Set<String> managed =
        dependencies(ROOT.resolve("fgvc-core/bom/pom.xml"), "dependencyManagement/")
            .map(dependency -> child(dependency, "artifactId"))
            .collect(Collectors.toSet());

    for (String module : List.of("fgvc-core", "fgvc-emd", "fgvc-nets")) {
      assertThat(dependencies(ROOT.resolve(module).resolve("pom.xml")))
          .filteredOn(dependency -> child(dependency, "optional").equals("true"))
          .filteredOn(dependency -> child(dependency, "scope").isEmpty())
          .extracting(dependency -> child(dependency, "artifactId"))
          // nd4j-native brings its API.
          .filteredOn(artifact -> !artifact.equals("nd4j-api"))
          .isSubsetOf(managed);
    }
  }

  private static String version() throws Exception {
    return child(pom(Path.of("pom.xml")), "parent/version");
  }

  private static String text(String file) throws IOException {
    return Files.readString(EXAMPLE.resolve(file));
  }

  /**
   * Adds the artifacts that a POM file brings to the compiler, those of this project's modules
   * included.
   */
  private static void addWithCompileDependencies(Path pom, Set<String> artifacts) throws Exception {
    for (Element dependency : dependencies(pom).toList()) {
      boolean compiles =
          child(dependency, "scope").isEmpty()
              && child(dependency, "optional").isEmpty()
              && child(dependency, "classifier").isEmpty();
      String artifact = child(dependency, "artifactId");
      if (compiles && artifacts.add(artifact) && artifact.startsWith("fgvc-")) {
        addWithCompileDependencies(ROOT.resolve(artifact).resolve("pom.xml"), artifacts);
      }
    }
  }

  private static Stream<Element> dependencies(Path pom) throws Exception {
    return dependencies(pom, "");
  }

  private static Stream<Element> dependencies(Path pom, String within) throws Exception {
    NodeList nodes =
        (NodeList)
            XPathFactory.newInstance()
                .newXPath()
                .evaluate(within + "dependencies/dependency", pom(pom), XPathConstants.NODESET);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i));
  }

  private static Element pom(Path file) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(file.toFile())
        .getDocumentElement();
  }

  /** The text of an element below another; empty if there is none. */
  private static String child(Element parent, String path) {
    try {
      return XPathFactory.newInstance().newXPath().evaluate(path, parent).strip();
    } catch (XPathExpressionException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "docs/guide.md, GuideExample, 14",
    "docs/cluster.md, ClusterExample, 4",
    "docs/experiments.md, ExperimentsExample, 1"
  })
  void codeOfThePageIsTheCodeThatCompiles(String page, String example, int least)
      throws IOException {
    String guide = Files.readString(ROOT.resolve(page));
    String source =
        Files.readString(Path.of("src/test/java/dev/fgvc/nets/example").resolve(example + ".java"));

    assertThat(blocks(guide, "```java\n(.*?)```"))
        .hasSizeGreaterThanOrEqualTo(least)
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
  void linksToSectionsLeadToHeadings(Path page) throws IOException {
    for (MatchResult link : SECTION_LINK.matcher(Files.readString(page)).results().toList()) {
      Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
      assertThat(sections(target)).as(link.group()).contains(link.group(2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/guide.md", "docs/cluster.md"})
  void sectionsAreListedAtTheTop(String page) throws IOException {
    Path file = ROOT.resolve(page);
    List<String> listed =
        Pattern.compile("(?m)^- \\[.*]\\(#(.*)\\)$")
            .matcher(Files.readString(file))
            .results()
            .map(item -> item.group(1))
            .toList();

    assertThat(sections(file)).filteredOn(listed::contains).isEqualTo(listed);
    assertThat(listed).hasSize((int) headings(file).filter(line -> line.startsWith("## ")).count());
  }

  private static Stream<String> headings(Path page) throws IOException {
    return Files.readAllLines(page).stream().filter(line -> line.matches("#+ .*"));
  }

  /** The names that GitHub gives the headings of a page, in their order. */
  private static List<String> sections(Path page) throws IOException {
    return headings(page)
        .map(
            line ->
                line.replaceFirst("#+ ", "")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\w\\- ]", "")
                    .replace(' ', '-'))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void classesThatAreNamedExist(Path page) throws IOException {
    assertThat(CODE_NAME.matcher(Files.readString(page)).results().map(name -> name.group(1)))
        .allSatisfy(name -> assertThat(exists(name)).as(name).isTrue());
  }

  @BeforeAll
  static void findSources() throws IOException {
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        files.forEach(file -> SOURCES.put(file.getFileName().toString(), file));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void membersThatAreNamedExist(Path page) throws IOException {
    for (MatchResult name : MEMBER_NAME.matcher(Files.readString(page)).results().toList()) {
      Path source = SOURCES.get(name.group(1) + ".java");
      if (source != null) {
        assertThat(Files.readString(source))
            .as(name.group())
            .containsPattern("\\b" + name.group(2) + "\\b");
      }
    }
  }

  @Test
  void architectureNamesEveryPackage() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/architecture.md"));

    for (String module : List.of("fgvc-core", "fgvc-emd", "fgvc-nets")) {
      Path sources = ROOT.resolve(module).resolve("src/main/java");
      try (Stream<Path> files = Files.walk(sources)) {
        assertThat(
                files
                    .filter(file -> file.toString().endsWith(".java"))
                    .map(file -> sources.relativize(file.getParent()).toString())
                    .map(folder -> "`" + folder.replace(File.separatorChar, '.') + "`")
                    .distinct())
            .isNotEmpty()
            .allSatisfy(name -> assertThat(page).contains(name));
      }
    }
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
    return MODULES.stream()
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

  /** Those entries of the class path that are one of the artifacts, without its natives. */
  private static String classPath(Set<String> artifacts) {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Stream.of(all.split(Pattern.quote(File.pathSeparator)))
        .map(entry -> entry.replace(File.separatorChar, '/'))
        .filter(
            entry ->
                artifacts.stream()
                    .anyMatch(
                        artifact ->
                            entry.endsWith("/" + artifact + "/target/classes")
                                || entry.contains("/" + artifact + "/target/" + artifact + "-")
                                || entry.matches(
                                    ".*/" + Pattern.quote(artifact) + "/[^/]+/[^/]+\\.jar")))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static List<String> blocks(String text, String pattern) {
    return Pattern.compile(pattern, Pattern.DOTALL)
        .matcher(text)
        .results()
        .map(block -> block.group(1).stripIndent().strip())
        .toList();
  }
}
