package dev.fgvc.nets.engine;

import com.google.common.collect.ImmutableMap;
import dev.fgvc.nets.weights.Weights;
import java.util.Map;
import java.util.Optional;

/**
 * All that training depends on besides data and options, between two updates. Dropout needs no
 * state of its own: its choices follow from the options' seed and the number of batches.
 *
 * @param weights of all variables, moving statistics included
 * @param averages moving averages of all variables, where they are kept
 * @param slots the optimizer's values for each variable being trained, by slot; and the weights of
 *     each simulated worker, as {@code worker-0} and so on
 * @param updates made so far, at least 0: what the averages' warm-up and AdamW's bias correction
 *     count
 * @param batches accumulated so far, at least 0
 */
public record TrainingState(
    Weights weights,
    Optional<Weights> averages,
    Map<String, Weights> slots,
    long updates,
    long batches) {

  /** Refuses negative counts. */
  public TrainingState {
    if (updates < 0 || batches < 0) {
      throw new IllegalArgumentException(
          updates + " updates and " + batches + " batches: neither can be negative");
    }
    slots = ImmutableMap.copyOf(slots);
  }
}
