package dev.fgvc.nets.train;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * All that makes two runs the same but for their start, so that a run goes on from none but its own
 * checkpoints. The number of epochs and the device may change.
 *
 * @param parts what is compared, each as a text that a reader of a refusal understands
 */
record RunIdentity(Map<String, String> parts) {

  private static final long[] PROBED_STEPS = {0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};

  RunIdentity {
    parts = ImmutableMap.copyOf(parts);
  }

  static RunIdentity of(
      NetworkGraph graph,
      Dataset dataset,
      Sampler order,
      ImageTransform transform,
      Recipe recipe,
      long seed) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("network", graph.name() + " of " + graph.classes() + " classes #" + hash(graph));
    parts.put("data set", dataset + " #" + hash(dataset));
    parts.put("order", order.epochSize() + " images an epoch #" + hash(order));
    parts.put("transform", describe(transform));
    parts.put("batches", recipe.batchSize() + " x " + recipe.batchesPerUpdate());
    parts.put("learning rates", rates(recipe, order.epochSize()));
    parts.put("options", recipe.options().toBuilder().device(Device.cpu()).build().toString());
    parts.put("seed", Long.toString(seed));
    return new RunIdentity(parts);
  }

  /** What differs from another run, such as {@code seed: 1, now 2}; empty if nothing does. */
  String differences(RunIdentity now) {
    return parts.entrySet().stream()
        .filter(part -> !part.getValue().equals(now.parts.get(part.getKey())))
        .map(
            part ->
                String.format(
                    Locale.ROOT,
                    "%s: %s, now %s",
                    part.getKey(),
                    part.getValue(),
                    now.parts.get(part.getKey())))
        .collect(Collectors.joining("; "));
  }

  private static String hash(NetworkGraph graph) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    for (Parameter parameter : graph.parameters()) {
      hasher.putString(parameter.name() + parameter.shape(), StandardCharsets.UTF_8);
    }
    return hasher.hash().toString();
  }

  /** Files may move together; their names, labels and order may not change. */
  private static String hash(Dataset dataset) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    for (int i = 0; i < dataset.size(); i++) {
      Path name = dataset.path(i).getFileName();
      hasher.putString(String.valueOf(name), StandardCharsets.UTF_8);
      hasher.putInt(dataset.images().get(i).label());
    }
    return hasher.hash().toString();
  }

  private static String hash(Sampler order) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    for (int position : order.epoch(0)) {
      hasher.putInt(position);
    }
    return hasher.hash().toString();
  }

  /** An object without a text of its own has one that is another in each process. */
  private static String describe(ImageTransform transform) {
    String text = transform.toString();
    String nameOnly = transform.getClass().getName();
    return text.startsWith(nameOnly + "@") ? nameOnly + " to " + transform.resolution() : text;
  }

  private static String rates(Recipe recipe, int epochSize) {
    StringBuilder rates = new StringBuilder();
    for (long step : PROBED_STEPS) {
      rates
          .append(rates.isEmpty() ? "" : ", ")
          .append(recipe.learningRate().at(step, recipe.updatesPerEpoch(epochSize)));
    }
    return rates.toString();
  }
}
