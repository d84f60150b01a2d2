package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.random.SplitMix64;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizedCropTest {

  @TempDir private Path folder;

  /** The pictures come from make-resized.py beside them. */
  @ParameterizedTest
  @CsvSource({
    "0, 61, 47, 24, 24, 0.875, CROP",
    "1, 47, 61, 24, 24, 0.9, CROP",
    "2, 9, 13, 20, 20, 1.0, CROP",
    "3, 40, 70, 18, 26, 0.95, CROP",
    "4, 33, 50, 16, 16, 0.8, SQUASH"
  })
  void pixelsAreThoseOfPillow(
      int picture,
      int height,
      int width,
      int targetHeight,
      int targetWidth,
      double fraction,
      ResizedCrop.Fit fit)
      throws IOException {
    Path image = noise(height, width);
    Resolution resolution = new Resolution(targetHeight, targetWidth);
    for (ResizeFilter filter : ResizeFilter.values()) {
      ByteBuffer bytes = ByteBuffer.allocate(3 * resolution.pixels());

      ResizedCrop.of(resolution, filter, fraction)
          .withFit(fit)
          .apply(image, new SplitMix64(1), bytes);

      assertThat(bytes.array())
          .as("%s", filter)
          .isEqualTo(recorded("resized-" + picture + "-" + filter + ".png", resolution));
    }
  }

  @Test
  void floatsAreTheLevelsOfTheBytes() throws IOException {
    Path image = noise(31, 20);
    Resolution resolution = Resolution.square(12);
    ResizedCrop crop = ResizedCrop.of(resolution, ResizeFilter.BICUBIC, 0.875);
    ByteBuffer bytes = ByteBuffer.allocate(3 * resolution.pixels());
    FloatBuffer floats = FloatBuffer.allocate(3 * resolution.pixels());

    crop.apply(image, new SplitMix64(1), bytes);
    crop.apply(image, new SplitMix64(1), floats);

    for (int cell = 0; cell < resolution.pixels(); cell++) {
      for (int channel = 0; channel < 3; channel++) {
        assertThat(floats.get(channel * resolution.pixels() + cell))
            .isEqualTo((bytes.get(3 * cell + channel) & 0xff) / 127.5f - 1);
      }
    }
  }

  @Test
  void anImageOfTheTargetsSizeStaysAsItIs() throws IOException {
    Resolution resolution = Resolution.square(17);
    Path image = noise(17, 17);
    ByteBuffer bicubic = ByteBuffer.allocate(3 * resolution.pixels());

    ResizedCrop.of(resolution, ResizeFilter.BICUBIC, 1).apply(image, new SplitMix64(1), bicubic);

    assertThat(bicubic.array()).isEqualTo(pixels(ImageIO.read(image.toFile()), resolution));
  }

  @Test
  void takesWhatTimmTakes() {
    ResizedCrop crop = ResizedCrop.of(Resolution.square(224), ResizeFilter.BICUBIC, 0.875);

    assertThat(crop.resizedFrom(375, 500)).isEqualTo(new Resolution(256, 341));
    assertThat(crop.resizedFrom(500, 333)).isEqualTo(new Resolution(384, 256));
  }

  @Test
  void settingsShowInItsText() {
    ResizedCrop crop = ResizedCrop.of(Resolution.square(224), ResizeFilter.BICUBIC, 0.9);

    assertThat(crop).hasToString("resized by BICUBIC with CROP, central crop 0.9 to 224x224");
    assertThat(crop.withDecoding(ImageDecoding.exact().withUpright(true)))
        .hasToString("resized by BICUBIC with CROP, central crop 0.9 to 224x224, upright");
  }

  @Test
  void refusesFractionsOutOfRange() {
    Resolution resolution = Resolution.square(224);
    for (double fraction : new double[] {0, -1, 1.01, Double.NaN}) {
      assertThatThrownBy(() -> ResizedCrop.of(resolution, ResizeFilter.BILINEAR, fraction))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("above 0 and at most 1");
    }
    assertThatThrownBy(() -> ResizedCrop.of(resolution, ResizeFilter.BILINEAR, 0.001))
        .hasMessageContaining("longer than 16384");
  }

  @Test
  void refusesReducedDecoding() {
    ResizedCrop crop = ResizedCrop.of(Resolution.square(8), ResizeFilter.BILINEAR, 1);

    assertThatThrownBy(() -> crop.withDecoding(ImageDecoding.sparing()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ImageDecoding.exact()");
  }

  @Test
  void refusesImagesTooThinToResize() throws IOException {
    Path image = noise(1, 200);
    ResizedCrop crop = ResizedCrop.of(Resolution.square(224), ResizeFilter.BILINEAR, 1);

    assertThatThrownBy(
            () -> crop.apply(image, new SplitMix64(1), FloatBuffer.allocate(3 * 224 * 224)))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("1x200 cannot be resized");
  }

  /** The noise of make-resized.py. */
  private Path noise(int height, int width) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    long state = 1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int pixel = 0;
        for (int channel = 0; channel < 3; channel++) {
          state = (state * 1103515245 + 12345) % (1L << 31);
          pixel = pixel << 8 | (int) (state >> 16 & 255);
        }
        image.setRGB(x, y, pixel);
      }
    }
    Path file = folder.resolve(height + "x" + width + ".png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  static byte[] recorded(String name, Resolution resolution) throws IOException {
    try (InputStream file = ResizedCropTest.class.getResourceAsStream(name)) {
      return pixels(ImageIO.read(file), resolution);
    }
  }

  private static byte[] pixels(BufferedImage image, Resolution resolution) {
    byte[] pixels = new byte[3 * resolution.pixels()];
    for (int i = 0; i < resolution.pixels(); i++) {
      int rgb = image.getRGB(i % resolution.width(), i / resolution.width());
      pixels[3 * i] = (byte) (rgb >> 16);
      pixels[3 * i + 1] = (byte) (rgb >> 8);
      pixels[3 * i + 2] = (byte) rgb;
    }
    return pixels;
  }
}
