package dev.fgvc.nets.engine.folding;

import dev.fgvc.nets.weights.WeightTensor;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * A layer's factors, with what was folded into them. They are computed whenever they are asked for,
 * so that none are held beside the weights and the engine's own.
 */
public final class LayerFactors {

  /** Values that are multiplied together. */
  private static final int PIECE = 1 << 12;

  private final WeightTensor own;
  private final List<double[]> multipliers;

  /**
   * Factors of a layer.
   *
   * @param own the weights
   * @param multipliers by which each index of their last axis is multiplied, one after the other
   */
  LayerFactors(WeightTensor own, List<double[]> multipliers) {
    this.own = own;
    this.multipliers = List.copyOf(multipliers);
  }

  /**
   * The number of factors.
   *
   * @return the product of their shape
   */
  public int size() {
    return own.size();
  }

  /**
   * The factors in the order of the weights.
   *
   * @return a new array
   */
  public float[] toArray() {
    float[] values = own.toArray();
    for (double[] each : multipliers) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (values[i] * each[i % each.length]);
      }
    }
    return values;
  }

  /**
   * Writes the factors with the last axis first: kernels as [out, h, w, in].
   *
   * @param target takes them from its start on
   */
  public void copyOutputsFirst(FloatBuffer target) {
    own.copyLastAxisFirst(target.duplicate());
    if (multipliers.isEmpty()) {
      return;
    }
    int outputs = multipliers.get(0).length;
    int row = size() / outputs;
    float[] piece = new float[Math.min(row, PIECE)];
    for (int output = 0; output < outputs; output++) {
      for (int from = 0; from < row; from += piece.length) {
        int count = Math.min(piece.length, row - from);
        target.get(output * row + from, piece, 0, count);
        for (double[] each : multipliers) {
          multiply(piece, count, each[output]);
        }
        target.put(output * row + from, piece, 0, count);
      }
    }
  }

  private static void multiply(float[] values, int count, double factor) {
    for (int i = 0; i < count; i++) {
      values[i] = (float) (values[i] * factor);
    }
  }
}
