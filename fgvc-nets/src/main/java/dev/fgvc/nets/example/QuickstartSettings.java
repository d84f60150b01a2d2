package dev.fgvc.nets.example;

import com.google.common.base.Splitter;
import dev.fgvc.image.Resolution;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * The data of the quickstart and the length of its training.
 *
 * @param sources folders of labelled photos, taken together as one source domain; empty for the
 *     synthetic field guide
 * @param targets folders of labelled photos, each a target domain; empty with the field guide
 * @param weights a safetensors file to start from; empty for random weights
 * @param resolution of the networks' input
 * @param preTrainingEpochs passes over the source; selected classes get as many steps
 * @param fineTuningEpochs passes over each target
 * @param topK source classes chosen for each target
 * @param seed of weights, batches and the field guide
 * @param report folder for the report
 */
record QuickstartSettings(
    List<Path> sources,
    List<Path> targets,
    Optional<Path> weights,
    Resolution resolution,
    int preTrainingEpochs,
    int fineTuningEpochs,
    int topK,
    long seed,
    Path report) {

  /** Small enough for full-width networks on a laptop, large enough for all eight. */
  private static final int SIDE_WITH_GIVEN_WEIGHTS = 139;

  private static final int SIDE_FROM_SCRATCH = 48;

  /** Reads {@code -Dfgvc.} properties; what is not said has a default that suits a laptop. */
  static QuickstartSettings of(Properties properties) {
    List<Path> sources = paths(properties, "fgvc.source");
    List<Path> targets = paths(properties, "fgvc.target");
    if (sources.isEmpty() != targets.isEmpty()) {
      throw new IllegalArgumentException(
          "give both -Dfgvc.source=DIR[,DIR...] and -Dfgvc.target=DIR[,DIR...], or neither for the"
              + " synthetic field guide");
    }
    Optional<Path> weights =
        Optional.of(properties.getProperty("fgvc.weights", "").trim())
            .filter(name -> !name.isEmpty())
            .map(Path::of);
    int side =
        integer(
            properties,
            "fgvc.resolution",
            weights.isPresent() ? SIDE_WITH_GIVEN_WEIGHTS : SIDE_FROM_SCRATCH);
    return new QuickstartSettings(
        sources,
        targets,
        weights,
        Resolution.square(side),
        integer(properties, "fgvc.epochs", weights.isPresent() ? 1 : sources.isEmpty() ? 4 : 8),
        integer(properties, "fgvc.finetune.epochs", weights.isPresent() ? 4 : 12),
        integer(properties, "fgvc.top", sources.isEmpty() ? 24 : 12),
        integer(properties, "fgvc.seed", 1),
        Path.of(properties.getProperty("fgvc.report", "target/quickstart")));
  }

  boolean usesFieldGuide() {
    return sources.isEmpty();
  }

  static List<Path> paths(Properties properties, String key) {
    return Splitter.on(',')
        .trimResults()
        .omitEmptyStrings()
        .splitToStream(properties.getProperty(key, ""))
        .map(Path::of)
        .toList();
  }

  static int integer(Properties properties, String key, int fallback) {
    String value = properties.getProperty(key, "").trim();
    try {
      return value.isEmpty() ? fallback : Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("-D" + key + "=" + value + " is not a whole number", e);
    }
  }

  static boolean flag(Properties properties, String key) {
    String value = properties.getProperty(key, "").trim();
    return switch (value) {
      case "true" -> true;
      case "false", "" -> false;
      default ->
          throw new IllegalArgumentException(
              "-D" + key + "=" + value + " is neither true nor false");
    };
  }
}
