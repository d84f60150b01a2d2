package dev.fgvc.nets.advisor;

import java.util.List;

/**
 * The classes of all candidates together to train on, and how closeness changes with their number.
 * More classes bring more images; from some number on they lead away from the target.
 *
 * @param sizes the distance of the k most similar classes, taken together with their image counts,
 *     for some k, ascending
 * @param k the largest of these numbers whose distance is within the tolerance of the smallest: as
 *     many images as there are without losing closeness
 * @param classes the k classes, the most similar first
 */
public record ClassSelection(List<Size> sizes, int k, List<RankedSourceClass> classes) {

  /** Copies the lists. */
  public ClassSelection {
    sizes = List.copyOf(sizes);
    classes = List.copyOf(classes);
  }

  /**
   * The k most similar classes as one domain.
   *
   * @param k how many classes
   * @param images of all of them
   * @param emd Earth Mover's Distance of the domain to the target
   * @param similarity at the advice's gamma
   */
  public record Size(int k, double images, double emd, double similarity) {}
}
