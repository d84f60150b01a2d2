package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.random.SplitMix64;
import java.nio.charset.StandardCharsets;

/** Draws the values that a variable has before any training. */
final class InitialValues {

  private InitialValues() {}

  /** Draws from a random stream that the seed and the variable's name choose. */
  static WeightTensor of(Parameter parameter, long seed) {
    SplitMix64 random = new SplitMix64(seed * 0x9E3779B97F4A7C15L + hash(parameter.name()));
    float[] values = new float[parameter.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw(parameter.initializer(), random);
    }
    return WeightTensor.wrap(parameter.shape(), values);
  }

  private static double draw(Initializer initializer, SplitMix64 random) {
    if (initializer instanceof Initializer.TruncatedNormal normal) {
      double value = random.nextGaussian();
      while (Math.abs(value) > 2) {
        value = random.nextGaussian();
      }
      return value * normal.deviation();
    }
    if (initializer instanceof Initializer.Uniform uniform) {
      return (2 * random.nextDouble() - 1) * uniform.limit();
    }
    return ((Initializer.Constant) initializer).value();
  }

  /** FNV-1a, 64 bits: String.hashCode would give long names of one layer nearby seeds. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
