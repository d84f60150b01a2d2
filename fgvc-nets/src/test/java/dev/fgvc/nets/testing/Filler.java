package dev.fgvc.nets.testing;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.regex.Pattern;

/**
 * The formula that fills the reference networks with weights and draws their images, so that
 * neither has to be stored; described beside the reference results.
 */
public final class Filler {

  private static final Pattern UNIT_GAIN =
      Pattern.compile(
          ".*/(logits|Logits/Logits|Logits/Conv2d_1c_1x1|AuxLogits/Logits|Aux_logits|Conv2d_2b_1x1)"
              + "/weights");

  private Filler() {}

  /** Weights for every variable of a graph; beta is shifted by an offset in the training files. */
  public static Weights weights(NetworkGraph graph, double betaOffset) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    for (Parameter parameter : graph.parameters()) {
      float[] values = new float[parameter.size()];
      long hash = hash(parameter.name());
      DoubleUnaryOperator formula = formula(parameter, betaOffset);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) formula.applyAsDouble(uniform(hash, i));
      }
      tensors.put(parameter.name(), WeightTensor.of(parameter.shape(), values));
    }
    return Weights.of(tensors);
  }

  /** The two reference images at a side, as NCHW. */
  public static Images images(int side) {
    float[] pixels = new float[2 * 3 * side * side];
    int blocks = (side + 31) / 32;
    long input = hash("input");
    long block = hash("input/block");
    long tint = hash("input/tint");
    for (int image = 0; image < 2; image++) {
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          for (int c = 0; c < 3; c++) {
            long flat = ((long) (image * side + y) * side + x) * 3 + c;
            long flatBlock = ((long) (image * blocks + y / 32) * blocks + x / 32) * 3 + c;
            pixels[((image * 3 + c) * side + y) * side + x] =
                (float)
                    (0.25 * uniform(input, flat)
                        + 0.25 * uniform(block, flatBlock)
                        + 0.5 * uniform(tint, 3L * image + c));
          }
        }
      }
    }
    return new Images(FloatBuffer.wrap(pixels), 2, Resolution.square(side));
  }

  private static DoubleUnaryOperator formula(Parameter parameter, double betaOffset) {
    String name = parameter.name();
    switch (name.substring(name.lastIndexOf('/') + 1)) {
      case "weights":
        double scale = Math.sqrt(3.0 * gain(name) / fanIn(parameter.shape()));
        return u -> u * scale;
      case "biases":
        return name.endsWith("SE_block/Conv_1/biases") ? u -> 2.0 + u : u -> 0.1 * u;
      case "beta":
        return u -> betaOffset + 0.1 * u;
      case "gamma":
        return u -> 1.0 + 0.1 * u;
      case "moving_mean":
        return u -> 0.1 * u;
      case "moving_variance":
        return u -> 1.0 + 0.5 * Math.abs(u);
      default:
        throw new IllegalArgumentException("the formula says nothing about " + name);
    }
  }

  private static double gain(String name) {
    if (name.endsWith("/bottleneck_v2/conv3/weights")) {
      return 0.25;
    }
    return UNIT_GAIN.matcher(name).matches() ? 1.0 : 2.5;
  }

  private static int fanIn(List<Integer> shape) {
    return shape.subList(0, shape.size() - 1).stream().reduce(1, (a, b) -> a * b);
  }

  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  private static double uniform(long hash, long index) {
    long z = hash + index + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (z >>> 40) * 0x1p-23 - 1;
  }
}
