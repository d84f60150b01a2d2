package dev.fgvc.metric;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Counts which class is taken for which. Batches are added one by one; counters of parts of a data
 * set are merged. Memory grows with the pairs that occur, not with the square of the classes. Not
 * safe for use by several threads at once.
 *
 * <p>The rule for ties is that of {@link TopKError} with k = 1: an image counts as right only if
 * every other class scores lower than its own. Otherwise it is taken for the best of the other
 * classes, the lowest label among equals; NaN counts as best.
 */
public final class Confusions {

  private final long[] images;
  private final Map<Long, Long> wrong = new HashMap<>();

  private Confusions(int classCount) {
    this.images = new long[classCount];
  }

  /**
   * One class taken for another.
   *
   * @param label the right class
   * @param predicted the class it was taken for
   * @param count how many images, at least 1
   * @param rate their part of all images of the right class, above 0, at most 1
   */
  public record Pair(int label, int predicted, long count, double rate) {}

  /**
   * A counter that has seen nothing.
   *
   * @param classCount the number of classes, at least 2
   * @return the counter
   */
  public static Confusions create(int classCount) {
    if (classCount < 2) {
      throw new IllegalArgumentException("confusions of " + classCount + " classes: at least 2");
    }
    return new Confusions(classCount);
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
  public Confusions add(FloatBuffer scores, int[] labels) {
    TopKError.requireBatch(scores.remaining(), labels, images.length);
    double[] row = new double[images.length];
    for (int i = 0; i < labels.length; i++) {
      for (int c = 0; c < row.length; c++) {
        row[c] = scores.get(scores.position() + i * row.length + c);
      }
      int label = labels[i];
      images[label]++;
      int rival = TopKError.bestOther(row, 0, row.length, label);
      if (!(row[rival] < row[label])) {
        wrong.merge(key(label, rival), 1L, Long::sum);
      }
    }
    return this;
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
  public Confusions add(float[] scores, int[] labels) {
    return add(FloatBuffer.wrap(scores), labels);
  }

  /**
   * Adds what another counter has seen.
   *
   * @param other a counter with the same classes; stays as it is
   * @return this counter
   * @throws IllegalArgumentException if the classes differ
   */
  public Confusions merge(Confusions other) {
    if (other.images.length != images.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "confusions of %d classes cannot take in those of %d",
              images.length,
              other.images.length));
    }
    Map<Long, Long> added = Map.copyOf(other.wrong);
    for (int c = 0; c < images.length; c++) {
      images[c] += other.images[c];
    }
    added.forEach((key, count) -> wrong.merge(key, count, Long::sum));
    return this;
  }

  /**
   * How often one class was taken for another.
   *
   * @param label the right class
   * @param predicted the class it was taken for; with the same class, how often it was right
   * @return at least 0
   * @throws IndexOutOfBoundsException if there is no such class
   */
  public long count(int label, int predicted) {
    Objects.checkIndex(label, images.length);
    Objects.checkIndex(predicted, images.length);
    if (label != predicted) {
      return wrong.getOrDefault(key(label, predicted), 0L);
    }
    long errors = 0;
    for (Map.Entry<Long, Long> entry : wrong.entrySet()) {
      errors += entry.getKey() / images.length == label ? entry.getValue() : 0;
    }
    return images[label] - errors;
  }

  /**
   * The pairs that are confused most often.
   *
   * @param most how many pairs at most, at least 0
   * @return most images first; then by right class and by predicted class
   */
  public List<Pair> worstPairs(int most) {
    return wrong.entrySet().stream()
        .sorted(
            Map.Entry.<Long, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .map(entry -> pair(entry.getKey(), entry.getValue()))
        .toList();
  }

  private Pair pair(long key, long count) {
    int label = (int) (key / images.length);
    return new Pair(label, (int) (key % images.length), count, (double) count / images[label]);
  }

  private long key(int label, int predicted) {
    return (long) label * images.length + predicted;
  }

  /** Such as {@code 5 images of 3 classes, 3 taken for others}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d images of %d classes, %d taken for others",
        Arrays.stream(images).sum(),
        images.length,
        wrong.values().stream().mapToLong(Long::longValue).sum());
  }
}
