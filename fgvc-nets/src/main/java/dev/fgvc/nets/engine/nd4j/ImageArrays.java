package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.weights.Normalization;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Images into arrays. */
final class ImageArrays {

  private ImageArrays() {}

  /** One image of a batch as an activation [1, 3, height, width]. */
  static INDArray of(ArrayScope scope, Images images, int image) {
    int size = Math.toIntExact(3 * images.resolution().pixels());
    float[] values = new float[size];
    images.pixels().duplicate().position(image * size).get(values);
    return scope.of(values, 1, 3, images.resolution().height(), images.resolution().width());
  }

  /** The same from bytes, which are copied to the device as they are and normalised there. */
  static INDArray of(ArrayScope scope, ByteImages images, int image) {
    long height = images.resolution().height();
    long width = images.resolution().width();
    byte[] values = new byte[Math.toIntExact(3 * height * width)];
    images.pixels().duplicate().position(image * values.length).get(values);
    DataBuffer buffer = Nd4j.createTypedBuffer(values, DataType.UINT8);
    INDArray levels = scope.own(Nd4j.create(buffer, 1, height, width, 3));
    INDArray rows = scope.own(levels.castTo(DataType.FLOAT));
    INDArray map = scope.empty(1, 3, height, width);
    map.assign(rows.permute(0, 3, 1, 2));
    scope.release(rows);
    scope.release(levels);
    return normalised(scope, map, images.normalization());
  }

  private static INDArray normalised(
      ArrayScope scope, INDArray levels, Normalization normalization) {
    if (normalization.equals(Normalization.inception())) {
      return levels.divi(127.5f).subi(1);
    }
    float[] means = new float[3];
    float[] deviations = new float[3];
    for (int channel = 0; channel < 3; channel++) {
      means[channel] = (float) (255 * normalization.mean().get(channel));
      deviations[channel] = (float) (255 * normalization.deviation().get(channel));
    }
    return levels.subi(scope.of(means, 1, 3, 1, 1)).divi(scope.of(deviations, 1, 3, 1, 1));
  }
}
