package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.random.SplitMix64;
import dev.fgvc.testing.MutationFuzzer;
import dev.fgvc.testing.MutationFuzzer.Outcome;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * WebP files beside PNG files of the same pixels. They were written once by Pillow 12 (libwebp
 * 1.6): 20 rows and 30 columns of (x + y) times 4, 3 and 5 for red, green and blue, at most 255.
 */
class WebpTest {

  static final String LOSSY =
      "UklGRnAAAABXRUJQVlA4IGQAAACQBQCdASoeABQAPjEWiUMiISEYDAQAIAMEsYBOmUI4GFTBLYJRNFCf7yhF"
          + "k1D9adcsxXxTgAD+/7SaN4EydQFyKWg47EpWMCJAZZPzxtIB3QfKYT0SBmYCx0TxKB3pTYFuIAAA";

  static final String LOSSLESS =
      "UklGRioAAABXRUJQVlA4TB0AAAAvHcAEALmM6H/sClGQwvQ/QCZt03b+ze+KiGSvAgA=";

  static final String EXIF_6 =
      "UklGRl4AAABXRUJQVlA4WAoAAAAIAAAAHQAAEwAAVlA4TB0AAAAvHcAEALmM6H/sClGQwvQ/QCZt03b+ze+K"
          + "iGSvAgBFWElGGgAAAE1NACoAAAAIAAEBEgADAAAAAQAGAAAAAAAA";

  static final String XMP_8 =
      "UklGRl4AAABXRUJQVlA4WAoAAAAEAAAAHQAAEwAAVlA4TB0AAAAvHcAEALmM6H/sClGQwvQ/QCZt03b+ze+K"
          + "iGSvAgBYTVAgGQAAADx4IHRpZmY6T3JpZW50YXRpb249IjgiLz4A";

  static final String ALPHA =
      "UklGRioAAABXRUJQVlA4TB4AAAAvHcAEELmM6H/sClGQwvQ/QCZt03b+ze+KmMDkvAo=";

  static final String ANIMATED =
      "UklGRkoBAABXRUJQVlA4WAoAAAASAAAAHQAAEwAAQU5JTQYAAAAAAAAAAABBTk1GfAAAAAAAAAAAAB0AABMA"
          + "AGQAAAJWUDhMYwAAAC8dwAQAh0GQbbPt/uInIJC0xdt+BWkbsLDdmf8E7neHw0iyTevZtm39n3+Gk0FE/zsg"
          + "iJKsqJpumJbtuJ4fhFGcpFlelFXdtLCDPRzgCCc4wwWucIM7POAJL3jDB77wgz/4BwBBTk1GmgAAAAAAAAAA"
          + "AB0AABMAAGQAAABWUDhMgQAAAC8dwAQQP0EgQFEM8P+yBQQClKnCBArSNmBx90Rs/hO4XzcnOIgkSZH68JmZ"
          + "GfxbvIiKkhDRf7FJIo1d8k+S9Wa72x+Op/Plers/nq/35/tLkqSzUpGliixUZK4iMxWZqshERcYqMlKRoYoM"
          + "VKSvIj0VaVWkUZFaRSoVKVWkUHVvAAA=";

  @TempDir Path folder;

  private static byte[] webp(String encoded) {
    return Base64.getDecoder().decode(encoded);
  }

  private static byte[] png() throws IOException {
    BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 20; y++) {
      for (int x = 0; x < 30; x++) {
        int sum = x + y;
        image.setRGB(x, y, 4 * sum << 16 | 3 * sum << 8 | Math.min(255, 5 * sum));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private float[] pixels(byte[] file, ImageDecoding decoding) throws IOException {
    Path path = Files.write(folder.resolve("image"), file);
    float[] pixels = new float[3 * 16 * 16];
    CentralCrop.of(Resolution.square(16))
        .withDecoding(decoding)
        .apply(path, new SplitMix64(0), FloatBuffer.wrap(pixels));
    return pixels;
  }

  @Test
  void losslessFilesHaveThePixelsOfPng() throws IOException {
    for (ImageDecoding decoding : List.of(ImageDecoding.exact(), ImageDecoding.sparing())) {
      float[] expected = pixels(png(), decoding);
      assertThat(pixels(webp(LOSSLESS), decoding)).isEqualTo(expected);
      assertThat(pixels(webp(ALPHA), decoding)).isEqualTo(expected);
    }
  }

  @Test
  void lossyFilesAreNear() throws IOException {
    float[] expected = pixels(png(), ImageDecoding.exact());
    float[] lossy = pixels(webp(LOSSY), ImageDecoding.exact());
    double sum = 0;
    for (int i = 0; i < lossy.length; i++) {
      sum += Math.abs(lossy[i] - expected[i]);
    }
    assertThat(127.5 * sum / lossy.length).as("levels").isBetween(0.01, 3.0);
  }

  @Test
  void orientationsAreThoseOfExifAndXmp() throws IOException {
    ImageDecoding upright = ImageDecoding.exact().withUpright(true);
    assertThat(pixels(webp(EXIF_6), upright)).isNotEqualTo(pixels(png(), upright));
    assertThat(ImageHeader.parse(webp(EXIF_6), Path.of("x")).upright())
        .isEqualTo(new ImageHeader(30, 20, ImageHeader.Format.WEBP, 6, true));
    assertThat(ImageHeader.parse(webp(XMP_8), Path.of("x")).orientation()).isEqualTo(8);
    assertThat(pixels(webp(XMP_8), ImageDecoding.exact()))
        .isEqualTo(pixels(png(), ImageDecoding.exact()));
  }

  @Test
  void refusesAnimations() {
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> ImageHeader.parse(webp(ANIMATED), Path.of("a.webp")))
        .withMessage("a.webp: an animated WebP: save the picture that is meant");
  }

  @Test
  void refusesEveryTruncationAndGiants() {
    for (String encoded : List.of(LOSSY, LOSSLESS, EXIF_6, ALPHA)) {
      byte[] whole = webp(encoded);
      for (int length = 0; length < whole.length - 1; length++) {
        byte[] part = Arrays.copyOf(whole, length);
        assertThatExceptionOfType(ImageFormatException.class)
            .as(length + " of " + whole.length)
            .isThrownBy(() -> ImageHeader.parse(part, Path.of("x")));
      }
    }
    byte[] giant = webp(EXIF_6);
    Arrays.fill(giant, 24, 30, (byte) 0xFF);
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> ImageHeader.parse(giant, Path.of("x")))
        .withMessageContaining("declared size 16777216x16777216 is above the limit");
  }

  @Test
  void refusesASecondCanvas() {
    byte[] whole = webp(EXIF_6);
    int canvas = 12;
    int next = canvas + 18;
    for (int at : new int[] {next, whole.length}) {
      byte[] twice = new byte[whole.length + 18];
      System.arraycopy(whole, 0, twice, 0, at);
      System.arraycopy(whole, canvas, twice, at, 18);
      System.arraycopy(whole, at, twice, at + 18, whole.length - at);
      Arrays.fill(twice, at + 12, at + 18, (byte) 0xFF); // of 16777216 rows and columns
      twice[4] += 18;
      assertThatExceptionOfType(ImageFormatException.class)
          .isThrownBy(() -> ImageHeader.parse(twice, Path.of("x")))
          .withMessage("x: damaged: a canvas at byte %d, after that of the file", at + 8);
    }
  }

  @Test
  void wholeFilesPassTheChecks() throws IOException {
    for (String encoded : List.of(LOSSY, LOSSLESS, EXIF_6, XMP_8, ALPHA)) {
      Path file = Files.write(folder.resolve("whole.webp"), webp(encoded));
      assertThatCode(() -> ImageCheck.decoding(CentralCrop.of(Resolution.square(16))).check(file))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void damagedFilesAreReadOrRefused() {
    CentralCrop small =
        CentralCrop.of(Resolution.square(16))
            .withDecoding(ImageDecoding.exact().withUpright(true).withMaximumPixels(250_000));
    Outcome outcome =
        MutationFuzzer.of(
                folder.resolve("damaged.webp"),
                file -> small.apply(file, new SplitMix64(0), FloatBuffer.allocate(3 * 256)))
            .allowing(ImageFormatException.class)
            .withWords("RIFF", "WEBP", "VP8X", "VP8 ", "VP8L", "EXIF", "XMP ", "ALPH", "ANIM")
            .run(
                Stream.of(LOSSY, LOSSLESS, EXIF_6, XMP_8, ALPHA).map(WebpTest::webp).toList(),
                MutationFuzzer.files(1000));
    assertThat(outcome.read()).isPositive();
    assertThat(outcome.refused()).isNotEmpty();
  }
}
