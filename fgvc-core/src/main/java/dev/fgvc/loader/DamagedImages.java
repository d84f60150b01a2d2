package dev.fgvc.loader;

import java.util.Collection;
import java.util.List;

/**
 * The reaction to an image that turns out damaged, unreadable or gone while an epoch runs.
 * Immutable.
 *
 * @param mayBeSkipped whether the epoch goes on without it
 * @param maximum how many files of an epoch may be skipped, at least 0
 */
public record DamagedImages(boolean mayBeSkipped, int maximum) {

  /** Refuses a negative maximum. */
  public DamagedImages {
    if (maximum < 0) {
      throw new IllegalArgumentException("maximum of skipped files " + maximum + " is negative");
    }
  }

  /**
   * The batch fails with the file and the reason: what a loader does unless told otherwise.
   *
   * @return the strict way
   */
  public static DamagedImages fail() {
    return new DamagedImages(false, 0);
  }

  /**
   * The work goes on without the image. In training, another image of the same epoch, drawn from
   * the seed, stands in for it with its own label, and {@link Batches#skipped()} tells the file and
   * the reason. A domain's features are those of the other images. Evaluation takes no such
   * setting: a measured error must not be that of another set than was asked for.
   *
   * @param maximum how many files of an epoch may be skipped; one more is an error
   * @return the lenient way
   */
  public static DamagedImages skip(int maximum) {
    return new DamagedImages(true, maximum);
  }

  /**
   * Refuses more damaged images than the maximum.
   *
   * @param found damaged images, named where they are too many
   * @throws TooManyDamagedImagesException if there are more than the maximum
   */
  public void requireNoMore(Collection<SkippedImage> found) {
    if (found.size() > maximum) {
      throw new TooManyDamagedImagesException(maximum, List.copyOf(found));
    }
  }
}
