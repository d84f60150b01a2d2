package dev.fgvc.emd.internal.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** By the Vector API where tests have it, beside plain loops. */
class LinesTest {

  /** Few values, so that many are equal to a limit. */
  private static float[] line(int length, Random random) {
    float[] line = new float[length];
    for (int j = 0; j < length; j++) {
      line[j] = random.nextInt(40) / 8f - 1;
    }
    return line;
  }

  @RepeatedTest(100)
  void findsThePlacesBelowALimit(RepetitionInfo repetition) {
    int length = repetition.getCurrentRepetition() - 1;
    Random random = new Random(length);
    int start = random.nextInt(20);
    float[] values = line(start + length + 3, random);
    float[] less = line(length, random);
    float limit = random.nextInt(16) / 8f - 3;
    double[] values64 = doubles(values);
    double[] less64 = doubles(less);
    int j = 0;
    for (int place = 0; place <= length; place++) {
      if (place == length || values[start + place] - less[place] < limit) {
        assertThat(Lines.nextBelow(limit, values, start, less, j)).isEqualTo(place);
        assertThat(Lines.nextBelow((double) limit, values64, start, less64, j)).isEqualTo(place);
        j = place + 1;
      }
    }
  }

  @RepeatedTest(100)
  void findsThePlacesBelowEitherLimit(RepetitionInfo repetition) {
    int length = repetition.getCurrentRepetition() - 1;
    Random random = new Random(length);
    float[] values = line(length, random);
    float[] limits = line(length, random);
    for (int place = 0; place < length; place++) {
      limits[place] -= 3;
    }
    float limit = -1 + random.nextInt(3) / 8f;
    int j = 0;
    for (int place = 0; place <= length; place++) {
      if (place == length || values[place] < limit || values[place] < limits[place]) {
        assertThat(Lines.nextBelowEither(limit, values, limits, j)).isEqualTo(place);
        j = place + 1;
      }
    }
  }

  @Test
  void passesByWhatIsInfinite() {
    float[] values = new float[50];
    float[] limits = new float[50];
    Arrays.fill(values, Float.POSITIVE_INFINITY);
    Arrays.fill(limits, Float.POSITIVE_INFINITY);
    assertThat(Lines.nextBelowEither(Float.POSITIVE_INFINITY, values, limits, 0)).isEqualTo(50);
    values[37] = 1;
    assertThat(Lines.nextBelowEither(0, values, limits, 0)).isEqualTo(37);
    assertThat(Lines.least(values)).isEqualTo(1);
  }

  @RepeatedTest(100)
  void findsTheLeast(RepetitionInfo repetition) {
    int length = repetition.getCurrentRepetition();
    float[] values = line(length, new Random(length));
    float least = Float.POSITIVE_INFINITY;
    for (float value : values) {
      least = Math.min(least, value);
    }
    assertThat(Lines.least(values)).isEqualTo(least);
    assertThat(Lines.leastByLoops(values, 0, Float.POSITIVE_INFINITY)).isEqualTo(least);
  }

  @RepeatedTest(100)
  void multipliesToTheBitsOfLoops(RepetitionInfo repetition) {
    int length = repetition.getCurrentRepetition() - 1;
    Random random = new Random(length);
    float[] a = new float[length];
    float[] b = new float[length];
    for (int j = 0; j < length; j++) {
      a[j] = random.nextFloat();
      b[j] = (float) Math.exp(8 * random.nextGaussian());
    }
    float[] sums = new float[8];
    Lines.setByLoops(sums, a, b);
    for (int j = length / 8 * 8; j < length; j++) {
      sums[0] += a[j] * b[j];
    }
    float expected =
        ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    assertThat(Lines.product(a, b)).isEqualTo(expected);
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int j = 0; j < values.length; j++) {
      doubles[j] = values[j];
    }
    return doubles;
  }
}
