package dev.fgvc.feature;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureMemoryTest {

  /** The features of a bilinear head on 2048 channels. */
  private static final int WIDE = 2048 * 2048;

  @Test
  void refusesMoreThanAnArrayHolds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureMemory.requireMatrix("features of birds", 512, WIDE))
        .withMessage(
            "features of birds: 512 x 4194304 values are more than the 2147483639 of a Java array:"
                + " take fewer features, such as those of a compact bilinear head or of one with"
                + " reduced channels, or fewer rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureMemory.requireClassMeans("class means", 1_000_000, WIDE));
    assertThatCode(() -> FeatureMemory.requireMatrix("features", 1, 1)).doesNotThrowAnyException();
  }

  @Test
  void refusesMoreThanTheHeapCanHoldWithTheSizeAndTheFix() {
    long heap = 1L << 30;

    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureMemory.requireHeap("class means", 200, WIDE, 8, heap))
        .withMessageContaining("200 x 4194304 values of 8 bytes take 6400 MiB, more than the 1024")
        .withMessageContaining("raise it by -Xmx, or take fewer features");
    assertThatCode(() -> FeatureMemory.requireHeap("class means", 32, WIDE, 8, heap))
        .doesNotThrowAnyException();
  }

  @Test
  void classMeansRefuseBeforeTheHeapIsFullAndStayAsTheyWere() throws Exception {
    assertThat(lastLine())
        .startsWith("2 images: class means: 9 x 1000000 values of 12 bytes take 102 MiB, more than")
        .contains("raise it by -Xmx");
  }

  @Test
  void classMeansOfFilesAreRefusedBeforeTheHeapIsFull(@TempDir Path folder) throws Exception {
    Path means = npy(folder.resolve("means.npy"), "13, 1000000", 13 * 1_000_000);
    Path counts = npy(folder.resolve("counts.npy"), "13, 1", 13);

    assertThat(lastLine(means, counts))
        .startsWith("class means of birds: 13 x 1000000 values of 8 bytes take 99 MiB, more than")
        .contains("raise it by -Xmx");
  }

  @Test
  void classMeansOfImagesInFilesAreRefusedBeforeTheHeapIsFull(@TempDir Path folder)
      throws Exception {
    Path features = npy(folder.resolve("features.npy"), "1, 9000000", 9_000_000);
    Path labels = npy(folder.resolve("labels.npy"), "1, 1", 1);

    assertThat(lastLine(features, labels, "images"))
        .startsWith("class means of birds: 1 x 9000000 values of 12 bytes take 102 MiB, more than")
        .contains("raise it by -Xmx");
  }

  private static String lastLine(Object... arguments) throws Exception {
    Process process =
        ChildJvm.of(List.of("-Xmx96m", "-XX:+UseSerialGC"), FeatureMemoryTest.class, arguments)
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    return lines.get(lines.size() - 1);
  }

  /** Zeros, which most file systems keep without taking room. */
  private static Path npy(Path file, String shape, int values) throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }".indent(0);
    try (RandomAccessFile npy = new RandomAccessFile(file.toFile(), "rw")) {
      npy.write(("\u0093NUMPY\1\0" + (char) header.length() + "\0").getBytes(ISO_8859_1));
      npy.write(header.getBytes(ISO_8859_1));
      npy.setLength(npy.length() + (long) Float.BYTES * values);
    }
    return file;
  }

  /**
   * Adds images of two classes, then those of seven more; or reads files of class means and counts,
   * or with a third argument of images.
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 0) {
      try {
        Path features = Path.of(arguments[0]);
        Path others = Path.of(arguments[1]);
        System.out.println(
            arguments.length == 2
                ? DomainFeatures.readNpy("birds", features, others)
                : DomainFeatures.fromNpy("birds", features, others));
      } catch (IllegalArgumentException e) {
        System.out.println(e.getMessage());
      }
      return;
    }
    ClassMeans means = ClassMeans.ofDimension(1_000_000);
    means.add(new FMatrixRMaj(2, 1_000_000), new int[] {0, 1});
    try {
      means.add(new FMatrixRMaj(8, 1_000_000), new int[] {1, 2, 3, 4, 5, 6, 7, 8});
    } catch (IllegalArgumentException e) {
      System.out.println(means.imageCount() + " images: " + e.getMessage());
    }
  }
}
