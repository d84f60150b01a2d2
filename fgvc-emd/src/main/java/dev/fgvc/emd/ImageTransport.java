package dev.fgvc.emd;

import dev.fgvc.emd.internal.cost.PointSets;
import dev.fgvc.emd.internal.cost.Points;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.LabeledFeatures;
import dev.fgvc.progress.Progress;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CancellationException;

/**
 * Moves the images of two domains, after their class means have told where the distance can lie.
 */
final class ImageTransport {

  private ImageTransport() {}

  static ImageSimilarity between(
      DomainSimilarity similarity,
      ExactEmd solver,
      LabeledFeatures source,
      LabeledFeatures target) {
    Progress progress = stoppable(solver);
    DomainFeatures sourceMeans = source.classMeans(progress);
    DomainFeatures targetMeans = target.classMeans(progress);
    Similarity classes = similarity.between(sourceMeans, targetMeans);
    PointSets.Spread from = spread(source, sourceMeans);
    PointSets.Spread to = spread(target, targetMeans);
    double spreads = from.meanDistance() + to.meanDistance();
    double lowerBound = Math.max(from.meanDistanceTo(to), classes.emd() - spreads);
    double upperBound = classes.emd() + spreads;
    progress.report(
        "distance of class means",
        1,
        1,
        String.format(
            Locale.ROOT,
            "%.4f; that of images is from %.4f to %.4f",
            classes.emd(),
            lowerBound,
            upperBound));
    TransportPlan plan =
        solver.solveEuclidean(ones(source), ones(target), source.features(), target.features());
    return new ImageSimilarity(
        similarity.similarity(plan, source.imageCount(), target.imageCount()),
        classes,
        from.meanDistance(),
        to.meanDistance(),
        lowerBound,
        upperBound);
  }

  /** The solver's progress, which ends the work where the solver would. */
  private static Progress stoppable(ExactEmd solver) {
    return (task, done, total, note) -> {
      if (solver.cancelled().getAsBoolean()) {
        throw new CancellationException("the distance of images was cancelled");
      }
      solver.progress().report(task, done, total, note);
    };
  }

  private static PointSets.Spread spread(LabeledFeatures images, DomainFeatures means) {
    return PointSets.spread(Points.of(images.features()), means.classMeans(), images::classOf);
  }

  private static double[] ones(LabeledFeatures images) {
    double[] ones = new double[images.imageCount()];
    Arrays.fill(ones, 1);
    return ones;
  }
}
