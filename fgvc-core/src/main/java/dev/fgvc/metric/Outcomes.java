package dev.fgvc.metric;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How each image of a data set was classified: the place of its right class among the scores. From
 * it follow the top-k errors for any k; and since images keep their order, two classifiers can be
 * compared image by image, which tells far more than their two errors. Immutable; 8 bytes an image.
 */
public final class Outcomes {

  private final int classCount;
  private final int[] labels;
  private final int[] ranks;

  private Outcomes(int classCount, int[] labels, int[] ranks) {
    this.classCount = classCount;
    this.labels = labels;
    this.ranks = ranks;
  }

  /**
   * Ranks scores, with ties and NaN against the classifier as in {@link TopKError}.
   *
   * @param scores [images, classes] row by row
   * @param labels the right class of each image
   * @param classCount the number of classes, at least 1
   * @return the outcomes, in the order of the images
   * @throws IllegalArgumentException if the lengths do not fit or a label is out of range
   */
  public static Outcomes of(double[] scores, int[] labels, int classCount) {
    TopKError.requireBatch(scores.length, labels, classCount);
    int[] ranks = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      ranks[i] = TopKError.rank(scores, i * classCount, classCount, labels[i]);
    }
    return new Outcomes(classCount, labels.clone(), ranks);
  }

  /**
   * Outcomes that were kept, see {@link #ranks}.
   *
   * @param ranks of the right class of each image, from 0
   * @param labels the right class of each image
   * @param classCount the number of classes, at least 1
   * @return the outcomes, in the order of the images
   * @throws IllegalArgumentException if the lengths differ, or a label or a rank is out of range
   */
  public static Outcomes ofRanks(int[] ranks, int[] labels, int classCount) {
    if (ranks.length != labels.length) {
      throw new IllegalArgumentException(
          ranks.length + " ranks for " + labels.length + " labels: both must be the same");
    }
    for (int i = 0; i < labels.length; i++) {
      boolean ranked = ranks[i] >= 0 && (ranks[i] < classCount || ranks[i] == Integer.MAX_VALUE);
      if (labels[i] < 0 || labels[i] >= classCount || !ranked) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "image %d has label %d and rank %d, with %d classes",
                i,
                labels[i],
                ranks[i],
                classCount));
      }
    }
    return new Outcomes(classCount, labels.clone(), ranks.clone());
  }

  /**
   * Joins the outcomes of parts of a data set.
   *
   * @param parts at least one, in order
   * @return all images
   * @throws IllegalArgumentException if there is no part or their numbers of classes differ
   */
  public static Outcomes concat(List<Outcomes> parts) {
    if (parts.isEmpty()
        || parts.stream().anyMatch(part -> part.classCount != parts.get(0).classCount)) {
      throw new IllegalArgumentException(
          "outcomes of "
              + parts.stream().map(Outcomes::classCount).toList()
              + " classes: at least one part is needed, all with the same number");
    }
    return new Outcomes(
        parts.get(0).classCount,
        parts.stream().flatMapToInt(part -> Arrays.stream(part.labels)).toArray(),
        parts.stream().flatMapToInt(part -> Arrays.stream(part.ranks)).toArray());
  }

  /**
   * The number of images.
   *
   * @return at least 0
   */
  public int imageCount() {
    return labels.length;
  }

  /**
   * The number of classes.
   *
   * @return at least 1
   */
  public int classCount() {
    return classCount;
  }

  /**
   * The right class of an image.
   *
   * @param image its position
   * @return from 0 to the number of classes less 1
   */
  public int label(int image) {
    return labels[image];
  }

  /**
   * The right class of each image.
   *
   * @return a copy
   */
  public int[] labels() {
    return labels.clone();
  }

  /**
   * The place of the right class of each image among the scores.
   *
   * @return a copy; 0 where the best guess is right, {@link Integer#MAX_VALUE} where the score of
   *     the right class is NaN
   */
  public int[] ranks() {
    return ranks.clone();
  }

  /**
   * Whether the right class is among the best scored ones.
   *
   * @param image its position
   * @param k how many guesses are allowed, at least 1
   * @return false also where the own score is NaN
   */
  public boolean isRight(int image, int k) {
    return ranks[image] < k;
  }

  /**
   * Counts the errors.
   *
   * @param k how many guesses are allowed, at least 1
   * @return what {@link TopKError} counts
   */
  public ClassErrors topK(int k) {
    long[] images = new long[classCount];
    long[] errors = new long[classCount];
    for (int i = 0; i < labels.length; i++) {
      images[labels[i]]++;
      if (!isRight(i, k)) {
        errors[labels[i]]++;
      }
    }
    return ClassErrors.of(k, images, errors);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Outcomes that
        && classCount == that.classCount
        && Arrays.equals(labels, that.labels)
        && Arrays.equals(ranks, that.ranks);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ranks) + Arrays.hashCode(labels);
  }

  /** Such as {@code 400 images of 8 classes, 50 wrong}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d images of %d classes, %d wrong",
        labels.length,
        classCount,
        Arrays.stream(ranks).filter(rank -> rank > 0).count());
  }
}
