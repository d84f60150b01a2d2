package dev.fgvc.nets.weights;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.image.ImageTransform;
import java.util.List;

/**
 * How pixels become a network's input: (value / 255 - mean) / deviation, per colour channel.
 *
 * @param mean of red, green and blue, in parts of the full value
 * @param deviation of red, green and blue, above 0
 */
public record Normalization(List<Double> mean, List<Double> deviation) {

  private static final Normalization INCEPTION =
      new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));

  private static final Normalization IMAGE_NET =
      new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  /** Refuses other than three channels and deviations that are not above 0. */
  public Normalization {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    boolean finite = mean.stream().allMatch(Double::isFinite);
    boolean positive = deviation.stream().allMatch(value -> value > 0 && Double.isFinite(value));
    checkArgument(
        mean.size() == 3 && deviation.size() == 3 && finite && positive,
        "normalization by means %s and deviations %s: three finite means and three deviations above"
            + " 0 are needed",
        mean,
        deviation);
  }

  /**
   * The paper's: value / 127.5 - 1, which lies in [-1, 1].
   *
   * @return mean and deviation of one half each
   */
  public static Normalization inception() {
    return INCEPTION;
  }

  /**
   * That of most networks of timm and torchvision: the means and deviations of ImageNet's pixels.
   *
   * @return means 0.485, 0.456, 0.406 and deviations 0.229, 0.224, 0.225
   */
  public static Normalization imageNet() {
    return IMAGE_NET;
  }

  /**
   * Returns the value of each byte.
   *
   * @return three arrays of 256 values, for red, green and blue
   */
  public float[][] levels() {
    float[][] levels = new float[3][256];
    boolean paper = equals(inception());
    for (int channel = 0; channel < 3; channel++) {
      for (int level = 0; level < 256; level++) {
        // The paper's own formula, to the last bit.
        levels[channel][level] =
            paper
                ? level / 127.5f - 1
                : (float) ((level / 255.0 - mean.get(channel)) / deviation.get(channel));
      }
    }
    return levels;
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
