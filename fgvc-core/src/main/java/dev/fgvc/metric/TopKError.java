package dev.fgvc.metric;

import java.nio.FloatBuffer;
import java.util.Locale;

/**
 * Counts how often the right class is not among the k best scored ones. Batches are added one by
 * one; counters of parts of a data set are merged. Not safe for use by several threads at once.
 *
 * <p>An image is right if fewer than k other classes score at least as high as its own. So a tie
 * counts against the network: one that scores all classes alike gets nothing right. A score that is
 * NaN counts against it as well. Time is one pass over the scores, memory one counter pair a class.
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
   * @param classCount the number of classes, at least 1; with k or fewer classes only NaN is wrong
   * @return the counter
   */
  public static TopKError create(int k, int classCount) {
    if (k < 1 || classCount < 1) {
      throw new IllegalArgumentException(
          "top-" + k + " error of " + classCount + " classes: both must be at least 1");
    }
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
    requireBatch(scores, labels, classes);
    float[] row = new float[classes];
    for (int i = 0; i < labels.length; i++) {
      scores.get(scores.position() + i * classes, row);
      images[labels[i]]++;
      if (!isRight(row, labels[i])) {
        errors[labels[i]]++;
      }
    }
    return this;
  }

  static void requireBatch(FloatBuffer scores, int[] labels, int classes) {
    if (scores.remaining() != (long) labels.length * classes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d scores for %d images of %d classes: expected %d",
              scores.remaining(),
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

  /** A comparison with NaN is false, so it is counted as not lower. */
  private boolean isRight(float[] scores, int label) {
    float own = scores[label];
    int notLower = 0;
    for (int c = 0; c < scores.length; c++) {
      if (c != label && !(scores[c] < own)) {
        notLower++;
      }
    }
    return !Float.isNaN(own) && notLower < k;
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
   * What was counted up to now.
   *
   * @return an immutable copy
   */
  public ClassErrors result() {
    return ClassErrors.of(k, images, errors);
  }
}
