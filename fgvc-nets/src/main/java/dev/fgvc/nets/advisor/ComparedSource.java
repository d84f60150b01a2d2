package dev.fgvc.nets.advisor;

import dev.fgvc.emd.SimilarityInterval;
import java.util.List;
import java.util.Optional;

/**
 * A source domain and how it compares with the target.
 *
 * @param name of the source
 * @param classes how many it has
 * @param images how many it has
 * @param emd Earth Mover's Distance to the target
 * @param similarity at the advice's gamma
 * @param interval of both over resampled images; empty where the images of one side are not at hand
 *     or too many
 * @param closest its classes, the most similar to the target first, as many as were asked for
 */
public record ComparedSource(
    String name,
    int classes,
    double images,
    double emd,
    double similarity,
    Optional<SimilarityInterval> interval,
    List<RankedSourceClass> closest) {

  /** Copies the list. */
  public ComparedSource {
    closest = List.copyOf(closest);
  }
}
