package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerceptualHashTest {

  @TempDir private Path folder;

  private static double[] levels(long seed) {
    return new Random(seed).doubles(32 * 32, -1, 1).toArray();
  }

  @Test
  void aFlatOffsetAndAFactorChangeNothing() {
    double[] levels = levels(1);
    double[] changed = new double[levels.length];
    for (int i = 0; i < levels.length; i++) {
      changed[i] = 0.5 * levels[i] + 0.25;
    }

    assertThat(PerceptualHash.ofGrey(changed)).isEqualTo(PerceptualHash.ofGrey(levels));
  }

  /** Most frequencies of these are 0 but for rounding. */
  @Test
  void roundingOfAbsentFrequenciesIsNoContent() {
    double[] flat = new double[32 * 32];
    double[] otherFlat = new double[flat.length];
    double[] slope = new double[flat.length];
    double[] gentleSlope = new double[flat.length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = 0.3;
      otherFlat[i] = -0.7;
      slope[i] = 1 - i % 32 / 16.0;
      gentleSlope[i] = 0.27 * slope[i] + 0.11;
    }

    assertThat(PerceptualHash.ofGrey(otherFlat)).isEqualTo(PerceptualHash.ofGrey(flat));
    assertThat(PerceptualHash.ofGrey(gentleSlope)).isEqualTo(PerceptualHash.ofGrey(slope));
    assertThat(PerceptualHash.ofGrey(slope).distance(PerceptualHash.ofGrey(flat))).isPositive();
  }

  @Test
  void mirroredBitsAreThoseOfTheMirrorImage() {
    for (int seed = 0; seed < 20; seed++) {
      double[] levels = levels(seed);
      double[] mirror = new double[levels.length];
      for (int i = 0; i < levels.length; i++) {
        mirror[i] = levels[i / 32 * 32 + 31 - i % 32];
      }
      PerceptualHash plain = PerceptualHash.ofGrey(levels);
      PerceptualHash mirrored = PerceptualHash.ofGrey(mirror);

      assertThat(plain.mirroredDistance(mirrored)).as("seed %d", seed).isZero();
      assertThat(mirrored.mirroredDistance(plain)).as("seed %d", seed).isZero();
      assertThat(plain.distance(mirrored)).as("seed %d", seed).isGreaterThan(8);
    }
  }

  /** Bits by the definition: a cosine sum for each frequency, against the median of all. */
  @Test
  void bitsAreThoseOfTheDefinition() {
    double[] levels = levels(7);
    double[] sums = new double[64];
    for (int v = 0; v < 8; v++) {
      for (int u = 0; u < 8; u++) {
        for (int i = 0; i < levels.length; i++) {
          sums[8 * v + u] +=
              levels[i]
                  * Math.cos((2 * (i / 32) + 1) * v * Math.PI / 64)
                  * Math.cos((2 * (i % 32) + 1) * u * Math.PI / 64);
        }
      }
    }
    double median = Arrays.stream(sums).skip(1).sorted().toArray()[31];
    long bits = PerceptualHash.ofGrey(levels).bits();

    for (int i = 0; i < PerceptualHash.LENGTH; i++) {
      assertThat(bits >>> i & 1).as("bit %d", i).isEqualTo(sums[i + 1] > median ? 1 : 0);
    }
    assertThat(Long.bitCount(bits)).isEqualTo(31);
  }

  @Test
  void filesAndTheirBytesAreAlike() throws IOException {
    Path photo = SampleImages.write(folder.resolve("photo.jpg"), 300, 400);

    assertThat(PerceptualHash.of(Files.readAllBytes(photo), photo))
        .isEqualTo(PerceptualHash.of(photo));
  }
}
