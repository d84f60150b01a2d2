package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.Resolution;
import dev.fgvc.metric.ClassErrors;
import dev.fgvc.metric.TopKError;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.progress.Progress;

/** The error of a network on central crops of a validation set. */
public final class Evaluation {

  private final Network network;
  private final Resolution resolution;
  private final Progress progress;

  private Evaluation(Network network, Resolution resolution, Progress progress) {
    this.network = network;
    this.resolution = resolution;
    this.progress = progress;
  }

  /**
   * An evaluation of a given network.
   *
   * @param network stays the caller's to close
   * @param resolution of the central crops
   * @return the evaluation
   */
  public static Evaluation of(Network network, Resolution resolution) {
    return new Evaluation(network, resolution, Progress.none());
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of every batch
   * @return a new evaluation
   */
  public Evaluation withProgress(Progress listener) {
    return new Evaluation(network, resolution, listener);
  }

  /**
   * Counts right and wrong guesses, class by class.
   *
   * @param dataset the validation images
   * @param k guesses allowed; the paper reports 1 and 5
   * @return the top-k errors
   * @throws IllegalArgumentException if network and data set differ in their classes
   */
  public ClassErrors topKError(Dataset dataset, int k) {
    if (network.graph().classes() != dataset.classCount()) {
      throw new IllegalArgumentException(
          String.format(
              "%s tells %d classes apart, data set '%s' has %d",
              network.graph().name(),
              network.graph().classes(),
              dataset.name(),
              dataset.classCount()));
    }
    TopKError errors = TopKError.create(k, dataset.classCount());
    BatchedInference.run(
        "evaluating on " + dataset.name(),
        dataset,
        resolution,
        progress,
        network::logits,
        (logits, labels) -> errors.add(logits.data, labels));
    return errors.result();
  }
}
