package dev.fgvc.nets.backbone;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.nets.engine.EngineException;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** How one feature vector comes of a model's output. */
public enum Pooling {
  /** The output is the feature: [n, d] or [n, d, 1, 1]. */
  POOLED(2, 1),
  /** The mean over the cells of an activation [n, d, rows, columns]. */
  MAP_MEAN(4, 1),
  /** The mean over the cells of an activation [n, rows, columns, d], as Swin networks give it. */
  CHANNELS_LAST_MAP_MEAN(4, 3),
  /** The first of the tokens [n, tokens, d], the class token of a vision transformer. */
  CLASS_TOKEN(3, 2),
  /** The mean of the tokens [n, tokens, d] without the prefix tokens: class token and registers. */
  TOKEN_MEAN(3, 2);

  private final int rank;
  private final int featureAxis;

  Pooling(int rank, int featureAxis) {
    this.rank = rank;
    this.featureAxis = featureAxis;
  }

  /** Whether an output of this shape can be pooled so; -1 for a length that is not known. */
  boolean takes(long[] shape) {
    return shape.length == rank
        || this == POOLED && shape.length == 4 && shape[2] == 1 && shape[3] == 1;
  }

  /** The length of a feature vector, or -1 if the shape does not tell. */
  int dimension(long[] shape) {
    return Math.toIntExact(shape[featureAxis]);
  }

  /**
   * Pools a batch.
   *
   * @param values of an output that this takes, without gaps
   * @param images how many of the first to pool; the rest fills up a batch
   * @param prefixTokens that {@link #TOKEN_MEAN} leaves out
   * @param features row-major, one row for each image
   * @param at where in it the first one's row begins
   */
  void pool(
      FloatBuffer values, long[] shape, int images, int prefixTokens, float[] features, int at) {
    int dimension = dimension(shape);
    int perImage = Math.toIntExact(Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact));
    int cells = perImage / dimension;
    if (this == TOKEN_MEAN && cells <= prefixTokens) {
      throw new EngineException(
          lenientFormat(
              "an output of shape %s has no token after %s prefix tokens",
              Arrays.toString(shape), prefixTokens));
    }
    float[] image = new float[perImage];
    for (int i = 0; i < images; i++) {
      values.get(values.position() + i * perImage, image);
      int row = at + i * dimension;
      switch (this) {
        case POOLED, CLASS_TOKEN -> System.arraycopy(image, 0, features, row, dimension);
        case MAP_MEAN -> meanOfPlanes(image, cells, features, row, dimension);
        case CHANNELS_LAST_MAP_MEAN -> meanOfRows(image, 0, cells, features, row, dimension);
        case TOKEN_MEAN -> meanOfRows(image, prefixTokens, cells, features, row, dimension);
      }
    }
  }

  private static void meanOfPlanes(
      float[] image, int cells, float[] features, int row, int dimension) {
    for (int d = 0; d < dimension; d++) {
      double sum = 0;
      for (int cell = 0; cell < cells; cell++) {
        sum += image[d * cells + cell];
      }
      features[row + d] = (float) (sum / cells);
    }
  }

  private static void meanOfRows(
      float[] image, int first, int cells, float[] features, int row, int dimension) {
    double[] sums = new double[dimension];
    for (int cell = first; cell < cells; cell++) {
      for (int d = 0; d < dimension; d++) {
        sums[d] += image[cell * dimension + d];
      }
    }
    for (int d = 0; d < dimension; d++) {
      features[row + d] = (float) (sums[d] / (cells - first));
    }
  }
}
