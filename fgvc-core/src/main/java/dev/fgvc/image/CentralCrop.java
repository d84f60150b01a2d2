package dev.fgvc.image;

import java.util.random.RandomGenerator;

/**
 * The evaluation transform: the central 87.5 % of height and width, resized bilinearly to the
 * resolution, aspect ratio not kept. Nothing is random.
 *
 * <p>The steps are those of the authors' {@code preprocess_for_eval} (inception_preprocessing.py):
 * EXIF orientation is ignored, and the resizing is TensorFlow 1's, without half-pixel centres.
 */
public final class CentralCrop extends SingleView {

  /** The part of the height and of the width that is kept. */
  public static final double FRACTION = 0.875;

  private CentralCrop(Resolution resolution, ImageDecoding decoding) {
    super(resolution, decoding);
  }

  /**
   * The transform to a resolution, with {@link ImageDecoding#exact()}.
   *
   * @param resolution the size of what comes out
   * @return the transform
   */
  public static CentralCrop of(Resolution resolution) {
    return new CentralCrop(resolution, ImageDecoding.exact());
  }

  /**
   * Decodes in another way, such as {@link ImageDecoding#sparing()} for large photos.
   *
   * @param other how files become pixels
   * @return a changed copy
   */
  public CentralCrop withDecoding(ImageDecoding other) {
    return new CentralCrop(resolution, other);
  }

  @Override
  void apply(ImageFile image, RandomGenerator random, Bilinear.Rows target) {
    Box box = Box.central(image.height(), image.width(), FRACTION);
    try (Picture picture = image.decode(box, resolution)) {
      Bilinear.resize(picture.part(box), resolution, false, Colour.UNCHANGED, target);
    }
  }

  /** The steps and the resolution. */
  @Override
  public String toString() {
    return "central crop " + FRACTION + " to " + resolution + decoding.described();
  }
}
