package dev.fgvc.loader;

import java.util.List;
import java.util.stream.Collectors;

/** More files of an epoch are damaged than may be skipped. The message names them. */
public final class TooManyDamagedImagesException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * An exception that names the images.
   *
   * @param maximum how many may be skipped
   * @param skipped the damaged images, more than that
   */
  public TooManyDamagedImagesException(int maximum, List<SkippedImage> skipped) {
    super(
        skipped.stream()
            .map(SkippedImage::toString)
            .collect(
                Collectors.joining(
                    "; ", "at most " + maximum + " damaged images may be skipped, found ", "")));
  }
}
