package dev.fgvc.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * From an encoded image file to the numbers a network reads. Implementations are immutable and may
 * be used by many threads at once.
 */
public interface ImageTransform {

  /**
   * The size of what comes out.
   *
   * @return height and width in pixels
   */
  Resolution resolution();

  /**
   * How many images come out of a file, such as several crops for evaluation. They are written one
   * after the other.
   *
   * @return at least 1, and 1 unless an implementation says otherwise
   */
  default int views() {
    return 1;
  }

  /**
   * Decodes a file and writes each view as float32 [3, height, width]: channel by channel red,
   * green, blue, each row by row, values x / 127.5 - 1 of levels x from 0 to 255, hence from -1 to
   * 1.
   *
   * @param file a JPEG, PNG or WebP file
   * @param random where random choices are drawn from; the same state gives the same numbers
   * @param target written from its position on, which moves by views * 3 * height * width; direct
   *     or not
   * @throws ImageFormatException if the file is not a whole image; the target's contents are then
   *     undefined
   * @throws IllegalArgumentException if the target has too little room
   * @throws dev.fgvc.natives.NativeLibraryException if OpenCV is needed and cannot be loaded, or
   *     memory outside the Java heap ends
   * @throws IOException if the file cannot be read
   */
  void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException;

  /**
   * Decodes a file and writes each view as bytes [height, width, 3]: each pixel's red, green, blue,
   * levels from 0 to 255, the nearest to what the other method writes. A quarter of its size, for
   * engines that scale to [-1, 1] on the device.
   *
   * @param file a JPEG, PNG or WebP file
   * @param random where random choices are drawn from; the same choices as the other method's
   * @param target written from its position on, which moves by views * height * width * 3; direct
   *     or not
   * @throws ImageFormatException if the file is not a whole image; the target's contents are then
   *     undefined
   * @throws IllegalArgumentException if the target has too little room
   * @throws dev.fgvc.natives.NativeLibraryException if OpenCV is needed and cannot be loaded, or
   *     memory outside the Java heap ends
   * @throws IOException if the file cannot be read
   */
  default void apply(Path file, RandomGenerator random, ByteBuffer target) throws IOException {
    Resolution size = resolution();
    int width = size.width();
    FloatBuffer planes = FloatBuffer.allocate(3 * views() * size.pixels());
    apply(file, random, planes);
    float[][] row = new float[3][width];
    for (int view = 0; view < views(); view++) {
      Bilinear.Rows rows = TargetRows.bytes(target, size);
      for (int y = 0; y < size.height(); y++) {
        for (int channel = 0; channel < 3; channel++) {
          planes.get((3 * view + channel) * size.pixels() + y * width, row[channel]);
        }
        rows.put(row[0], row[1], row[2], width);
      }
    }
  }

  /**
   * Does the same to a file's bytes that are in memory already, such as a record of an archive.
   *
   * @param encoded the contents of a JPEG, PNG or WebP file
   * @param name what messages call the image
   * @param random where random choices are drawn from; the same choices as for a file
   * @param target written from its position on, which moves by views * 3 * height * width; direct
   *     or not
   * @throws ImageFormatException if the bytes are not a whole image; the target's contents are then
   *     undefined
   * @throws IllegalArgumentException if the target has too little room
   * @throws dev.fgvc.natives.NativeLibraryException if OpenCV is needed and cannot be loaded, or
   *     memory outside the Java heap ends
   * @throws UnsupportedOperationException if the implementation reads files only, as it does unless
   *     it says otherwise
   */
  default void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
    throw new UnsupportedOperationException(this + " reads files only, not the bytes of " + name);
  }

  /**
   * The largest image that is decoded; larger ones are refused by their header.
   *
   * @return height times width, {@link ImageDecoding#MAXIMUM_PIXELS} unless an implementation says
   *     otherwise
   */
  default long maximumPixels() {
    return ImageDecoding.MAXIMUM_PIXELS;
  }

  /**
   * Whether it makes random choices, as transforms for training do. Only in training may damaged
   * images be left out: a loader takes a transform without random choices for one of an evaluation.
   *
   * @return false unless an implementation says otherwise
   */
  default boolean isRandom() {
    return false;
  }
}
