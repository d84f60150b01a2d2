package dev.fgvc.nets;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Everything public is commented, with its parameters and results: doclint's group "missing", but
 * that the parameters of a record's compact constructor are documented by the record.
 */
class CommentsTest {

  private static final Path ROOT = Path.of("..");

  /** Rooms that no user sees. */
  private static final Pattern INSIDE = Pattern.compile(".*/(emd/internal|engine/torch/\\w+)/.*");

  private static final Pattern COMPACT_CONSTRUCTOR = Pattern.compile("\\s*public \\w+ \\{");

  @Test
  void everythingPublicIsCommented() throws IOException {
    List<Path> paths = new ArrayList<>();
    for (String module : List.of("fgvc-core", "fgvc-emd", "fgvc-nets")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(paths::add);
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
      List<JavaFileObject> sources = new ArrayList<>();
      files.getJavaFileObjectsFromPaths(paths).forEach(sources::add);

      assertThat(missing(sources)).isEmpty();
    }
  }

  @Test
  void findsWhatIsMissingAndLeavesCompactConstructorsToTheirRecord() throws IOException {
    String source =
        """
        /**
         * A record.
         *
         * @param told here
         */
        public record Example(int told) {
          /** Refuses nothing. */
          public Example {
          }

          /** Adds. */
          public int plus(int other) {
            return told + other;
          }

          public void silent() {}
        }
        """;
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };

    assertThat(missing(List.of(file)))
        .satisfiesExactlyInAnyOrder(
            found -> assertThat(found).contains("no @param for other"),
            found -> assertThat(found).contains("no @return"),
            found -> assertThat(found).contains("no comment"));
  }

  private static List<String> missing(List<JavaFileObject> sources) throws IOException {
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(
                    null,
                    null,
                    found,
                    List.of(
                        "-proc:none",
                        "-Xdoclint:missing/protected",
                        "-Xmaxwarns",
                        "10000",
                        "-cp",
                        System.getProperty("java.class.path")),
                    null,
                    sources);
    task.analyze();
    List<String> missing = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> diagnostic : found.getDiagnostics()) {
      String message = diagnostic.getMessage(Locale.ROOT);
      if (diagnostic.getSource() != null
          // An optional reader that is not on this class path makes errors of its own.
          && message.startsWith("no ")
          && !INSIDE.matcher(diagnostic.getSource().toUri().getPath()).matches()
          && !(message.startsWith("no @param") && isAtCompactConstructor(diagnostic))) {
        missing.add(
            diagnostic.getSource().getName() + ":" + diagnostic.getLineNumber() + " " + message);
      }
    }
    return missing;
  }

  private static boolean isAtCompactConstructor(Diagnostic<? extends JavaFileObject> diagnostic)
      throws IOException {
    return diagnostic
        .getSource()
        .getCharContent(true)
        .toString()
        .lines()
        .skip(diagnostic.getLineNumber() - 1)
        .findFirst()
        .filter(line -> COMPACT_CONSTRUCTOR.matcher(line).matches())
        .isPresent();
  }
}
