package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.random.SplitMix64;
import dev.fgvc.testing.MutationFuzzer;
import dev.fgvc.testing.MutationFuzzer.Outcome;
import dev.fgvc.testing.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage within files whose header and end are whole. */
class ImageDamageTest {

  private static final CentralCrop CROP = CentralCrop.of(Resolution.square(16));

  @TempDir Path folder;

  /** Noise, so that the pixel data are as long as a photo's. */
  private static byte[] noisy(String format, int side) throws IOException {
    var image = new java.awt.image.BufferedImage(side, side, 1);
    SplitMix64 random = new SplitMix64(3);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, (int) random.nextLong() & 0x3F3F3F | 0x404040);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    javax.imageio.ImageIO.write(image, format, bytes);
    return bytes.toByteArray();
  }

  private void assertDamaged(byte[] bytes, String description) throws IOException {
    Path file = Files.write(folder.resolve("damaged"), bytes);
    assertThatExceptionOfType(ImageFormatException.class)
        .as(description)
        .isThrownBy(() -> ImageCheck.decoding(CROP).check(file))
        .withMessageContaining("damaged");
  }

  @Test
  void findsEveryHoleOfZerosInSequentialJpegs() throws IOException {
    byte[] whole = noisy("jpeg", 96);
    for (int at = 1000; at < whole.length - 700; at += 149) {
      for (int length : new int[] {40, 200, 600}) {
        byte[] holed = whole.clone();
        Arrays.fill(holed, at, at + length, (byte) 0);
        assertDamaged(holed, length + " bytes from " + at);
      }
    }
  }

  @Test
  void findsChecksumsOfPngsThatDoNotFit() throws IOException {
    byte[] whole = noisy("png", 40);
    for (int at = 60; at < whole.length - 20; at += 97) {
      byte[] changed = whole.clone();
      changed[at] ^= 4;
      assertDamaged(changed, "byte " + at);
    }
  }

  @Test
  void wholeFilesAreNeverCalledDamaged() throws IOException {
    for (String format : List.of("jpeg", "png")) {
      assertWhole(Files.write(folder.resolve("noisy." + format), noisy(format, 50)));
      assertWhole(
          Files.write(folder.resolve("flat." + format), SampleImages.encoded(format, 300, 400)));
    }
    for (String name : List.of("cmyk.jpg", "progressive.jpg")) {
      try (InputStream in = ImageDamageTest.class.getResourceAsStream(name)) {
        assertWhole(Files.write(folder.resolve(name), in.readAllBytes()));
      }
    }
    byte[] jpeg = noisy("jpeg", 50);
    byte[] filled = Arrays.copyOf(jpeg, jpeg.length + 5);
    filled[jpeg.length - 2] = 0;
    filled[jpeg.length - 1] = 0;
    filled[filled.length - 2] = (byte) 0xFF;
    filled[filled.length - 1] = (byte) 0xD9;
    assertWhole(Files.write(folder.resolve("filled.jpg"), filled));
    assertWhole(Files.write(folder.resolve("tail.jpg"), Arrays.copyOf(jpeg, jpeg.length + 99)));
  }

  @Test
  void realPhotosAreNotCalledDamaged() throws IOException {
    try (Stream<Path> files = Files.list(SharedFiles.require("data/jpeg-samples"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertWhole(file);
      }
    }
    for (String odd : List.of("one_pixel", "png_inside", "garbage_between_segments")) {
      assertWhole(SharedFiles.require("data/jpeg-samples/bad/" + odd + ".jpg"));
    }
  }

  private static void assertWhole(Path file) {
    assertThatCode(() -> ImageCheck.decoding(CROP).check(file))
        .as(file.toString())
        .doesNotThrowAnyException();
  }

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    List<byte[]> samples =
        List.of(
            SampleImages.encoded("jpeg", 24, 20),
            SampleImages.encoded("png", 24, 20),
            noisy("jpeg", 24));
    Outcome headers = fuzzer(ImageCheck.header()::check).run(samples, MutationFuzzer.files(1000));
    assertThat(headers.read()).isPositive();
    assertThat(headers.refused()).isNotEmpty();
    CentralCrop small =
        CROP.withDecoding(ImageDecoding.sparing().withUpright(true).withMaximumPixels(250_000));
    Outcome decoded =
        fuzzer(
                file -> {
                  small.apply(file, new SplitMix64(0), FloatBuffer.allocate(3 * 256));
                  ImageFile.requireUndamaged(file);
                })
            .run(samples, MutationFuzzer.files(300));
    assertThat(decoded.read()).isPositive();
    assertThat(decoded.refused()).isNotEmpty();
  }

  private MutationFuzzer fuzzer(MutationFuzzer.Reader reader) {
    return MutationFuzzer.of(folder.resolve("damaged-image"), reader)
        .allowing(ImageFormatException.class)
        .withWords("Exif\0\0II*\0", "Exif\0\0MM\0*", "eXIf", "IHDR", "IEND", "\u00ff\u00d9");
  }
}
