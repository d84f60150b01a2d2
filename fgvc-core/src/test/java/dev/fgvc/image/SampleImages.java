package dev.fgvc.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Small encoded images that tests make for themselves. */
public final class SampleImages {

  private SampleImages() {}

  /** An image whose colours slowly change from corner to corner. */
  public static byte[] encoded(String format, int height, int width) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, (255 * x / width) << 16 | (255 * y / height) << 8 | 90);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, format, bytes);
    return bytes.toByteArray();
  }

  /** The same in a file. */
  public static Path write(Path file, int height, int width) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(file, encoded("jpeg", height, width));
  }
}
