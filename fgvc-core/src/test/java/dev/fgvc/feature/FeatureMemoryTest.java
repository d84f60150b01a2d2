package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.testing.ChildJvm;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

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
    Process process =
        ChildJvm.of(List.of("-Xmx96m", "-XX:+UseSerialGC"), FeatureMemoryTest.class)
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();

    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    assertThat(lines.get(lines.size() - 1))
        .startsWith("2 images: class means: 9 x 1000000 values of 12 bytes take 102 MiB, more than")
        .contains("raise it by -Xmx");
  }

  /** Adds images of two classes, then those of seven more. */
  public static void main(String[] arguments) {
    ClassMeans means = ClassMeans.ofDimension(1_000_000);
    means.add(new FMatrixRMaj(2, 1_000_000), new int[] {0, 1});
    try {
      means.add(new FMatrixRMaj(8, 1_000_000), new int[] {1, 2, 3, 4, 5, 6, 7, 8});
    } catch (IllegalArgumentException e) {
      System.out.println(means.imageCount() + " images: " + e.getMessage());
    }
  }
}
