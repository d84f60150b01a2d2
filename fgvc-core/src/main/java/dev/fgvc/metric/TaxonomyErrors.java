package dev.fgvc.metric;

import dev.fgvc.data.Taxonomy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Top-1 errors at each rank of a taxonomy: a wrong species of the right genus is an error of the
 * lowest rank alone. The class of the highest score decides at all ranks.
 *
 * <p>Ties and NaN count against the classifier, as in {@link TopKError}: where another class scores
 * at least as high as the right one, or the right one's score is NaN, the guess is the best of the
 * others as {@link Confusions} has it: the first of equals, NaN before all numbers.
 *
 * @param ranks the highest first
 * @param errors wrong images at each rank; they do not become fewer from one rank to the next
 * @param images how many images were seen, at least 1
 */
public record TaxonomyErrors(List<String> ranks, List<Long> errors, long images) {

  /** Copies the lists. */
  public TaxonomyErrors {
    ranks = List.copyOf(ranks);
    errors = List.copyOf(errors);
  }

  /**
   * Counts the errors of a classifier.
   *
   * @param taxonomy of its classes
   * @param scores [images, classes] row by row
   * @param labels the right class of each image, at least one
   * @return the errors at each rank
   * @throws IllegalArgumentException if there is no image, the lengths do not fit or a label is out
   *     of range
   */
  public static TaxonomyErrors of(Taxonomy taxonomy, double[] scores, int[] labels) {
    int classes = taxonomy.classCount();
    TopKError.requireBatch(scores.length, labels, classes);
    if (labels.length == 0) {
      throw new IllegalArgumentException("no image to count errors of");
    }
    int ranks = taxonomy.ranks().size();
    Long[] errors = new Long[ranks];
    Arrays.fill(errors, 0L);
    for (int i = 0; i < labels.length; i++) {
      int guess = guess(scores, i * classes, classes, labels[i]);
      for (int rank = taxonomy.sharedRanks(labels[i], guess); rank < ranks; rank++) {
        errors[rank]++;
      }
    }
    return new TaxonomyErrors(taxonomy.ranks(), List.of(errors), labels.length);
  }

  private static int guess(double[] scores, int from, int classes, int label) {
    if (classes == 1 || TopKError.rank(scores, from, classes, label) == 0) {
      return label;
    }
    return TopKError.bestOther(scores, from, classes, label);
  }

  /**
   * The error at one rank.
   *
   * @param rank one of {@link #ranks}
   * @return from 0 to 1
   * @throws IllegalArgumentException if there is no such rank
   */
  public double error(String rank) {
    int at = ranks.indexOf(rank);
    if (at < 0) {
      throw new IllegalArgumentException("no rank " + rank + " in " + ranks);
    }
    return (double) errors.get(at) / images;
  }

  /** Such as {@code 400 images: kingdom 0.25 %, genus 3.50 %, species 12.00 %}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(images).append(" images");
    for (int rank = 0; rank < ranks.size(); rank++) {
      text.append(rank == 0 ? ": " : ", ")
          .append(ranks.get(rank))
          .append(String.format(Locale.ROOT, " %.2f %%", 100.0 * errors.get(rank) / images));
    }
    return text.toString();
  }
}
