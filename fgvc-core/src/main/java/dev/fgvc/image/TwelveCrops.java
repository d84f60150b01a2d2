package dev.fgvc.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/**
 * Twelve views of each image for evaluation, the 12-crop of the paper's table 5: the centre, the
 * four corners and the whole of the image, each also mirrored. A crop has {@value
 * CentralCrop#FRACTION} of the height and of the width, and every view is resized to the resolution
 * as {@link CentralCrop} does it; the first view is that transform's image.
 *
 * <p>The views are, in order: centre, top left, top right, bottom left, bottom right, whole, then
 * the mirror images of these. The file is decoded once for all of them. Nothing is random.
 */
public final class TwelveCrops implements ImageTransform {

  private static final int VIEWS = 12;

  private final Resolution resolution;
  private final ImageDecoding decoding;

  private TwelveCrops(Resolution resolution, ImageDecoding decoding) {
    this.resolution = Objects.requireNonNull(resolution, "resolution");
    this.decoding = Objects.requireNonNull(decoding, "decoding");
  }

  /**
   * The views at a resolution, with {@link ImageDecoding#exact()}.
   *
   * @param resolution the size of each view
   * @return the transform
   */
  public static TwelveCrops of(Resolution resolution) {
    return new TwelveCrops(resolution, ImageDecoding.exact());
  }

  /**
   * Decodes in another way, such as {@link ImageDecoding#sparing()} for large photos.
   *
   * @param other how files become pixels
   * @return a changed copy
   */
  public TwelveCrops withDecoding(ImageDecoding other) {
    return new TwelveCrops(resolution, other);
  }

  @Override
  public Resolution resolution() {
    return resolution;
  }

  @Override
  public long maximumPixels() {
    return decoding.maximumPixels();
  }

  @Override
  public int views() {
    return VIEWS;
  }

  @Override
  public void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException {
    apply(ImageFile.read(file, decoding), target);
  }

  @Override
  public void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
    apply(ImageFile.of(encoded, name, decoding), target);
  }

  private void apply(ImageFile image, FloatBuffer target) {
    int start = target.position();
    int floats = 3 * resolution.pixels();
    TargetRows.requireRoom(target.remaining(), this, "floats");
    apply(
        image, view -> TargetRows.planes(target.slice(start + view * floats, floats), resolution));
    target.position(start + VIEWS * floats);
  }

  @Override
  public void apply(Path file, RandomGenerator random, ByteBuffer target) throws IOException {
    int start = target.position();
    int bytes = 3 * resolution.pixels();
    TargetRows.requireRoom(target.remaining(), this, "bytes");
    ImageFile image = ImageFile.read(file, decoding);
    apply(image, view -> TargetRows.bytes(target.slice(start + view * bytes, bytes), resolution));
    target.position(start + VIEWS * bytes);
  }

  private void apply(ImageFile image, IntFunction<Bilinear.Rows> target) {
    List<Box> boxes = boxes(image.height(), image.width());
    try (Picture picture = image.decode(boxes.get(0), resolution)) {
      for (int i = 0; i < boxes.size(); i++) {
        Bilinear.Rows plain = target.apply(i);
        Bilinear.Rows mirrored =
            TargetRows.mirrored(target.apply(boxes.size() + i), resolution.width());
        Bilinear.resize(
            picture.part(boxes.get(i)),
            resolution,
            false,
            Colour.UNCHANGED,
            (red, green, blue, count) -> {
              plain.put(red, green, blue, count);
              mirrored.put(red, green, blue, count);
            });
      }
    }
  }

  static List<Box> boxes(int height, int width) {
    Box centre = Box.central(height, width, CentralCrop.FRACTION);
    int bottom = height - centre.height();
    int right = width - centre.width();
    return List.of(
        centre,
        centre.movedTo(0, 0),
        centre.movedTo(0, right),
        centre.movedTo(bottom, 0),
        centre.movedTo(bottom, right),
        Box.whole(height, width));
  }

  /** Returns the views and the resolution as text. */
  @Override
  public String toString() {
    return "twelve crops to " + resolution + decoding.described();
  }
}
