package dev.fgvc.nets.cluster.spark;

import dev.fgvc.image.ImageTransform;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An encoded image and its class.
 *
 * @param name the file, or what messages call a record
 * @param contents of a record; empty for a file
 */
record PlacedImage(Path name, int label, Optional<byte[]> contents) {

  /**
   * Decodes it to the target's position.
   *
   * @throws UncheckedIOException if a file cannot be read, so that Spark tries once more
   */
  void decode(ImageTransform transform, FloatBuffer target) {
    SplitMix64 unused = new SplitMix64(0);
    if (contents.isPresent()) {
      transform.apply(contents.get(), name, unused, target);
    } else {
      try {
        transform.apply(name, unused, target);
      } catch (IOException e) {
        throw new UncheckedIOException(name + " cannot be read", e);
      }
    }
  }
}
