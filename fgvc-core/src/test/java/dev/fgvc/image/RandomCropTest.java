package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomCropTest {

  private static final int DRAWS = 20_000;

  @TempDir Path folder;

  private final RandomCrop crop = RandomCrop.of(Resolution.square(16));

  @Test
  void boxesAreDistributedAsInTensorFlow() {
    // Quantiles of 20,000 draws of the authors' program for an image of 300 x 400.
    Box[] boxes = draw(crop, 300, 400);

    assertQuantiles(boxes, b -> b.pixels() / 120_000.0, 0.1377, 0.2048, 0.3527, 0.5394, 0.6893);
    assertQuantiles(
        boxes, b -> (double) b.width() / b.height(), 0.8079, 0.8964, 1.0432, 1.1885, 1.2748);
    assertQuantiles(boxes, b -> b.height() / 300.0, 0.4267, 0.52, 0.68, 0.84, 0.9367);
    assertQuantiles(boxes, b -> b.width() / 400.0, 0.3225, 0.3925, 0.5125, 0.645, 0.77);
    assertQuantiles(boxes, b -> b.left() / (400.0 - b.width()), 0.102, 0.25, 0.4975, 0.7474, 0.9);
    assertThat(Arrays.stream(boxes).mapToDouble(b -> b.pixels() / 120_000.0).average().orElse(0))
        .isCloseTo(0.3871, within(0.006));
  }

  @Test
  void boxesLieInsideImagesOfAnyShape() {
    for (int[] size : new int[][] {{1, 1}, {1, 400}, {400, 1}, {3, 2}, {2, 3}, {50, 51}}) {
      for (double area : new double[] {0.05, 0.5, 1}) {
        for (Box box : draw(crop.withMinimumArea(area), size[0], size[1])) {
          assertThat(box.height()).isBetween(1, size[0]);
          assertThat(box.width()).isBetween(1, size[1]);
          assertThat(box.top()).isBetween(0, size[0] - box.height());
          assertThat(box.left()).isBetween(0, size[1] - box.width());
          assertThat(box.pixels()).isGreaterThanOrEqualTo((long) (0.1 * size[0] * size[1]));
        }
      }
    }
  }

  @Test
  void theMinimumAreaCanBeRaised() {
    for (Box box : draw(crop.withMinimumArea(0.4), 300, 300)) {
      assertThat(box.pixels() / 90_000.0).isGreaterThan(0.395);
    }
  }

  @Test
  void theSameRandomStateGivesTheSameNumbers() throws IOException {
    Path file = SampleImages.write(folder.resolve("a.jpg"), 60, 80);

    assertThat(apply(crop, file, new SplittableRandom(3)))
        .isEqualTo(apply(crop, file, new SplittableRandom(3)))
        .isNotEqualTo(apply(crop, file, new SplittableRandom(4)));
  }

  @Test
  void halfOfTheImagesAreMirroredUnlessSwitchedOff() throws IOException {
    // Red grows from left to right.
    Path file = SampleImages.write(folder.resolve("a.jpg"), 60, 60);
    RandomCrop plain = crop.withColour(0, 0).withMinimumArea(1);

    assertThat(mirrored(plain, file)).isBetween(30, 70);
    assertThat(mirrored(plain.withFlip(false), file)).isZero();
  }

  @Test
  void coloursStayWithinTheirBoundsOfChange() throws IOException {
    Path file = SampleImages.write(folder.resolve("a.jpg"), 60, 60);
    RandomCrop fixed = crop.withFlip(false);
    for (int seed = 0; seed < 100; seed++) {
      float[] plain = apply(fixed.withColour(0, 0), file, new SplittableRandom(seed));
      float[] brighter = apply(fixed.withColour(0.1, 0), file, new SplittableRandom(seed));
      float change = brighter[128] - plain[128];
      assertThat(change).as("red of one pixel").isBetween(-0.2001f, 0.2001f);
    }
  }

  @Test
  void refusesSettingsOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> crop.withMinimumArea(0));
    assertThatIllegalArgumentException().isThrownBy(() -> crop.withMinimumArea(1.01));
    assertThatIllegalArgumentException().isThrownBy(() -> crop.withMinimumArea(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> crop.withColour(-0.1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> crop.withColour(0, 1.5));
  }

  private static int mirrored(RandomCrop crop, Path file) throws IOException {
    RandomGenerator random = new SplittableRandom(1);
    int count = 0;
    for (int i = 0; i < 100; i++) {
      float[] image = apply(crop, file, random);
      if (image[0] > image[15]) {
        count++;
      }
    }
    return count;
  }

  private static float[] apply(RandomCrop crop, Path file, RandomGenerator random)
      throws IOException {
    FloatBuffer out = FloatBuffer.allocate(3 * crop.resolution().pixels());
    crop.apply(file, random, out);
    return out.array();
  }

  private static Box[] draw(RandomCrop crop, int height, int width) {
    RandomGenerator random = new SplittableRandom(7);
    Box[] boxes = new Box[height * width > 10_000 ? DRAWS : 200];
    Arrays.setAll(boxes, i -> crop.drawBox(height, width, random));
    return boxes;
  }

  /** At 10, 25, 50, 75 and 90 %. */
  private static void assertQuantiles(
      Box[] boxes, ToDoubleFunction<Box> measure, double... expected) {
    double[] values = Arrays.stream(boxes).mapToDouble(measure).sorted().toArray();
    double[] ranks = {0.1, 0.25, 0.5, 0.75, 0.9};
    for (int i = 0; i < ranks.length; i++) {
      assertThat(values[(int) (ranks[i] * values.length)])
          .as("quantile %s", ranks[i])
          .isCloseTo(expected[i], within(0.015));
    }
  }
}
