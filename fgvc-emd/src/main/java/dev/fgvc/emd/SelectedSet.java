package dev.fgvc.emd;

/**
 * Source classes chosen as a set, the weights they are taken with, and how far the set is from the
 * target. Arrays are the record's own: read them only.
 *
 * @param classes class indices, ascending
 * @param weights the share of each class, summing to 1
 * @param emd the Earth Mover's Distance of the weighted set to the target
 */
public record SelectedSet(int[] classes, double[] weights, double emd) {}
