package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first image that a process decodes, which loads OpenCV. */
class FirstUseTest {

  private static final Predicate<String> BINDINGS = Pattern.compile("bytedeco").asPredicate();

  /** {@code opencv-4.13.0-1.5.13-linux-x86_64.jar}, for instance. */
  private static final Predicate<String> NATIVE_OPENCV =
      Pattern.compile("opencv-[0-9.]+-[0-9.]+-[^/\\\\]+\\.jar$").asPredicate();

  @TempDir private static Path folder;

  @Test
  void namesAllThatIsMissing() throws Exception {
    assertThat(decodeWithout(BINDINGS))
        .startsWith("MissingArtifactException: OpenCV is not usable here")
        .containsPattern("org\\.bytedeco:opencv:4[0-9.-]+, org\\.bytedeco:opencv:4[0-9.-]+ with")
        .containsPattern("org\\.bytedeco:openblas:0[0-9.-]+, ")
        .containsPattern("org\\.bytedeco:javacpp:1[0-9.]+, ");
  }

  @Test
  void namesTheNativeLibraryAloneWhereOnlyThatIsMissing() throws Exception {
    assertThat(decodeWithout(NATIVE_OPENCV))
        .matches(
            "MissingArtifactException: OpenCV is not usable here: add to the class path"
                + " org\\.bytedeco:opencv:[0-9.-]+ with the classifier [a-z]+-[a-z0-9_]+");
  }

  @Test
  void mayBeInterrupted() throws Exception {
    assertThat(decodeWithout(entry -> false)).isEqualTo("decoded, interrupted");
  }

  @Test
  void takesNoFileForDamagedWhereMemoryEnds() throws Exception {
    assertThat(decodeWithout(entry -> false, "-Dorg.bytedeco.javacpp.maxBytes=200"))
        .startsWith("NativeLibraryException: out of memory outside the Java heap in decoding ")
        .contains("a.jpg (")
        .contains("raise org.bytedeco.javacpp.maxBytes");
    assertThat(decodeWithout(entry -> false, "-Dorg.bytedeco.javacpp.maxPhysicalBytes=1"))
        .startsWith("NativeLibraryException: OpenCV needs more memory outside the Java heap ")
        .contains("raise org.bytedeco.javacpp.maxBytes");
  }

  /** The last line that such a process prints. */
  private static String decodeWithout(Predicate<String> entry, String... more) throws Exception {
    Path image = SampleImages.write(folder.resolve("a.jpg"), 20, 20);
    List<String> options = new ArrayList<>(List.of(more));
    options.add("-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"));
    options.add("-Dorg.bytedeco.javacpp.maxRetries=0");
    Process process =
        ChildJvm.withClassPath(
                ChildJvm.classPath(entry.negate()), options, FirstUseTest.class, image)
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    return lines.get(lines.size() - 1);
  }

  /** Decodes on an interrupted thread, and prints what comes of it. */
  public static void main(String[] arguments) throws IOException {
    ImageFile image = ImageFile.read(Path.of(arguments[0]), ImageDecoding.exact());
    Thread.currentThread().interrupt(); // only now, since no file can be read then
    try {
      image.decode(new Box(0, 0, 20, 20), Resolution.square(8)).close();
      System.out.println("decoded" + (Thread.interrupted() ? ", interrupted" : ""));
    } catch (IllegalStateException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
