package dev.fgvc.nets.experiment;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * The work that experiments do, or will do.
 *
 * @param trainings networks that are trained or trained further
 * @param trainedImages images that go through a network in training, repetitions counted
 * @param evaluatedImages views of images that go through a network for errors or features
 * @param multiplyAdds of all passes; a training step counts as three forward passes, one for the
 *     loss and two for the gradients, also where some layers are frozen
 * @param time on the devices, by a probe; without the decoding of images, which runs beside it
 */
public record ExperimentCost(
    long trainings,
    long trainedImages,
    long evaluatedImages,
    double multiplyAdds,
    Optional<Duration> time) {

  /** The numbers in one line, for a reader who decides whether to start. */
  @Override
  public String toString() {
    return String.format(
            Locale.ROOT,
            "%,d trainings on %,d images, %,d images evaluated, %.3g multiply-adds",
            trainings,
            trainedImages,
            evaluatedImages,
            multiplyAdds)
        + time.map(each -> ", about " + text(each)).orElse("");
  }

  private static String text(Duration time) {
    long seconds = Math.max(1, time.toSeconds());
    return seconds < 120
        ? seconds + " s"
        : seconds < 7200
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60.0)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600.0);
  }
}
