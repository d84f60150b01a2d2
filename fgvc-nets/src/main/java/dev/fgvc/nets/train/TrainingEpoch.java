package dev.fgvc.nets.train;

import dev.fgvc.loader.SkippedImage;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.function.Supplier;

/**
 * The end of an epoch.
 *
 * @param task what the run is called
 * @param epoch counted from 0
 * @param step updates made so far
 * @param meanLoss of the epoch's updates
 * @param skipped damaged images that the epoch went on without; where the run was resumed in its
 *     middle, those since then
 * @param averagedWeights copies the weights to measure with: their moving averages, if the recipe
 *     keeps any. Valid while the listener is called
 */
public record TrainingEpoch(
    String task,
    int epoch,
    long step,
    double meanLoss,
    List<SkippedImage> skipped,
    Supplier<Weights> averagedWeights) {

  /** Keeps a copy of the list. */
  public TrainingEpoch {
    skipped = List.copyOf(skipped);
  }
}
