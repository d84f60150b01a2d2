package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.random.SplitMix64;
import dev.fgvc.testing.MutationFuzzer;
import dev.fgvc.testing.MutationFuzzer.Outcome;
import dev.fgvc.testing.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage within files whose header and end are whole. */
class ImageDamageTest {

  private static final CentralCrop CROP = CentralCrop.of(Resolution.square(16));

  @TempDir Path folder;

  /** Noise, so that the pixel data are as long as a photo's. */
  private static java.awt.image.BufferedImage noise(int side) {
    var image = new java.awt.image.BufferedImage(side, side, 1);
    SplitMix64 random = new SplitMix64(3);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, (int) random.nextLong() & 0x3F3F3F | 0x404040);
    }
    return image;
  }

  private static byte[] noisy(String format, int side) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    javax.imageio.ImageIO.write(noise(side), format, bytes);
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

  /** A file as cameras and web servers write them, its scans in the JDK's usual script. */
  private static byte[] progressive(java.awt.image.BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    var writer = javax.imageio.ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var out = javax.imageio.ImageIO.createImageOutputStream(bytes)) {
      var settings = writer.getDefaultWriteParam();
      settings.setProgressiveMode(javax.imageio.ImageWriteParam.MODE_DEFAULT);
      writer.setOutput(out);
      writer.write(null, new javax.imageio.IIOImage(image, null, null), settings);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /**
   * Where the data of each scan start and end that is neither of first coefficients nor refines.
   */
  private static List<int[]> bands(byte[] jpeg) {
    List<int[]> bands = new java.util.ArrayList<>();
    for (int at = 2; at >= 0 && (jpeg[at + 1] & 0xFF) != 0xD9; ) {
      int end = at + 2 + ((jpeg[at + 2] & 0xFF) << 8 | jpeg[at + 3] & 0xFF);
      int next = ImageHeader.nextMarker(jpeg, end);
      if ((jpeg[at + 1] & 0xFF) == 0xDA && jpeg[end - 3] > 0 && (jpeg[end - 1] & 0xF0) == 0) {
        bands.add(new int[] {end, next});
      }
      at = next;
    }
    return bands;
  }

  @Test
  void findsHolesInTheBandsOfProgressiveJpegs() throws IOException {
    byte[] whole = progressive(noise(96));
    assertWhole(Files.write(folder.resolve("progressive.jpg"), whole));
    List<int[]> bands = bands(whole);
    assertThat(bands).hasSizeGreaterThanOrEqualTo(4);
    for (int[] band : bands) {
      for (int at = band[0] + 10; at < band[1] - 60; at += 97) {
        byte[] holed = whole.clone();
        Arrays.fill(holed, at, at + 50, (byte) 0);
        assertDamaged(holed, "50 bytes from " + at);
      }
    }
  }

  /** Stripes and slopes fill scans with equal bits. */
  @Test
  void regularPicturesInProgressiveJpegsAreWhole() throws IOException {
    for (int kind = 0; kind < 24; kind++) {
      var image = new java.awt.image.BufferedImage(512, 384, 1);
      for (int y = 0; y < 384; y++) {
        for (int x = 0; x < 512; x++) {
          int level =
              switch (kind % 4) {
                case 0 -> 40 + 8 * kind;
                case 1 -> 20 + kind + (x * (kind + 1) / 64) % 200;
                case 2 -> 128 + (kind * 4) * ((x / 4) % 2 == 0 ? 1 : -1);
                default -> 128 + kind * (((x >> 2) + (y >> 3)) % 2 == 0 ? 1 : -1) + y / 8;
              };
          image.setRGB(x, y, 0x010101 * Math.min(255, level));
        }
      }
      assertWhole(Files.write(folder.resolve("regular" + kind + ".jpg"), progressive(image)));
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

  /** A header and an end without pixels, so that nothing can be decoded by mistake. */
  private static byte[] emptyPng(int height, int width) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504E470D0A1A0AL);
    byte[] header =
        ByteBuffer.allocate(17)
            .putInt(0x49484452)
            .putInt(width)
            .putInt(height)
            .put(12, (byte) 8)
            .array();
    for (byte[] chunk : List.of(header, new byte[] {'I', 'E', 'N', 'D'})) {
      CRC32 checksum = new CRC32();
      checksum.update(chunk);
      out.writeInt(chunk.length - 4);
      out.write(chunk);
      out.writeInt((int) checksum.getValue());
    }
    return bytes.toByteArray();
  }

  @Test
  void looksIntoFilesOfEverySizeThatATransformTakes() throws IOException {
    byte[] large = emptyPng(20_000, 10_000);
    Path file = Files.write(folder.resolve("large.png"), large);

    assertThatCode(() -> ImageFile.requireUndamaged(file)).doesNotThrowAnyException();
    for (ImageCheck usual : List.of(ImageCheck.header(), ImageCheck.transforming(CROP))) {
      assertThatExceptionOfType(ImageFormatException.class)
          .isThrownBy(() -> usual.check(file))
          .withMessageContaining("20000x10000 is above the limit of 100 megapixels");
    }
    large[29] ^= 1; // the first checksum
    Files.write(file, large);
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> ImageFile.requireUndamaged(file))
        .withMessageContaining("a PNG chunk at byte 8 whose checksum does not fit");
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
            noisy("jpeg", 24),
            progressive(noise(24)));
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
