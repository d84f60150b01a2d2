package dev.fgvc.nets.train;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.common.collect.Sets;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.GraphFile;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.Weights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * All that makes two runs the same but for their start, so that a run goes on from none but its own
 * checkpoints. The number of epochs and the device may change, and the answer to damaged images:
 * which one stands in for another depends on the seed and the place, so that two runs that both get
 * past a batch have seen the same images in it, whatever they allow.
 *
 * @param parts what is compared, each as a text that a reader of a refusal understands
 */
record RunIdentity(Map<String, String> parts) {

  private static final long[] PROBED_STEPS = {0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};
  private static final long LAST_PROBED_STEP = 10_000_000;
  private static final int PROBED_EPOCHS = 2;
  private static final String START = "start weights";

  RunIdentity {
    parts = ImmutableMap.copyOf(parts);
  }

  static RunIdentity of(
      NetworkGraph graph,
      Weights start,
      Dataset dataset,
      Sampler order,
      ImageTransform transform,
      Recipe recipe,
      long seed) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("network", graph.name() + " of " + graph.classes() + " classes #" + hash(graph));
    parts.put(START, start + " #" + start.sha256());
    parts.put(
        "data set",
        dataset.size()
            + " images of "
            + dataset.classCount()
            + " classes #"
            + dataset.contentHash());
    parts.put("order", order.epochSize() + " images an epoch" + describe(order));
    parts.put("transform", describe(transform));
    parts.put("batches", recipe.batchSize() + " x " + recipe.batchesPerUpdate());
    parts.put("class weights", "from epoch " + recipe.classWeightsFrom());
    parts.put("mixing", recipe.mixing().toString());
    parts.put("learning rates", rates(recipe, order.epochSize()));
    parts.put("options", describe(recipe.options()));
    parts.put("seed", Long.toString(seed));
    return new RunIdentity(parts);
  }

  /** The same with one more part. */
  RunIdentity with(String name, String text) {
    Map<String, String> more = new LinkedHashMap<>(parts);
    more.put(name, text);
    return new RunIdentity(more);
  }

  /** Whether all is known that tells runs apart; checkpoints before version 2 lack a part. */
  boolean isComplete() {
    return parts.containsKey(START);
  }

  /** The parts that processes of a group must have alike; their start weights are rank 0's. */
  Map<String, String> ofGroup() {
    return Maps.filterKeys(parts, name -> !name.equals(START));
  }

  /**
   * Returns the differences from another run, such as {@code seed: 1, now 2}; empty if there are
   * none.
   */
  String differences(RunIdentity now) {
    return Sets.union(parts.keySet(), now.parts.keySet()).stream()
        .filter(part -> !text(part).equals(now.text(part)))
        .map(part -> part + ": " + text(part) + ", now " + now.text(part))
        .collect(Collectors.joining("; "));
  }

  private String text(String part) {
    return parts.getOrDefault(part, "unknown");
  }

  private static String hash(NetworkGraph graph) {
    return hash(hasher -> hasher.putUnencodedChars(GraphFile.toJson(graph)));
  }

  private static String hash(Consumer<Hasher> content) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    content.accept(hasher);
    return hasher.hash().toString();
  }

  /**
   * All options but the device. Those that came later than the first checkpoints are left out where
   * they are off, so that a run of an earlier version stays the same one.
   */
  private static String describe(TrainingOptions options) {
    String text = options.toBuilder().device(Device.cpu()).build().toString();
    return options.syncBatchNorm() ? text : text.replaceFirst(", syncBatchNorm=false", "");
  }

  /** The settings as far as the sampler tells them, and the first orders, whatever it tells. */
  private static String describe(Sampler order) {
    String text = order.toString();
    boolean told = !text.startsWith(order.getClass().getName() + "@");
    return (told ? ", " + text : "") + " #" + hash(hasher -> putOrders(order, hasher));
  }

  private static void putOrders(Sampler order, Hasher hasher) {
    for (int epoch = 0; epoch < PROBED_EPOCHS; epoch++) {
      int[] positions;
      try {
        positions = order.epoch(epoch);
      } catch (IllegalArgumentException e) {
        // A sampler of one epoch has no second.
        return;
      }
      for (int position : positions) {
        hasher.putInt(position);
      }
    }
  }

  /** An object without a text of its own has one that is another in each process. */
  private static String describe(ImageTransform transform) {
    String text = transform.toString();
    String nameOnly = transform.getClass().getName();
    return text.startsWith(nameOnly + "@") ? nameOnly + " to " + transform.resolution() : text;
  }

  /** A few rates to be read, and the hash of many: all first ones, then every hundredth part. */
  private static String rates(Recipe recipe, int epochSize) {
    int updates = recipe.updatesPerEpoch(epochSize);
    String some =
        Arrays.stream(PROBED_STEPS)
            .mapToObj(step -> String.valueOf(recipe.learningRate().at(step, updates)))
            .collect(Collectors.joining(", "));
    String all =
        hash(
            hasher -> {
              for (long step = 0; step < LAST_PROBED_STEP; step += 1 + step / 100) {
                hasher.putDouble(recipe.learningRate().at(step, updates));
              }
            });
    return some + " #" + all;
  }
}
