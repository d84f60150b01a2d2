package dev.fgvc.benchmarks;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.weights.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Random;
import java.util.function.Supplier;

/** Inputs for benchmarks of networks: engines by name and batches of random images. */
final class Networks {

  /** ImageNet's. */
  private static final int CLASSES = 1000;

  private Networks() {}

  static NetworkGraph graph(String architecture, double width) {
    return graph(Architecture.valueOf(architecture), width);
  }

  private static NetworkGraph graph(Architecture architecture, double width) {
    return architecture.builder().classes(CLASSES).widthMultiplier(width).build();
  }

  /** The network of a program's settings {@code network} and {@code width}. */
  static NetworkGraph graph(Settings settings) {
    return graph(settings.architecture("network"), settings.decimal("width"));
  }

  /** Returns what an engine gives, or skips by name where it lacks the device or the precision. */
  static <T> T orSkip(String what, Supplier<T> attempt) {
    try {
      return attempt.get();
    } catch (EngineException e) {
      throw new SkippedBenchmark(what, e);
    }
  }

  static Engine engine(String name) {
    return orSkip("engine " + name, () -> Engine.named(name));
  }

  /** Compiles a network with random weights for inference, or skips. */
  static Network compile(NetworkGraph graph, String engine, String device, String precision) {
    InferenceOptions options =
        InferenceOptions.defaults()
            .withDevice(Device.named(device))
            .withPrecision(Precision.valueOf(precision));
    return orSkip(
        engine + " on " + device + " in " + precision,
        () -> engine(engine).compile(graph, Weights.initialize(graph, 1), options));
  }

  /** Normalised floats in a direct buffer, as the batch loader gives them. */
  static Images floats(int count, int side, long seed) {
    Random random = new Random(seed);
    FloatBuffer pixels =
        ByteBuffer.allocateDirect(count * 3 * side * side * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    while (pixels.hasRemaining()) {
      pixels.put(2 * random.nextFloat() - 1);
    }
    return new Images(pixels.flip(), count, Resolution.square(side));
  }

  /** Bytes in a direct buffer, as a decoder gives them. */
  static ByteImages bytes(int count, int side, long seed) {
    byte[] values = new byte[count * 3 * side * side];
    new Random(seed).nextBytes(values);
    ByteBuffer pixels = ByteBuffer.allocateDirect(values.length).put(values).flip();
    return new ByteImages(pixels, count, Resolution.square(side));
  }

  static int[] labels(int count, long seed) {
    return new Random(seed).ints(count, 0, CLASSES).toArray();
  }
}
