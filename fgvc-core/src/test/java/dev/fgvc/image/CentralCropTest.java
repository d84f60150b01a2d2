package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.testing.NpyFloats;
import dev.fgvc.testing.SharedFiles;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CentralCropTest {

  private static final String FIXTURES = "fixtures/preprocess/";

  @ParameterizedTest
  @CsvSource({
    "a, 75, 113, 64, 64, 4, 7, 67, 99",
    "b, 224, 224, 299, 299, 14, 14, 196, 196",
    "c, 33, 17, 40, 56, 2, 1, 29, 15",
    "d, 300, 401, 100, 75, 18, 25, 264, 351"
  })
  void syntheticImagesComeOutAsInTensorFlow(
      String name,
      int height,
      int width,
      int outHeight,
      int outWidth,
      int top,
      int left,
      int cropHeight,
      int cropWidth)
      throws IOException {
    float[] expected =
        NpyFloats.read(SharedFiles.require(FIXTURES + "synthetic_" + name + ".output.npy"));
    Resolution out = new Resolution(outHeight, outWidth);
    Box box = Box.central(height, width, CentralCrop.FRACTION);

    assertThat(box).isEqualTo(new Box(top, left, cropHeight, cropWidth));

    FloatBuffer actual = FloatBuffer.allocate(3 * out.pixels());
    Pixels pixels = cut(filled("preprocess/" + name, height, width), width, box);
    Bilinear.resize(pixels, out, false, Colour.UNCHANGED, TargetRows.planes(actual, out));

    assertThat(largestDifference(actual, expected, out)).isLessThan(1e-5);
  }

  @ParameterizedTest
  @CsvSource({
    "n01871265_tusker, 299, 0.00796, 0.0457",
    "n02951585_can_opener, 299, 0.00784, 0.0471",
    "n02692877_airship, 299, 0.00388, 0.0157",
    "n02692877_airship, 448, 0.00388, 0.0157",
    "n01748264_Indian_cobra, 299, 0.00755, 0.0295",
    "n01440764_tench, 299, 0.00834, 0.0935",
    "n03733805_measuring_cup, 299, 0.00761, 0.0297",
    "n03733805_measuring_cup, 448, 0.0076, 0.0286"
  })
  void photosComeOutAsInTensorFlowButForItsFasterDct(
      String photo, int side, double mean, double largest) throws IOException {
    Path file = SharedFiles.require(FIXTURES + photo + ".JPEG");
    float[] expected = NpyFloats.read(SharedFiles.require(FIXTURES + photo + "." + side + ".npy"));
    CentralCrop crop = CentralCrop.of(Resolution.square(side));
    FloatBuffer actual = FloatBuffer.allocate(expected.length);

    crop.apply(file, new SplittableRandom(1), actual);

    // The fixtures say by how much the accurate DCT that OpenCV uses differs from the fast one.
    assertThat(actual.position()).isEqualTo(expected.length);
    assertThat(meanDifference(actual, expected, crop.resolution())).isCloseTo(mean, within(1e-4));
    assertThat(largestDifference(actual, expected, crop.resolution()))
        .isCloseTo(largest, within(1e-3));
  }

  @Test
  void twoByTwoPixelsAreEnlargedWithoutHalfPixelCentres() {
    // Red levels 0 and 100 above 200 and 100; blue and green stay 0.
    byte[] bgr = {0, 0, 0, 0, 0, 100, 0, 0, (byte) 200, 0, 0, 100};
    FloatBuffer out = FloatBuffer.allocate(48);

    Bilinear.resize(
        Pixels.of(bgr, 2, 2),
        Resolution.square(4),
        false,
        Colour.UNCHANGED,
        TargetRows.planes(out, Resolution.square(4)));

    float[][] red = {
      {0, 50, 100, 100}, {100, 100, 100, 100}, {200, 150, 100, 100}, {200, 150, 100, 100}
    };
    for (int i = 0; i < 16; i++) {
      assertThat(out.get(i)).isCloseTo(red[i / 4][i % 4] / 127.5f - 1, within(1e-6f));
      assertThat(out.get(16 + i)).isEqualTo(-1);
      assertThat(out.get(32 + i)).isEqualTo(-1);
    }
  }

  @Test
  void mirroringReversesEachRow() {
    byte[] bgr = filled("mirror", 9, 7);
    Resolution size = new Resolution(5, 6);
    FloatBuffer plain = FloatBuffer.allocate(3 * size.pixels());
    FloatBuffer mirrored = FloatBuffer.allocate(3 * size.pixels());

    Bilinear.resize(
        Pixels.of(bgr, 9, 7), size, false, Colour.UNCHANGED, TargetRows.planes(plain, size));
    Bilinear.resize(
        Pixels.of(bgr, 9, 7), size, true, Colour.UNCHANGED, TargetRows.planes(mirrored, size));

    for (int row = 0; row < 15; row++) {
      for (int x = 0; x < 6; x++) {
        assertThat(mirrored.get(row * 6 + x)).isEqualTo(plain.get(row * 6 + 5 - x));
      }
    }
  }

  /** The fixtures' filler, as BGR bytes; its own order is RGB. */
  static byte[] filled(String name, int height, int width) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
    }
    byte[] bgr = new byte[height * width * 3];
    for (int i = 0; i < bgr.length; i++) {
      long z = hash + i + 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      double u = (z >>> 40) * 0x1p-23 - 1;
      bgr[i - i % 3 + 2 - i % 3] = (byte) Math.floor((u + 1) * 128);
    }
    return bgr;
  }

  static Pixels cut(byte[] bgr, int width, Box box) {
    byte[] out = new byte[(int) box.pixels() * 3];
    for (int row = 0; row < box.height(); row++) {
      int from = ((box.top() + row) * width + box.left()) * 3;
      System.arraycopy(bgr, from, out, row * box.width() * 3, box.width() * 3);
    }
    return Pixels.of(out, box.height(), box.width());
  }

  private static double largestDifference(FloatBuffer chw, float[] hwc, Resolution size) {
    double largest = 0;
    for (int i = 0; i < hwc.length; i++) {
      largest = Math.max(largest, Math.abs(chw.get(i % 3 * size.pixels() + i / 3) - hwc[i]));
    }
    return largest;
  }

  private static double meanDifference(FloatBuffer chw, float[] hwc, Resolution size) {
    double sum = 0;
    for (int i = 0; i < hwc.length; i++) {
      sum += Math.abs(chw.get(i % 3 * size.pixels() + i / 3) - hwc[i]);
    }
    return sum / hwc.length;
  }
}
