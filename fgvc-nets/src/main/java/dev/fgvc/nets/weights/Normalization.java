package dev.fgvc.nets.weights;

import dev.fgvc.image.ImageTransform;
import java.util.List;

/**
 * How pixels become a network's input: (value / 255 - mean) / deviation, per colour channel.
 *
 * @param mean of red, green and blue, in parts of the full value
 * @param deviation of red, green and blue, above 0
 */
public record Normalization(List<Double> mean, List<Double> deviation) {

  /**
   * Refuses other than three channels and deviations that are not above 0.
   *
   * @param mean of red, green and blue, in parts of the full value
   * @param deviation of red, green and blue, above 0
   */
  public Normalization {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    boolean finite = mean.stream().allMatch(Double::isFinite);
    boolean positive = deviation.stream().allMatch(value -> value > 0 && Double.isFinite(value));
    if (mean.size() != 3 || deviation.size() != 3 || !finite || !positive) {
      throw new IllegalArgumentException(
          "normalization by means "
              + mean
              + " and deviations "
              + deviation
              + ": three finite means and three deviations above 0 are needed");
    }
  }

  /**
   * The paper's: value / 127.5 - 1, which lies in [-1, 1].
   *
   * @return mean and deviation of one half each
   */
  public static Normalization inception() {
    return new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
  }

  /**
   * A transform that gives this network's input.
   *
   * @param transform whose pixels are value / 127.5 - 1
   * @return the transform itself for {@link #inception()}, else one that scales what it writes;
   *     that one writes floats alone, as bytes would not hold its values
   */
  public ImageTransform after(ImageTransform transform) {
    return equals(inception()) ? transform : new NormalizedTransform(transform, this);
  }
}
