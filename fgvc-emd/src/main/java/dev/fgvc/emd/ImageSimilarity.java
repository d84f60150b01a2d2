package dev.fgvc.emd;

/**
 * How similar two domains are image by image, beside their class means. The paper averages the
 * images of a class "to make the computations more tractable" (section 4.1); with all images, the
 * mass of each moves for itself.
 *
 * <p>The two distances may differ either way: class means leave out how wide classes are, which
 * usually makes them the closer ones, but two halves of one class may lie just where two classes of
 * the other domain have their means. They differ by at most the two spreads, since mass may move by
 * way of the means of its classes; and no distance is below that of the means of all images, as the
 * norm is convex.
 *
 * @param images distance, similarity and plan of the images; the plan's sources and targets are
 *     images
 * @param classes the same of the class means; the plan's sources and targets are classes
 * @param sourceSpread the mean distance of a source image to the mean of its class
 * @param targetSpread the same in the target
 * @param lowerBound the distance of the class means less both spreads, or the distance between the
 *     means of all images, if that is more: at most the distance of the images, up to rounding
 * @param upperBound the distance of the class means and both spreads: at least the distance of the
 *     images, up to rounding
 */
public record ImageSimilarity(
    Similarity images,
    Similarity classes,
    double sourceSpread,
    double targetSpread,
    double lowerBound,
    double upperBound) {

  /**
   * The Earth Mover's Distance of the images.
   *
   * @return at least 0, in the unit of the features
   */
  public double emd() {
    return images.emd();
  }

  /**
   * The similarity of the images.
   *
   * @return {@code exp(-gamma emd())} times the scale factor, from 0 to 1
   */
  public double similarity() {
    return images.similarity();
  }
}
