package dev.fgvc.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** A transform that decodes an image once, and makes the same rows of it wherever they go. */
abstract class SingleView implements ImageTransform {

  final Resolution resolution;
  final ImageDecoding decoding;

  SingleView(Resolution resolution, ImageDecoding decoding) {
    this.resolution = Objects.requireNonNull(resolution, "resolution");
    this.decoding = Objects.requireNonNull(decoding, "decoding");
  }

  /** Decodes the image and puts all rows of the view. */
  abstract void apply(ImageFile image, RandomGenerator random, Bilinear.Rows target);

  @Override
  public final Resolution resolution() {
    return resolution;
  }

  @Override
  public final long maximumPixels() {
    return decoding.maximumPixels();
  }

  @Override
  public final void apply(Path file, RandomGenerator random, FloatBuffer target)
      throws IOException {
    apply(ImageFile.read(file, decoding), random, TargetRows.planes(target, resolution));
  }

  @Override
  public final void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
    apply(ImageFile.of(encoded, name, decoding), random, TargetRows.planes(target, resolution));
  }

  @Override
  public final void apply(Path file, RandomGenerator random, ByteBuffer target) throws IOException {
    apply(ImageFile.read(file, decoding), random, TargetRows.bytes(target, resolution));
  }
}
