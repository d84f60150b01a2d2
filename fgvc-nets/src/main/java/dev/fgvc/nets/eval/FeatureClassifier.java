package dev.fgvc.nets.eval;

import dev.fgvc.metric.Outcomes;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * Tells classes apart by features alone: what a frozen network's features are worth, without
 * training the network.
 */
public interface FeatureClassifier {

  /**
   * The number of classes.
   *
   * @return at least 1
   */
  int classCount();

  /**
   * Scores each class for each image.
   *
   * @param features [images, dimension]
   * @return [images, classes]; larger is more likely
   * @throws IllegalArgumentException if the dimension is another or a feature is not finite
   */
  DMatrixRMaj scores(FMatrixRMaj features);

  /**
   * Classifies images whose classes are known.
   *
   * @param images such as those of a validation set
   * @return the place of the right class for each image
   * @throws IllegalArgumentException if the dimension is another, a feature is not finite or a
   *     label is out of range
   */
  default Outcomes outcomes(ImageFeatures images) {
    return Outcomes.of(scores(images.features()).data, images.labels(), classCount());
  }

  /**
   * The errors the paper reports.
   *
   * @param images such as those of a validation set
   * @return top-1 and top-5 errors
   * @throws IllegalArgumentException if the dimension is another, a feature is not finite or a
   *     label is out of range
   */
  default Errors errors(ImageFeatures images) {
    return new Errors(outcomes(images));
  }
}
