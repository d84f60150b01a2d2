package dev.fgvc.nets.train;

import dev.fgvc.nets.weights.Weights;
import java.util.List;

/**
 * The results of a training run.
 *
 * @param weights the last values of all variables
 * @param averagedWeights their moving averages, which the authors evaluate with; the last values if
 *     the recipe keeps no average
 * @param epochLosses mean total loss of each epoch
 * @param steps updates made
 */
public record TrainingRun(
    Weights weights, Weights averagedWeights, List<Double> epochLosses, long steps) {

  /** Copies the losses. */
  public TrainingRun {
    epochLosses = List.copyOf(epochLosses);
  }
}
