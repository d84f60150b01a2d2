package dev.fgvc.emd;

import java.util.Arrays;

/**
 * Source classes chosen as a set, the weights they are taken with, and how far the set is from the
 * target. Arrays are the record's own: read them only.
 *
 * @param classes class indices, ascending
 * @param weights the share of each class, summing to 1
 * @param emd the Earth Mover's Distance of the weighted set to the target
 */
public record SelectedSet(int[] classes, double[] weights, double emd) {

  /** Whether classes, weights and distance are the same, each number bit by bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof SelectedSet that
        && Arrays.equals(classes, that.classes)
        && Arrays.equals(weights, that.weights)
        && Double.compare(emd, that.emd) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(classes) + Arrays.hashCode(weights);
  }

  /** The distance, the classes and their weights. */
  @Override
  public String toString() {
    return "EMD "
        + emd
        + " of classes "
        + Arrays.toString(classes)
        + " with weights "
        + Arrays.toString(weights);
  }
}
