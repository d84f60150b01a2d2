package dev.fgvc.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Another Java process, for what has to be killed or measured apart from other tests. */
public final class ChildJvm {

  /** The options of this build that keep newer Java versions from warning; others ignore them. */
  private static final List<String> QUIET =
      List.of(
          "-XX:+IgnoreUnrecognizedVMOptions",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private ChildJvm() {}

  /**
   * A main method with this process's Java and class path; not started yet.
   *
   * @param options of the virtual machine
   */
  public static ProcessBuilder of(List<String> options, Class<?> main, Object... arguments) {
    return withClassPath(System.getProperty("java.class.path"), options, main, arguments);
  }

  /**
   * The same with another class path, such as one without some libraries.
   *
   * @param classPath with the main class, see {@link #classPath}
   * @param options of the virtual machine
   */
  public static ProcessBuilder withClassPath(
      String classPath, List<String> options, Class<?> main, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(QUIET);
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command);
  }

  /**
   * The numbers that a process prints, one a line.
   *
   * @param folder for what it prints
   * @param options of the virtual machine
   */
  public static List<Long> numbers(
      Path folder, List<String> options, Class<?> main, Object... arguments)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    Path errors = folder.resolve("errors.txt");
    Process process =
        of(options, main, arguments)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return Files.readAllLines(output).stream().map(Long::valueOf).toList();
  }

  /**
   * This process's class path without some of its entries.
   *
   * @param kept which entries stay
   */
  public static String classPath(Predicate<String> kept) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(kept)
        .collect(Collectors.joining(File.pathSeparator));
  }
}
