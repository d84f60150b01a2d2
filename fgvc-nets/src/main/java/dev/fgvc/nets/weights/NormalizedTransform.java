package dev.fgvc.nets.weights;

import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** Scales the pixels of another transform from value / 127.5 - 1 to a network's own. */
record NormalizedTransform(ImageTransform transform, Normalization normalization)
    implements ImageTransform {

  @Override
  public Resolution resolution() {
    return transform.resolution();
  }

  @Override
  public long maximumPixels() {
    return transform.maximumPixels();
  }

  @Override
  public int views() {
    return transform.views();
  }

  @Override
  public boolean isRandom() {
    return transform.isRandom();
  }

  @Override
  public void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException {
    int at = target.position();
    transform.apply(file, random, target);
    normalize(target, at);
  }

  @Override
  public void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
    int at = target.position();
    transform.apply(encoded, name, random, target);
    normalize(target, at);
  }

  private void normalize(FloatBuffer target, int start) {
    int at = start;
    int plane = resolution().pixels();
    for (int view = 0; view < views(); view++) {
      for (int channel = 0; channel < 3; channel++) {
        double deviation = normalization.deviation().get(channel);
        float factor = (float) (0.5 / deviation);
        float offset = (float) ((0.5 - normalization.mean().get(channel)) / deviation);
        for (int i = 0; i < plane; i++, at++) {
          target.put(at, target.get(at) * factor + offset);
        }
      }
    }
  }

  @Override
  public void apply(Path file, RandomGenerator random, ByteBuffer target) {
    throw new IllegalStateException(
        this + " does not fit into bytes: build the loader with PixelLayout.FLOATS");
  }

  @Override
  public String toString() {
    return transform + ", normalized by " + normalization;
  }
}
