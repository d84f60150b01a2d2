package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RandomErasingTest {

  private static final Resolution SIZE = new Resolution(40, 60);
  private static final int PLANE = SIZE.pixels();
  private static final Path NOWHERE = Path.of("nowhere");

  /** Every value is 0.5, which no box is filled with. */
  private record Plain(int views) implements ImageTransform {

    @Override
    public Resolution resolution() {
      return SIZE;
    }

    @Override
    public void apply(Path file, RandomGenerator random, FloatBuffer target) {
      for (int i = 0; i < 3 * PLANE * views; i++) {
        target.put(0.5f);
      }
    }
  }

  @Test
  void largeImagesAreTakenOrRefusedAsByTheInnerTransform() {
    ImageTransform crops =
        RandomCrop.of(SIZE).withDecoding(ImageDecoding.exact().withMaximumPixels(1234));

    assertThat(RandomErasing.of(RandAugment.of(crops)).maximumPixels()).isEqualTo(1234);
  }

  private static final RandomErasing ALWAYS = RandomErasing.of(new Plain(1)).withProbability(1);

  @Test
  void erasesOneBoxOfAllChannels() throws IOException {
    for (int seed = 0; seed < 200; seed++) {
      float[] values = values(ALWAYS, seed);
      Box box = erased(values);

      assertThat(box.pixels()).isBetween((long) (0.018 * PLANE), (long) (0.36 * PLANE));
      for (int channel = 0; channel < 3; channel++) {
        for (int i = 0; i < PLANE; i++) {
          assertThat(values[channel * PLANE + i])
              .as("seed %d, channel %d, cell %d", seed, channel, i)
              .isEqualTo(holds(box, i) ? 0 : 0.5f);
        }
      }
    }
  }

  @Test
  void coloursAreOfAChannelAndNoiseOfAPixel() throws IOException {
    float[] colour = values(ALWAYS.withFill(RandomErasing.Fill.COLOUR), 3);
    float[] noise = values(ALWAYS.withFill(RandomErasing.Fill.NOISE).withArea(0.3, 0.3), 3);
    Box coloured = erased(colour);
    int first = coloured.top() * SIZE.width() + coloured.left();
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (int i = 0; i < 3 * PLANE; i++) {
      if (holds(coloured, i % PLANE)) {
        assertThat(colour[i]).isEqualTo(colour[i / PLANE * PLANE + first]);
      }
      if (noise[i] != 0.5f) {
        sum += noise[i];
        squares += noise[i] * noise[i];
        count++;
      }
    }

    assertThat(colour[first]).isNotEqualTo(colour[PLANE + first]);
    assertThat(count).isBetween(3 * (int) (0.28 * PLANE), 3 * (int) (0.32 * PLANE));
    assertThat(sum / count).isBetween(-0.1, 0.1);
    assertThat(squares / count).isBetween(0.9, 1.1);
  }

  @Test
  void bytesAreTheClippedFloats() throws IOException {
    for (RandomErasing.Fill fill : RandomErasing.Fill.values()) {
      RandomErasing transform = ALWAYS.withFill(fill).withCount(2, 4);
      float[] floats = values(transform, 9);
      ByteBuffer bytes = ByteBuffer.allocate(3 * PLANE);
      transform.apply(NOWHERE, new SplitMix64(9), bytes);

      for (int i = 0; i < bytes.capacity(); i++) {
        float value = Math.max(-1, Math.min(floats[i % 3 * PLANE + i / 3], 1));
        assertThat(bytes.get(i)).isEqualTo(TargetRows.level(value));
      }
    }
  }

  @Test
  void viewsAreErasedApart() throws IOException {
    RandomErasing transform = RandomErasing.of(new Plain(2)).withProbability(1);
    FloatBuffer both = FloatBuffer.allocate(6 * PLANE);
    transform.apply(NOWHERE, new SplitMix64(4), both);
    float[] first = new float[3 * PLANE];
    float[] second = new float[3 * PLANE];
    both.flip().get(first).get(second);

    assertThat(erased(first)).isNotEqualTo(erased(second));
  }

  @Test
  void erasesAsOftenAsAsked() throws IOException {
    RandomErasing transform = ALWAYS.withProbability(0.25);
    int erased = 0;
    for (int seed = 0; seed < 400; seed++) {
      for (float value : values(transform, seed)) {
        if (value == 0) {
          erased++;
          break;
        }
      }
    }

    assertThat(erased).isBetween(70, 130);
  }

  /** timm 1.0.29: h = round(sqrt(area * aspect)), w = round(sqrt(area / aspect)). */
  @Test
  void sidesAreThoseOfTimm() {
    assertThat(RandomErasing.boxOf(1000, 0.4)).isEqualTo(Box.whole(20, 50));
    assertThat(RandomErasing.boxOf(523.7, 2.9)).isEqualTo(Box.whole(39, 13));
  }

  @Test
  void refusesSettingsOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> ALWAYS.withProbability(-0.1));
    assertThatIllegalArgumentException().isThrownBy(() -> ALWAYS.withArea(0, 0.5));
    assertThatIllegalArgumentException().isThrownBy(() -> ALWAYS.withArea(0.5, 0.4));
    assertThatIllegalArgumentException().isThrownBy(() -> ALWAYS.withMinimumAspect(2));
    assertThatIllegalArgumentException().isThrownBy(() -> ALWAYS.withCount(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> ALWAYS.withCount(3, 2));
  }

  @Test
  void settingsShowInItsText() {
    assertThat(RandomErasing.of(CentralCrop.of(SIZE)).withArea(0.1, 0.2).withCount(1, 3))
        .hasToString(
            CentralCrop.of(SIZE)
                + ", 1 to 3 boxes of 0.1 to 0.2 with aspect 0.3 erased by GREY with probability"
                + " 0.5");
  }

  private static float[] values(ImageTransform transform, long seed) throws IOException {
    FloatBuffer values = FloatBuffer.allocate(3 * PLANE);
    transform.apply(NOWHERE, new SplitMix64(seed), values);
    assertThat(values.remaining()).isZero();
    return values.array();
  }

  /** The smallest box around what is not 0.5 in the first channel. */
  private static Box erased(float[] values) {
    int top = SIZE.height();
    int left = SIZE.width();
    int bottom = 0;
    int right = 0;
    for (int i = 0; i < PLANE; i++) {
      if (values[i] != 0.5f) {
        top = Math.min(top, i / SIZE.width());
        bottom = i / SIZE.width() + 1;
        left = Math.min(left, i % SIZE.width());
        right = Math.max(right, i % SIZE.width() + 1);
      }
    }
    assertThat(bottom).as("an erased box").isPositive();
    return new Box(top, left, bottom - top, right - left);
  }

  private static boolean holds(Box box, int cell) {
    int y = cell / SIZE.width() - box.top();
    int x = cell % SIZE.width() - box.left();
    return y >= 0 && y < box.height() && x >= 0 && x < box.width();
  }
}
