package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.progress.Progress;
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

  /**
   * Refuses another number of labels than of rows, and no rows.
   *
   * @param features [images, dimension]
   * @param labels the class of each image
   */
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
   * Computes the features of central crops.
   *
   * @param network stays the caller's to close
   * @param resolution of the central crops
   * @param dataset the images; memory is 4 bytes for each image and feature
   * @return the features
   * @throws IllegalArgumentException if the data set is empty
   */
  public static ImageFeatures of(Network network, Resolution resolution, Dataset dataset) {
    FMatrixRMaj all = new FMatrixRMaj(dataset.size(), network.graph().featureDimension());
    int[] filled = {0};
    BatchedInference.run(
        "features of " + dataset.name(),
        dataset,
        List.of(CentralCrop.of(resolution)),
        Progress.none(),
        images -> network.features(images.get(0)),
        (features, labels) -> {
          System.arraycopy(features.data, 0, all.data, filled[0], features.getNumElements());
          filled[0] += features.getNumElements();
        });
    return new ImageFeatures(all, dataset.labels());
  }
}
