package dev.fgvc.nets.engine;

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
}
