package dev.fgvc.nets;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;
import java.io.IOException;
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
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything public is commented, with its parameters and results: doclint's group "missing", but
 * that the parameters of a record's compact constructor are documented by the record.
 */
class CommentsTest {

  private static final Path ROOT = Path.of("..");

  /** Rooms that no user sees. */
  private static final Pattern INSIDE = Pattern.compile(".*/(emd/internal|engine/torch/\\w+)/.*");

  /** The code of doclint's warnings, whose texts are in the language of the machine. */
  private static final String DOCLINT = "compiler.warn.proc.messager";

  private static final Pattern COMPACT_CONSTRUCTOR = Pattern.compile("\\s*public \\w+ \\{");

  @Test
  void everythingPublicIsCommented() throws IOException {
    List<Path> paths = new ArrayList<>();
    for (String module : List.of("fgvc-core", "fgvc-emd", "fgvc-nets")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(paths::add);
      }
    }

    assertThat(missing(paths)).isEmpty();
  }

  @Test
  void findsWhatIsMissingAndLeavesCompactConstructorsToTheirRecord(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("Example.java");
    Files.writeString(
        file,
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
        """);

    assertThat(missing(List.of(file)))
        .satisfiesExactlyInAnyOrder(
            found -> assertThat(found).startsWith(file + ":12 ").contains("@param", "other"),
            found -> assertThat(found).startsWith(file + ":12 ").contains("@return"),
            found -> assertThat(found).startsWith(file + ":16 "));
  }

  private static List<String> missing(List<Path> sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> missing = new ArrayList<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  found,
                  List.of(
                      "-proc:none",
                      "-Xdoclint:missing/protected",
                      "-Xmaxwarns",
                      "10000",
                      "-cp",
                      System.getProperty("java.class.path")),
                  null,
                  files.getJavaFileObjectsFromPaths(sources));
      task.analyze();
      for (Diagnostic<? extends JavaFileObject> diagnostic : found.getDiagnostics()) {
        String message = diagnostic.getMessage(Locale.ROOT);
        // An optional reader that is not on this class path makes errors of its own.
        if (diagnostic.getCode().equals(DOCLINT)
            && !INSIDE.matcher(diagnostic.getSource().toUri().getPath()).matches()
            && !(message.contains("@param") && isAtCompactConstructor(diagnostic))) {
          missing.add(
              diagnostic.getSource().getName() + ":" + diagnostic.getLineNumber() + " " + message);
        }
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
