package dev.fgvc.image;

import java.util.Objects;

/** A random change of what another transform makes, which has that transform's sizes and limits. */
abstract class RandomChange implements ImageTransform {

  final ImageTransform inner;

  RandomChange(ImageTransform inner) {
    this.inner = Objects.requireNonNull(inner, "inner");
  }

  @Override
  public final Resolution resolution() {
    return inner.resolution();
  }

  @Override
  public final int views() {
    return inner.views();
  }

  @Override
  public final long maximumPixels() {
    return inner.maximumPixels();
  }

  @Override
  public final boolean isRandom() {
    return true;
  }
}
