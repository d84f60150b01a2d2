package dev.fgvc.benchmarks.peers;

import dev.fgvc.benchmarks.Settings;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.weights.ImportedNetwork;
import dev.fgvc.nets.weights.WeightsImport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * The logits of one drawn image from a file of weights; nothing is prepared, so that what a process
 * needs to start counts.
 *
 * @param weights a state dictionary of timm's Inception-v3
 * @param resolution of the image
 */
record FirstLogits(Path weights, Resolution resolution) implements Work {

  static Work of(Settings settings) {
    return new FirstLogits(settings.path("weights"), Resolution.square(settings.number("side")));
  }

  @Override
  public double[] run() {
    Engine.startLoading();
    try {
      ImportedNetwork imported = WeightsImport.pytorch(weights).network(Architecture.INCEPTION_V3);
      try (Network network = Engine.torch().compile(imported.graph(), imported.weights())) {
        float[] logits = network.logits(new Images(pixels(resolution), 1, resolution)).data;
        return IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Values from -1 to 1 without an order, as the peer draws them. */
  static FloatBuffer pixels(Resolution resolution) {
    int count = Math.toIntExact(3L * resolution.pixels());
    FloatBuffer pixels =
        ByteBuffer.allocateDirect(count * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    for (int i = 0; i < count; i++) {
      pixels.put(i, (float) (i * 7919L % 1000 / 500.0 - 1));
    }
    return pixels;
  }
}
