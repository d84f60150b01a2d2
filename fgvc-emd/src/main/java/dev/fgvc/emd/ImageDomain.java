package dev.fgvc.emd;

import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureRows;
import dev.fgvc.feature.LabeledFeatures;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;

/**
 * A domain with its images, for what class means alone cannot tell. The matrix and the labels are
 * the record's own: do not write them.
 *
 * @param name what the domain is called
 * @param features one image a row, images x dimension, finite
 * @param labels the class of each image, from 0 to 999,999
 */
public record ImageDomain(String name, FMatrixRMaj features, int[] labels) {

  /**
   * The domain of class means.
   *
   * @return means and counts of all classes
   * @throws IllegalArgumentException if labels do not fit the features
   */
  public DomainFeatures classMeans() {
    return DomainFeatures.fromImages(name, features, labels);
  }

  /**
   * The same domain for image-level transport.
   *
   * @return features that are shared, and a class for each label that occurs
   * @throws IllegalArgumentException if labels do not fit the features
   */
  public LabeledFeatures labeledFeatures() {
    return LabeledFeatures.of(name, FeatureRows.of(features), labels);
  }

  /** Draws as many images with replacement; classes of which none is drawn are left out. */
  DomainFeatures resampled(Random random) {
    FMatrixRMaj drawn = new FMatrixRMaj(features.numRows, features.numCols);
    int[] drawnLabels = new int[labels.length];
    Map<Integer, Integer> renumbered = new HashMap<>();
    for (int i = 0; i < labels.length; i++) {
      int image = random.nextInt(labels.length);
      System.arraycopy(
          features.data,
          image * features.numCols,
          drawn.data,
          i * features.numCols,
          features.numCols);
      int next = renumbered.size();
      drawnLabels[i] = renumbered.computeIfAbsent(labels[image], label -> next);
    }
    return DomainFeatures.fromImages(name, drawn, drawnLabels);
  }

  /** Whether names, labels and all features are the same, bit by bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ImageDomain that
        && name.equals(that.name)
        && Arrays.equals(labels, that.labels)
        && features.numRows == that.features.numRows
        && features.numCols == that.features.numCols
        && Arrays.equals(
            features.data,
            0,
            features.getNumElements(),
            that.features.data,
            0,
            features.getNumElements());
  }

  /** Takes the name and the labels alone, so that no feature is read. */
  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(labels);
  }

  /** Name, images and dimension. */
  @Override
  public String toString() {
    return name + ", " + features.numRows + " images, dimension " + features.numCols;
  }
}
