package dev.fgvc.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How far the probabilities of a classifier can be believed, and the temperature that makes them
 * more believable. Both after Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural
 * Networks", ICML 2017.
 *
 * <p>Probabilities are the softmax of scores divided by a temperature; scores are logits, or
 * logarithms of probabilities. A temperature changes no order of classes, hence no top-k error. It
 * should be {@linkplain #fit fitted} on held-out images, and the {@linkplain #error error} after it
 * measured on others.
 *
 * @param temperature what scores were divided by
 * @param crossEntropy the mean negative logarithm of the right class's probability, in nats
 * @param bins images by confidence, the probability of the most likely class, in {@value #BINS}
 *     bins of equal width from 0 to 1; the upper border belongs to a bin
 */
public record Calibration(double temperature, double crossEntropy, List<Bin> bins) {

  /** The number of bins, that of the paper's experiments. */
  public static final int BINS = 15;

  /** Fitted temperatures lie from its reciprocal to this. */
  public static final double LARGEST_TEMPERATURE = 100;

  private static final int MOST_STEPS = 80;

  /** Far more than it needs where there is an optimum; it creeps where there is none. */
  private static final int NEWTON_STEPS = 20;

  /**
   * The images whose confidence is in a range.
   *
   * @param images how many
   * @param confidence the mean probability of their most likely class; 0 without images
   * @param accuracy the part of them whose most likely class is the right one; 0 without images. A
   *     tie counts against the classifier as in {@link TopKError}
   */
  public record Bin(long images, double confidence, double accuracy) {}

  /** Copies the bins. */
  public Calibration {
    requireTemperature(temperature);
    bins = List.copyOf(bins);
  }

  /**
   * Measures probabilities at a given temperature.
   *
   * @param scores [images, classes] row by row
   * @param labels the right class of each image, at least one
   * @param classCount the number of classes, at least 1
   * @param temperature 1 for the classifier as it is
   * @return what their probabilities are worth
   * @throws IllegalArgumentException if there is no image, the lengths do not fit, a label is out
   *     of range, a score is NaN or positive infinity, that of a right class is not finite, or the
   *     temperature is not positive and finite
   */
  public static Calibration of(double[] scores, int[] labels, int classCount, double temperature) {
    requireScores(scores, labels, classCount);
    requireTemperature(temperature);
    long[] images = new long[BINS];
    double[] confidences = new double[BINS];
    double[] right = new double[BINS];
    double loss = 0;
    for (int i = 0; i < labels.length; i++) {
      int from = i * classCount;
      Softmax softmax = Softmax.of(scores, from, classCount, 1 / temperature);
      double confidence = softmax.largest();
      int bin = Math.max(0, Math.min(BINS - 1, (int) Math.ceil(confidence * BINS) - 1));
      images[bin]++;
      confidences[bin] += confidence;
      right[bin] += TopKError.rank(scores, from, classCount, labels[i]) == 0 ? 1 : 0;
      loss -= softmax.logarithm(scores[from + labels[i]]);
    }
    List<Bin> bins = new ArrayList<>();
    for (int b = 0; b < BINS; b++) {
      long count = Math.max(1, images[b]);
      bins.add(new Bin(images[b], confidences[b] / count, right[b] / count));
    }
    return new Calibration(temperature, loss / labels.length, bins);
  }

  /**
   * Fits the temperature of the least cross-entropy. That is a convex problem in its reciprocal;
   * where the best would be out of range, as for images that are all classified rightly, the
   * nearest temperature from 1 / {@value #LARGEST_TEMPERATURE} to {@value #LARGEST_TEMPERATURE} is
   * taken; where all are equal, 1. Time is about ten passes over the scores.
   *
   * @param scores [images, classes] row by row, of images that the classifier was not trained on
   * @param labels the right class of each image, at least one
   * @param classCount the number of classes, at least 1
   * @return the calibration of the same images at that temperature
   * @throws IllegalArgumentException as {@link #of}
   */
  public static Calibration fit(double[] scores, int[] labels, int classCount) {
    requireScores(scores, labels, classCount);
    double low = 1 / LARGEST_TEMPERATURE;
    double high = LARGEST_TEMPERATURE;
    double inverse = 1;
    for (int step = 0; step < MOST_STEPS && high - low > 1e-14 * high; step++) {
      double slope = 0;
      double curvature = 0;
      for (int i = 0; i < labels.length; i++) {
        int from = i * classCount;
        Softmax softmax = Softmax.of(scores, from, classCount, inverse);
        slope += softmax.top() - scores[from + labels[i]] + softmax.mean();
        curvature += softmax.variance();
      }
      if (slope == 0 && step == 0) {
        break; // no temperature is better
      }
      if (slope > 0) {
        high = inverse;
      } else {
        low = inverse;
      }
      double newton = inverse - slope / curvature;
      boolean usable = step < NEWTON_STEPS && newton > low && newton < high;
      double next = usable ? newton : Math.sqrt(low * high);
      if (Math.abs(next - inverse) <= 1e-14 * inverse) {
        break;
      }
      inverse = next;
    }
    return of(scores, labels, classCount, 1 / inverse);
  }

  /**
   * The expected calibration error: the mean difference of confidence and accuracy over the bins,
   * each weighted by its images.
   *
   * @return from 0 to 1
   */
  public double error() {
    double sum = 0;
    for (Bin bin : bins) {
      sum += bin.images() * Math.abs(bin.confidence() - bin.accuracy());
    }
    return sum / images();
  }

  /**
   * The number of images.
   *
   * @return at least 1
   */
  public long images() {
    return bins.stream().mapToLong(Bin::images).sum();
  }

  /** Such as {@code temperature 1.310: cross-entropy 0.8123, calibration error 2.10 %}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "temperature %.3f: cross-entropy %.4f, calibration error %.2f %% of %d images",
        temperature,
        crossEntropy,
        100 * error(),
        images());
  }

  private static void requireTemperature(double temperature) {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature " + temperature + " must be positive and finite");
    }
  }

  private static void requireScores(double[] scores, int[] labels, int classCount) {
    if (labels.length == 0) {
      throw new IllegalArgumentException("no image to calibrate with");
    }
    TopKError.requireBatch(scores.length, labels, classCount);
    for (int at = 0; at < scores.length; at++) {
      boolean own = labels[at / classCount] == at % classCount;
      boolean usable = scores[at] < Double.POSITIVE_INFINITY; // false for NaN
      if (!usable || (own && Double.isInfinite(scores[at]))) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "score %s of class %d for image %d: no probability follows from it",
                scores[at],
                at % classCount,
                at / classCount));
      }
    }
  }

  /**
   * The probabilities of an image.
   *
   * @param inverse the reciprocal of the temperature
   * @param normalizer logarithm of the sum of exponentials
   * @param largest the highest probability
   * @param top the highest score
   * @param mean by these probabilities, of the differences of scores from the highest
   * @param variance of the same
   */
  private record Softmax(
      double inverse, double normalizer, double largest, double top, double mean, double variance) {

    static Softmax of(double[] scores, int from, int count, double inverse) {
      double top = Arrays.stream(scores, from, from + count).max().orElseThrow();
      double sum = 0;
      double first = 0;
      double second = 0;
      for (int c = 0; c < count; c++) {
        double difference = scores[from + c] - top;
        double weight = Math.exp(difference * inverse);
        if (weight > 0) {
          sum += weight;
          first += weight * difference;
          second += weight * difference * difference;
        }
      }
      double shift = first / sum;
      return new Softmax(
          inverse,
          top * inverse + Math.log(sum),
          1 / sum,
          top,
          shift,
          Math.max(0, second / sum - shift * shift));
    }

    double logarithm(double score) {
      return score * inverse - normalizer;
    }
  }
}
