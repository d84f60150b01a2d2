package dev.fgvc.nets.train;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/** Finds what a run's caller may not expect of it, before it starts. */
final class RunWarnings {

  /** The share of its start value that moving statistics may keep to the end of a run. */
  private static final double SETTLED = 0.1;

  private RunWarnings() {}

  /**
   * The warnings about one run.
   *
   * @param epochSize images that the sampler shows in an epoch
   */
  static List<String> of(NetworkGraph graph, Recipe recipe, int epochSize) {
    List<String> warnings = new ArrayList<>();
    int batchSize = recipe.batchSizeFor(epochSize);
    if (batchSize < recipe.batchSize()) {
      warnings.add(
          "batches have the "
              + batchSize
              + " images that the sampler shows in an epoch, not the recipe's "
              + recipe.batchSize());
    }
    TrainingOptions options = recipe.options();
    if (recipe.classWeightsFrom() > 0 && options.classWeights().isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "class weights are to count from epoch %d, but the options have none: set"
                  + " TrainingOptions.Builder.classWeights",
              recipe.classWeightsFrom()));
    } else if (recipe.classWeightsFrom() >= recipe.epochs()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "class weights are to count from epoch %d, which a run of %d epochs does not reach:"
                  + " they never count",
              recipe.classWeightsFrom(),
              recipe.epochs()));
    }
    OptionalDouble decay = largestDecay(graph, options.changingVariables(graph));
    if (decay.isPresent()) {
      long batches = (long) recipe.epochs() * (epochSize / batchSize);
      double share = shareOfStart(options, decay.getAsDouble(), batches);
      if (share > SETTLED) {
        warnings.add(
            String.format(
                Locale.ROOT,
                "%d batches are too few for the moving statistics of batch norms with decay %s: %.0f %%"
                    + " of the start's remain in them, and evaluation differs from training by as"
                    + " much; take Recipe.smallData, batchNormWarmUp or a smaller decay",
                batches,
                decay.getAsDouble(),
                100 * share));
      }
    }
    return warnings;
  }

  /** The largest decay among the batch norms whose moving statistics move. */
  private static OptionalDouble largestDecay(NetworkGraph graph, Set<String> changing) {
    return graph.nodes().stream()
        .map(Node::operation)
        .filter(Operation.BatchNorm.class::isInstance)
        .map(Operation.BatchNorm.class::cast)
        .filter(norm -> changing.contains(norm.scope() + "/moving_mean"))
        .mapToDouble(Operation.BatchNorm::decay)
        .max();
  }

  private static double shareOfStart(TrainingOptions options, double decay, long batches) {
    double share = 1;
    for (long batch = 0; batch < batches && share > SETTLED; batch++) {
      share *= options.batchNormDecayAt(decay, batch);
    }
    return share;
  }
}
