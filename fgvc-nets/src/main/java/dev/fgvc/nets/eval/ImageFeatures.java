package dev.fgvc.nets.eval;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.data.Dataset;
import dev.fgvc.feature.FeatureMemory;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.progress.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ejml.data.FMatrixRMaj;

/**
 * The penultimate feature of every image of a data set, for measures that need more than class
 * means.
 *
 * @param features [images, dimension], in the order of the data set
 * @param labels the class of each image
 */
public record ImageFeatures(FMatrixRMaj features, int[] labels) {

  /** Refuses another number of labels than of rows, and no rows. */
  public ImageFeatures {
    if (labels.length == 0 || features.numRows != labels.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "features of %d images with %d labels; both must be the same and at least 1",
              features.numRows,
              labels.length));
    }
  }

  /**
   * Computes the features of central crops of photos as they are stored: their EXIF orientation is
   * not applied, unlike by {@link FeatureExtraction}.
   *
   * @param backbone such as a compiled network; stays the caller's to close
   * @param resolution of the central crops
   * @param dataset the images; memory is 4 bytes for each image and feature
   * @return the features
   * @throws IllegalArgumentException if the data set is empty, or its features are more than the
   *     heap can hold
   */
  public static ImageFeatures of(Backbone backbone, Resolution resolution, Dataset dataset) {
    return of(backbone, resolution, dataset, Progress.none());
  }

  /**
   * Computes the features of central crops of photos as they are stored, telling how far it is.
   *
   * @param backbone such as a compiled network; stays the caller's to close
   * @param resolution of the central crops
   * @param dataset the images; memory is 4 bytes for each image and feature
   * @param progress hears of finished images
   * @return the features
   * @throws IllegalArgumentException if the data set is empty, or its features are more than the
   *     heap can hold
   */
  public static ImageFeatures of(
      Backbone backbone, Resolution resolution, Dataset dataset, Progress progress) {
    return of(backbone, CentralCrop.of(resolution), dataset, progress);
  }

  /**
   * Computes the features of what a transform makes of each image, such as that of weights from
   * another library, telling how far it is.
   *
   * @param backbone such as a compiled network; stays the caller's to close
   * @param transform one view of each image, nothing random
   * @param dataset the images; memory is 4 bytes for each image and feature
   * @param progress hears of finished images
   * @return the features
   * @throws IllegalArgumentException if the data set is empty, its features are more than the heap
   *     can hold, or the transform makes several views or random choices
   */
  public static ImageFeatures of(
      Backbone backbone, ImageTransform transform, Dataset dataset, Progress progress) {
    KeptFeatures.requireOneView(transform);
    FeatureMemory.requireMatrix(
        "features of " + dataset.name(), dataset.size(), backbone.featureDimension());
    FMatrixRMaj all = new FMatrixRMaj(dataset.size(), backbone.featureDimension());
    int[] filled = {0};
    BatchedInference.run(
        "features of " + dataset.name(),
        dataset,
        List.of(transform),
        progress,
        images -> backbone.features(images.get(0)),
        (features, labels) -> {
          System.arraycopy(features.data, 0, all.data, filled[0], features.getNumElements());
          filled[0] += features.getNumElements();
        });
    return new ImageFeatures(all, dataset.labels());
  }

  /**
   * Refuses what classifiers on features cannot work with.
   *
   * @param features [images, dimension]
   * @param dimension that is expected
   */
  static void requireFinite(FMatrixRMaj features, int dimension) {
    if (features.numCols != dimension) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "features of dimension %d for a classifier of dimension %d",
              features.numCols,
              dimension));
    }
    for (int i = 0; i < features.getNumElements(); i++) {
      if (!Float.isFinite(features.data[i])) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "feature %d of image %d is %s",
                i % dimension,
                i / dimension,
                features.data[i]));
      }
    }
  }

  /** The label of an image, which has to be one of some classes. */
  int label(int image, int classes) {
    int label = labels[image];
    checkArgument(
        label >= 0 && label < classes,
        "label %s of image %s is not from 0 to %s",
        label,
        image,
        classes - 1);
    return label;
  }

  /** Refuses labels out of range, classes without an image and features that are not finite. */
  void requireForTraining(int classes) {
    requireFinite(features, features.numCols);
    int[] counts = new int[classes];
    for (int i = 0; i < labels.length; i++) {
      counts[label(i, classes)]++;
    }
    for (int c = 0; c < classes; c++) {
      if (counts[c] == 0) {
        throw new IllegalArgumentException("class " + c + " has no image to learn from");
      }
    }
  }

  /** The images at some positions. */
  ImageFeatures select(int[] positions) {
    int dimension = features.numCols;
    FMatrixRMaj rows = new FMatrixRMaj(positions.length, dimension);
    int[] selected = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      System.arraycopy(
          features.data, positions[i] * dimension, rows.data, i * dimension, dimension);
      selected[i] = labels[positions[i]];
    }
    return new ImageFeatures(rows, selected);
  }

  /** Whether labels and all features are the same, bit by bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ImageFeatures that
        && Arrays.equals(labels, that.labels)
        && sameValues(features, that.features);
  }

  /** Takes the labels alone, so that no feature is read. */
  @Override
  public int hashCode() {
    return Arrays.hashCode(labels);
  }

  /** Images and dimension. */
  @Override
  public String toString() {
    return features.numRows + " images, dimension " + features.numCols;
  }

  /** Whether two matrices hold the same bits; a matrix may have a longer array than it fills. */
  static boolean sameValues(FMatrixRMaj one, FMatrixRMaj other) {
    int length = one.getNumElements();
    return one.numRows == other.numRows
        && one.numCols == other.numCols
        && Arrays.equals(one.data, 0, length, other.data, 0, length);
  }
}
