package dev.fgvc.nets.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.image.ResizeFilter;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.random.SplitMix64;
import dev.fgvc.testing.SharedFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Photos and what timm makes of them; make-transformed.py recorded both. */
class TimmTransformTest {

  /** Half a level, which no two levels are nearer than. */
  private static final double NO_LEVEL = 0.5 / 255;

  /** Side, crop fraction and filter of each transform that the record has. */
  @ParameterizedTest
  @CsvSource({
    "224, 0.875, BILINEAR",
    "224, 0.875, BICUBIC",
    "299, 0.875, BILINEAR",
    "299, 0.875, BICUBIC",
    "518, 1, BILINEAR",
    "518, 1, BICUBIC"
  })
  @Retention(RetentionPolicy.RUNTIME)
  private @interface EverySizeAndFilter {}

  @TempDir private Path folder;

  @EverySizeAndFilter
  void drawnPhotosAreThoseOfTimm(int side, double cropFraction, ResizeFilter filter)
      throws IOException {
    List<String> photos = names();
    for (int row = 0; row < photos.size(); row++) {
      String name = photos.get(row);
      if (!name.contains("/")) {
        Path photo = folder.resolve(name);
        try (InputStream drawn = TimmTransformTest.class.getResourceAsStream(name)) {
          Files.copy(drawn, photo);
        }
        assertAsTimm(photo, row, side, cropFraction, filter);
      }
    }
  }

  @EverySizeAndFilter
  void realPhotosAreThoseOfTimm(int side, double cropFraction, ResizeFilter filter)
      throws IOException {
    List<String> photos = names();
    for (int row = 0; row < photos.size(); row++) {
      if (photos.get(row).contains("/")) {
        Path photo = SharedFiles.require(photos.get(row));
        assertAsTimm(photo, row, side, cropFraction, filter);
      }
    }
  }

  private static void assertAsTimm(
      Path photo, int row, int side, double cropFraction, ResizeFilter filter) throws IOException {
    Resolution resolution = Resolution.square(side);
    BackboneTransform transform =
        BackboneTransform.imageNet(resolution)
            .withFilter(filter)
            .withCropFraction(cropFraction)
            .withUpright(false);
    FloatBuffer values = FloatBuffer.allocate(3 * resolution.pixels());
    transform.apply(photo, new SplitMix64(1), values);
    Normalization normalization = transform.normalization();
    BufferedImage recorded = recorded(side, filter);
    double sum = 0;
    double largest = 0;
    for (int i = 0; i < recorded.getWidth(); i++) {
      int place = (7919 * i + 31 * row) % resolution.pixels();
      for (int channel = 0; channel < 3; channel++) {
        double level = recorded.getRGB(i, row) >> 8 * (2 - channel) & 0xff;
        double part =
            values.get(channel * resolution.pixels() + place)
                    * normalization.deviation().get(channel)
                + normalization.mean().get(channel);
        double difference = Math.abs(part - level / 255);
        sum += difference;
        largest = Math.max(largest, difference);
      }
    }
    assertThat(sum / (3 * recorded.getWidth()))
        .as("mean difference of %s, the largest is %s levels", photo, 255 * largest)
        .isLessThan(1 / 255.0);
    assertThat(largest).as("largest difference of %s", photo).isLessThan(NO_LEVEL);
  }

  private static List<String> names() throws IOException {
    try (InputStream names = TimmTransformTest.class.getResourceAsStream("photos.txt")) {
      return new String(names.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static BufferedImage recorded(int side, ResizeFilter filter) throws IOException {
    String name = "transformed-" + side + "-" + filter.name().toLowerCase(Locale.ROOT) + ".png";
    try (InputStream image = TimmTransformTest.class.getResourceAsStream(name)) {
      return ImageIO.read(image);
    }
  }
}
