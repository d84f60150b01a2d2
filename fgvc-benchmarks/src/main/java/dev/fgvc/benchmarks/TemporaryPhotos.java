package dev.fgvc.benchmarks;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.ImageFolder;
import dev.fgvc.image.Resolution;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * JPEG files of a photo's size in a temporary folder; the same numbers give the same pictures.
 *
 * @param folder that holds them, to be deleted
 * @param photos the same as a data set of one class
 */
record TemporaryPhotos(Path folder, Dataset photos) implements AutoCloseable {

  /** Ellipses of many sizes give the coefficients of many frequencies that photos have. */
  private static final int SHAPES = 400;

  static TemporaryPhotos paint(int count, int height, int width) throws IOException {
    Path folder = Files.createTempDirectory("photos");
    Path photos = Files.createDirectories(folder.resolve("0"));
    for (int k = 0; k < count; k++) {
      BufferedImage picture = paint(height, width, new Random(k));
      ImageIO.write(
          picture, "jpg", photos.resolve(String.format(Locale.ROOT, "%05d.jpg", k)).toFile());
    }
    return new TemporaryPhotos(folder, ImageFolder.read(folder));
  }

  static TemporaryPhotos paint(int count, Resolution size) throws IOException {
    return paint(count, size.height(), size.width());
  }

  private static BufferedImage paint(int height, int width, Random random) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D brush = picture.createGraphics();
    brush.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    brush.setPaint(new GradientPaint(0, 0, colour(random), width, height, colour(random)));
    brush.fillRect(0, 0, width, height);
    for (int k = 1; k <= SHAPES; k++) {
      int size = 2 + width / k;
      brush.setPaint(colour(random));
      brush.fillOval(
          random.nextInt(width) - size / 2,
          random.nextInt(height) - size / 2,
          size,
          1 + random.nextInt(size));
    }
    brush.dispose();
    return picture;
  }

  private static Color colour(Random random) {
    return new Color(random.nextInt(1 << 24));
  }

  Path first() {
    return photos.images().get(0).path();
  }

  @Override
  public void close() {
    try {
      delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path folder) throws IOException {
    List<Path> contents;
    try (Stream<Path> walk = Files.walk(folder)) {
      contents = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : contents) {
      Files.delete(path);
    }
  }
}
