package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.engine.Images;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Images into arrays. */
final class ImageArrays {

  private ImageArrays() {}

  /** One image of a batch as a map [1, 3, height, width]. */
  static INDArray of(ArrayScope scope, Images images, int image) {
    int size = Math.toIntExact(3 * images.resolution().pixels());
    float[] values = new float[size];
    images.pixels().duplicate().position(image * size).get(values);
    return scope.of(values, 1, 3, images.resolution().height(), images.resolution().width());
  }
}
