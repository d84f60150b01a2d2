package dev.fgvc.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.random.SplitMix64;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  private static final int CLASSES = 40;
  private static final int IMAGES = 50;

  /** Images have the same value as their class, so only classes scatter. */
  @Test
  void intervalOfAMeanIsThatOfItsStandardError() {
    int[] labels = labels();
    double[] values = normal(CLASSES, 3);

    Interval interval =
        Bootstrap.of(1, List.of(labels))
            .withReplicates(5000)
            .interval(sample -> sample.mean(0, (run, image) -> values[labels[image]]));

    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (CLASSES - 1);
    double error = 1.96 * Math.sqrt(variance / CLASSES);
    assertThat(interval.estimate()).isCloseTo(mean, within(1e-12));
    assertThat(interval.low()).isCloseTo(mean - error, within(0.06 * error));
    assertThat(interval.high()).isCloseTo(mean + error, within(0.06 * error));
  }

  @Test
  void seedsCountAlsoWhereImagesAgree() {
    double[] runs = {1, 2, 4};
    Interval interval =
        Bootstrap.of(3, List.of(new int[] {0, 0, 0}))
            .interval(sample -> sample.mean(0, (run, image) -> runs[run]));

    assertThat(interval.estimate()).isCloseTo(7 / 3.0, within(1e-12));
    assertThat(interval.low()).isEqualTo(1);
    assertThat(interval.high()).isEqualTo(4);
  }

  @Test
  void pairingRemovesWhatBothHaveInCommon() {
    int[] labels = labels();
    double[] difficulty = normal(labels.length, 5);
    List<Outcomes> worse = List.of(outcomes(labels, difficulty, 0.0));
    List<Outcomes> better = List.of(outcomes(labels, difficulty, 0.1));

    Bootstrap bootstrap = Bootstrap.of(1, List.of(labels));
    Interval gain = bootstrap.gain(List.of(worse), List.of(better));
    Interval error = bootstrap.interval(sample -> sample.error(0, worse));

    assertThat(gain.isAboveZero()).isTrue();
    assertThat(gain.isBelowZero()).isFalse();
    assertThat(gain.high() - gain.low()).isLessThan(0.6 * (error.high() - error.low()));
    assertThat(bootstrap.gain(List.of(better), List.of(worse)).isBelowZero()).isTrue();
    assertThat(gain).isEqualTo(bootstrap.gain(List.of(worse), List.of(better)));
  }

  @Test
  void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
    int held = 0;
    int trials = 200;
    for (int trial = 0; trial < trials; trial++) {
      SplitMix64 random = new SplitMix64(trial);
      double[] classes = IntStream.range(0, 10).mapToDouble(i -> random.nextGaussian()).toArray();
      int[] labels = IntStream.range(0, 100).map(i -> i / 10).toArray();
      double[][] values = new double[3][100];
      for (double[] run : values) {
        double shift = random.nextGaussian() / 2;
        for (int i = 0; i < 100; i++) {
          run[i] = shift + classes[labels[i]] + random.nextGaussian();
        }
      }
      Interval interval =
          Bootstrap.of(3, List.of(labels))
              .withReplicates(400)
              .interval(sample -> sample.mean(0, (run, image) -> values[run][image]));
      held += interval.low() <= 0 && interval.high() >= 0 ? 1 : 0;
    }
    assertThat(held / (double) trials).as("coverage, seeds 0 to 199").isBetween(0.86, 0.99);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bootstrap.of(0, List.of(new int[1])))
        .withMessageContaining("0 runs");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bootstrap.of(1, List.of(new int[0])))
        .withMessageContaining("[0] images");
    List<List<Outcomes>> two = List.of(List.of(Outcomes.of(new double[2], new int[2], 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bootstrap.of(1, List.of(new int[3])).gain(two, two))
        .withMessageContaining("expected 1 runs");
  }

  private static Outcomes outcomes(int[] labels, double[] difficulty, double strength) {
    double[] scores = new double[labels.length * CLASSES];
    for (int i = 0; i < labels.length; i++) {
      scores[i * CLASSES + labels[i]] = strength - difficulty[i];
    }
    return Outcomes.of(scores, labels, CLASSES);
  }

  private static int[] labels() {
    return IntStream.range(0, CLASSES * IMAGES).map(i -> i % CLASSES).toArray();
  }

  private static double[] normal(int n, long seed) {
    SplitMix64 random = new SplitMix64(seed);
    return IntStream.range(0, n).mapToDouble(i -> random.nextGaussian()).toArray();
  }
}
