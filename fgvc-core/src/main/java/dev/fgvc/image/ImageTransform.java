package dev.fgvc.image;

import java.io.IOException;
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
   * Decodes a file and writes it as float32 [3, height, width]: channel by channel red, green,
   * blue, each row by row, values x / 127.5 - 1 of levels x from 0 to 255, hence from -1 to 1.
   *
   * @param file a JPEG or PNG file
   * @param random where random choices are drawn from; the same state gives the same numbers
   * @param target written from its position on, which moves by 3 * height * width; direct or not
   * @throws ImageFormatException if the file is not a whole image; the target's contents are then
   *     undefined
   * @throws IllegalArgumentException if the target has too little room
   * @throws IllegalStateException if OpenCV is needed and not on the class path
   * @throws IOException if the file cannot be read
   */
  void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException;
}
