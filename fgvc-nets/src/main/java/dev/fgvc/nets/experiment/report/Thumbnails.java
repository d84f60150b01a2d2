package dev.fgvc.nets.experiment.report;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Photos small enough to stand inside a page: as they are if they are small, else reduced. Each is
 * read once, however often a report shows it.
 */
final class Thumbnails {

  private static final int SMALL_BYTES = 16_384;
  private static final int SHORTER_SIDE = 120;

  private final Map<Path, String> made = new HashMap<>();

  String dataUri(Path file) throws IOException {
    String known = made.get(file);
    if (known == null) {
      known = make(file);
      made.put(file, known);
    }
    return known;
  }

  private static String make(Path file) throws IOException {
    if (Files.size(file) <= SMALL_BYTES) {
      String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
      return uri(name.endsWith(".png") ? "png" : "jpeg", Files.readAllBytes(file));
    }
    BufferedImage photo = ImageIO.read(file.toFile());
    if (photo == null) {
      throw new IOException(file + " is neither a JPEG nor a PNG image that can be shown");
    }
    double scale =
        Math.min(1, (double) SHORTER_SIDE / Math.min(photo.getWidth(), photo.getHeight()));
    int width = (int) Math.max(1, Math.round(scale * photo.getWidth()));
    int height = (int) Math.max(1, Math.round(scale * photo.getHeight()));
    BufferedImage reduced = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = reduced.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(photo, 0, 0, width, height, null);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(reduced, "jpg", bytes);
    return uri("jpeg", bytes.toByteArray());
  }

  private static String uri(String type, byte[] bytes) {
    return "data:image/" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }
}
