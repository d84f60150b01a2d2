package dev.fgvc.emd;

/**
 * How much the number of images of a source counts for its similarity: a factor that {@link
 * DomainSimilarity} multiplies with exp(-gamma EMD).
 *
 * <p>Section 4.1 of Cui et al., CVPR 2018, ignores this "effect of domain scale" and says that the
 * definition can take it into account by adding a scale factor; which one, it leaves open. Its
 * figure 5 shows where that matters: Food101 has so many images of its own that the source hardly
 * does.
 */
@FunctionalInterface
public interface ScaleFactor {

  /**
   * The factor for a pair of domains.
   *
   * @param sourceImages number of images of the source, positive
   * @param targetImages number of images of the target, positive
   * @return from 0 to 1
   */
  double of(double sourceImages, double targetImages);

  /**
   * No factor, as in the paper's experiments.
   *
   * @return always 1
   */
  static ScaleFactor none() {
    return (sourceImages, targetImages) -> 1;
  }

  /**
   * A factor that grows with the logarithm of the source's images, as transfer performance does
   * (the paper cites Sun et al., ICCV 2017): {@code log(1 + n) / log(1 + reference)}, at most 1.
   *
   * @param referenceImages the number of images from which on more do not count, at least 1;
   *     1,281,167 for a factor relative to ImageNet
   * @return the factor
   * @throws IllegalArgumentException if the reference is below 1 or not finite
   */
  static ScaleFactor logarithmic(double referenceImages) {
    if (!(referenceImages >= 1) || Double.isInfinite(referenceImages)) {
      throw new IllegalArgumentException(
          "reference images " + referenceImages + ": must be at least 1 and finite");
    }
    return (sourceImages, targetImages) ->
        Math.min(1, Math.log1p(sourceImages) / Math.log1p(referenceImages));
  }
}
