package dev.fgvc.nets.engine;

import dev.fgvc.image.ImageTransform;
import java.util.Optional;
import org.ejml.data.FMatrixRMaj;

/**
 * g(image) of the paper's section 4.1: whatever turns images into feature vectors. Compiled
 * networks are backbones; anything else that computes features can be one too.
 */
public interface Backbone {

  /**
   * The length of a feature vector.
   *
   * @return at least 1
   */
  int featureDimension();

  /**
   * The features of a batch.
   *
   * @param images a batch
   * @return [images, feature dimension]
   */
  FMatrixRMaj features(ImageBatch images);

  /**
   * The transform that makes this backbone's input of an image file, where it is known: its weights
   * were learnt on such images.
   *
   * @return one view without random choices, or empty where the caller chooses
   */
  default Optional<ImageTransform> transform() {
    return Optional.empty();
  }

  /**
   * Returns what the features depend on beside the images, to tell kept features of one backbone
   * from those of another.
   *
   * @return a text with a hash of all weights, or empty where it is not known
   */
  default Optional<String> identity() {
    return Optional.empty();
  }
}
