package dev.fgvc.metric;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.FloatBuffer;
import java.util.Locale;

/**
 * Counts how often the right class is not among the k best scored ones. Batches are added one by
 * one; counters of parts of a data set are merged. Not safe for use by several threads at once.
 *
 * <p>An image is right if fewer than k other classes score at least as high as its own. So a tie
 * counts against the network: one that scores all classes alike gets nothing right. A score that is
 * NaN counts against it as well: the own class's is wrong, another's counts as higher. Other
 * libraries count such scores otherwise, and agree only where all scores are different numbers:
 *
 * <ul>
 *   <li>TensorFlow's {@code in_top_k}, and Keras' top-k accuracies that call it, put all classes of
 *       a tie among the best, so a network that scores all classes alike has error 0; an own score
 *       that is not finite is wrong, infinity included.
 *   <li>Keras' {@code SparseCategoricalAccuracy} takes the argmax, which is the first of equals: of
 *       constant scores, the images of class 0 are right.
 *   <li>timm's {@code accuracy} sorts with PyTorch's {@code topk}, which puts NaN above all numbers
 *       and leaves the order of equals open.
 * </ul>
 *
 * <p>Scores should be logits, or logarithms of probabilities: probabilities below the smallest
 * number of their type are all 0, and tie. Time is one pass over the scores, memory one counter
 * pair a class.
 */
public final class TopKError {

  private final int k;
  private final long[] images;
  private final long[] errors;

  private TopKError(int k, int classCount) {
    this.k = k;
    this.images = new long[classCount];
    this.errors = new long[classCount];
  }

  /**
   * A counter that has seen nothing.
   *
   * @param k how many guesses are allowed, at least 1
   * @param classCount the number of classes, at least 1; with k or fewer of them an image is wrong
   *     only if its own score is NaN
   * @return the counter
   */
  public static TopKError create(int k, int classCount) {
    checkArgument(
        k >= 1 && classCount >= 1,
        "top-%s error of %s classes: both must be at least 1",
        k,
        classCount);
    return new TopKError(k, classCount);
  }

  /**
   * Adds a batch.
   *
   * @param scores logits or probabilities, [images, classes] row by row
   * @param labels the right class of each image
   * @return this counter
   * @throws IllegalArgumentException if the lengths do not fit or a label is out of range; then
   *     nothing is added
   */
  public TopKError add(float[] scores, int[] labels) {
    return add(FloatBuffer.wrap(scores), labels);
  }

  /**
   * Adds a batch from a buffer, direct or not, whose position stays.
   *
   * @param scores logits or probabilities, [images, classes] row by row, from position to limit
   * @param labels the right class of each image
   * @return this counter
   * @throws IllegalArgumentException if the lengths do not fit or a label is out of range; then
   *     nothing is added
   */
  public TopKError add(FloatBuffer scores, int[] labels) {
    int classes = images.length;
    requireBatch(scores.remaining(), labels, classes);
    double[] row = new double[classes];
    for (int i = 0; i < labels.length; i++) {
      for (int c = 0; c < classes; c++) {
        row[c] = scores.get(scores.position() + i * classes + c);
      }
      count(row, 0, labels[i]);
    }
    return this;
  }

  /**
   * Adds a batch of scores in double precision, such as logarithms of mean probabilities.
   *
   * @param scores [images, classes] row by row
   * @param labels the right class of each image
   * @return this counter
   * @throws IllegalArgumentException if the lengths do not fit or a label is out of range; then
   *     nothing is added
   */
  public TopKError add(double[] scores, int[] labels) {
    requireBatch(scores.length, labels, images.length);
    for (int i = 0; i < labels.length; i++) {
      count(scores, i * images.length, labels[i]);
    }
    return this;
  }

  private void count(double[] scores, int from, int label) {
    images[label]++;
    if (rank(scores, from, images.length, label) >= k) {
      errors[label]++;
    }
  }

  static void requireBatch(long scores, int[] labels, int classes) {
    if (scores != (long) labels.length * classes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d scores for %d images of %d classes: expected %d",
              scores,
              labels.length,
              classes,
              (long) labels.length * classes));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "label %d of image %d is not from 0 to %d",
                labels[i],
                i,
                classes - 1));
      }
    }
  }

  /**
   * How many other classes score at least as high as the right one; no k is above it where the
   * right one's score is NaN. A comparison with NaN is false, so it is counted as not lower.
   */
  static int rank(double[] scores, int from, int classes, int label) {
    double own = scores[from + label];
    if (Double.isNaN(own)) {
      return Integer.MAX_VALUE;
    }
    int notLower = 0;
    for (int c = 0; c < classes; c++) {
      if (c != label && !(scores[from + c] < own)) {
        notLower++;
      }
    }
    return notLower;
  }

  /**
   * The best of the classes beside the right one: NaN before all numbers, the lowest label among
   * equals, 0 and -0 being equal.
   *
   * @param classes at least 2
   */
  static int bestOther(double[] scores, int from, int classes, int label) {
    int best = label == 0 ? 1 : 0;
    for (int c = best + 1; c < classes; c++) {
      double highest = scores[from + best];
      boolean better = Double.isNaN(scores[from + c]) || scores[from + c] > highest;
      if (c != label && better && !Double.isNaN(highest)) {
        best = c;
      }
    }
    return best;
  }

  /**
   * Adds what another counter has seen.
   *
   * @param other a counter with the same k and classes; stays as it is
   * @return this counter
   * @throws IllegalArgumentException if k or the classes differ
   */
  public TopKError merge(TopKError other) {
    if (other.k != k || other.images.length != images.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "top-%d error of %d classes cannot take in top-%d error of %d classes",
              k,
              images.length,
              other.k,
              other.images.length));
    }
    for (int c = 0; c < images.length; c++) {
      images[c] += other.images[c];
      errors[c] += other.errors[c];
    }
    return this;
  }

  /**
   * Returns the counts up to now.
   *
   * @return an immutable copy
   */
  public ClassErrors result() {
    return ClassErrors.of(k, images, errors);
  }
}
