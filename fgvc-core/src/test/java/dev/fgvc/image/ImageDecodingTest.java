package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecodingTest {

  private static final Resolution EIGHT = Resolution.square(8);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "598, 598, 2",
    "597, 598, 1",
    "598, 597, 1",
    "1195, 5000, 2",
    "1196, 1196, 4",
    "9999, 2391, 4",
    "2392, 2392, 8",
    "20000, 20000, 8",
    "10, 10, 1"
  })
  void reducesAsFarAsTheResolutionAllows(int height, int width, int reduction) {
    Box box = new Box(3, 5, height, width);
    Resolution target = Resolution.square(299);

    assertThat(ImageDecoding.sparing().reduction(box, target)).isEqualTo(reduction);
    assertThat(ImageDecoding.exact().reduction(box, target)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void sparingDecodingKeepsTheSamplingPoints(int reduction) throws IOException {
    // Colours grow evenly, so a shift by half a pixel of the reduced picture would show.
    Path file = SampleImages.write(folder.resolve("a.jpg"), 333, 517);
    Resolution size = new Resolution(291 / reduction, 452 / reduction);
    CentralCrop exact = CentralCrop.of(size);
    CentralCrop sparing = exact.withDecoding(ImageDecoding.sparing());
    Box box = Box.central(333, 517, CentralCrop.FRACTION);
    assertThat(ImageDecoding.sparing().reduction(box, size)).isEqualTo(reduction);

    float[] all = apply(exact, file);
    float[] fewer = apply(sparing, file);

    double shift = 0;
    for (int i = 0; i < all.length; i++) {
      assertThat(fewer[i]).isCloseTo(all[i], within(6 / 127.5f));
      shift += fewer[i] - all[i];
    }
    assertThat(127.5 * shift / all.length).as("mean difference in levels").isCloseTo(0, within(.2));
  }

  @Test
  void aPngIsNeverReduced() throws IOException {
    Path file = Files.write(folder.resolve("a.png"), SampleImages.encoded("png", 64, 80));

    float[] exact = apply(CentralCrop.of(EIGHT), file);
    float[] sparing = apply(CentralCrop.of(EIGHT).withDecoding(ImageDecoding.sparing()), file);

    assertThat(sparing).isEqualTo(exact);
  }

  @ParameterizedTest
  @CsvSource({
    // Whether it lies on its side, then whether red and green grow or fall along their axes.
    "1, false, 1, 1",
    "2, false, -1, 1",
    "3, false, -1, -1",
    "4, false, 1, -1",
    "5, true, 1, 1",
    "6, true, 1, -1",
    "7, true, -1, -1",
    "8, true, -1, 1"
  })
  void turnsPhotosUprightWhenAsked(int orientation, boolean onItsSide, int redSign, int greenSign)
      throws IOException {
    byte[] stored = SampleImages.encoded("jpeg", 48, 96);
    for (boolean littleEndian : new boolean[] {true, false}) {
      Path file = folder.resolve(orientation + "" + littleEndian + ".jpg");
      Files.write(file, withExif(stored, exif(orientation, littleEndian)));
      ImageDecoding upright = ImageDecoding.exact().withUpright(true);

      float[] turned = apply(CentralCrop.of(EIGHT).withDecoding(upright), file);
      float[] asStored = apply(CentralCrop.of(EIGHT), file);

      // Stored, red grows along x and green along y.
      assertThat(slope(asStored, 0, true)).isGreaterThan(1);
      assertThat(slope(asStored, 1, false)).isGreaterThan(1);
      assertThat(redSign * slope(turned, 0, !onItsSide)).as("red").isGreaterThan(1);
      assertThat(greenSign * slope(turned, 1, onItsSide)).as("green").isGreaterThan(1);
      ImageFile image = ImageFile.read(file, upright);
      assertThat(image.height()).isEqualTo(onItsSide ? 96 : 48);
      assertThat(image.width()).isEqualTo(onItsSide ? 48 : 96);
    }
  }

  @Test
  void turnedPhotosAreReducedAsWell() throws IOException {
    byte[] stored = withExif(SampleImages.encoded("jpeg", 60, 131), exif(6, true));
    Path file = Files.write(folder.resolve("a.jpg"), stored);
    CentralCrop exact = CentralCrop.of(EIGHT).withDecoding(ImageDecoding.exact().withUpright(true));
    CentralCrop sparing =
        CentralCrop.of(EIGHT).withDecoding(ImageDecoding.sparing().withUpright(true));

    float[] all = apply(exact, file);
    float[] fewer = apply(sparing, file);

    for (int i = 0; i < all.length; i++) {
      assertThat(fewer[i]).isCloseTo(all[i], within(16 / 127.5f));
    }
  }

  @Test
  void damagedExifIsAsGoodAsNone() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] whole = exif(6, false);
    for (int i = 0; i < 500; i++) {
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int k = 0; k < 3 && damaged.length > 0; k++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      byte[] jpeg = withExif(SampleImages.encoded("jpeg", 12, 20), damaged);

      ImageHeader header = ImageHeader.parse(jpeg, Path.of("x"));

      assertThat(header.orientation()).as("seed %d", seed).isBetween(1, 8);
      assertThat(header.height()).isEqualTo(12);
      assertThat(header.width()).isEqualTo(20);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "png"})
  void greyBecomesThreeEqualChannels(String format) throws IOException {
    float[] out = apply(CentralCrop.of(EIGHT), painted(format, BufferedImage.TYPE_BYTE_GRAY));

    for (int i = 0; i < 64; i++) {
      assertThat(out[64 + i]).isEqualTo(out[i]);
      assertThat(out[128 + i]).isEqualTo(out[i]);
    }
    assertThat(slope(out, 0, true)).isGreaterThan(0.5f);
  }

  @Test
  void sixteenBitsBecomeEight() throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_USHORT_GRAY);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        image.getRaster().setSample(x, y, 0, x * 4096 + 2048);
      }
    }

    float[] out = apply(CentralCrop.of(new Resolution(14, 14)), written("png", image));

    for (int x = 0; x < 14; x++) {
      assertThat(out[x]).isCloseTo(((x + 1) * 16 + 8) / 127.5f - 1, within(1 / 127.5f));
    }
  }

  @Test
  void alphaIsDropped() throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        image.setRGB(x, y, (x < 8 ? 0x00 : 0x80) << 24 | 0xC86432);
      }
    }

    float[] out = apply(CentralCrop.of(EIGHT), written("png", image));

    for (int i = 0; i < 64; i++) {
      assertThat(out[i]).isCloseTo(0xC8 / 127.5f - 1, within(1e-6f));
      assertThat(out[64 + i]).isCloseTo(0x64 / 127.5f - 1, within(1e-6f));
      assertThat(out[128 + i]).isCloseTo(0x32 / 127.5f - 1, within(1e-6f));
    }
  }

  @Test
  void inksOfPrintBecomeColours() throws IOException {
    // Left magenta and yellow, hence red; right cyan.
    float[] out = apply(CentralCrop.of(EIGHT), resource("cmyk.jpg"));

    assertThat(out[0]).as("red, left").isGreaterThan(0.9f);
    assertThat(out[64]).as("green, left").isLessThan(-0.9f);
    assertThat(out[7]).as("red, right").isLessThan(-0.9f);
    assertThat(out[128 + 7]).as("blue, right").isGreaterThan(0.9f);
  }

  @Test
  void progressiveFilesAreDecodedWhole() throws IOException {
    float[] progressive = apply(CentralCrop.of(EIGHT), resource("progressive.jpg"));
    Path file = SampleImages.write(folder.resolve("baseline.jpg"), 64, 64);
    float[] baseline = apply(CentralCrop.of(EIGHT), file);

    for (int i = 0; i < baseline.length; i++) {
      assertThat(progressive[i]).isCloseTo(baseline[i], within(6 / 127.5f));
    }
  }

  @Test
  void theLimitOfPixelsCanBeSet() throws IOException {
    Path file = SampleImages.write(folder.resolve("a.jpg"), 40, 30);
    CentralCrop crop = CentralCrop.of(EIGHT);

    apply(crop.withDecoding(ImageDecoding.exact().withMaximumPixels(1200)), file);
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(
            () -> apply(crop.withDecoding(ImageDecoding.exact().withMaximumPixels(1199)), file))
        .withMessageContaining("a.jpg: declared size 40x30 is above the limit of 0.001199");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageDecoding.exact().withMaximumPixels(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageDecoding.exact().withMaximumPixels(1L << 30));
  }

  @Test
  void bytesAreTheNearestLevelsOfTheFloats() throws IOException {
    Path file = SampleImages.write(folder.resolve("a.jpg"), 50, 70);
    Resolution size = new Resolution(19, 23);
    for (ImageTransform transform : List.of(CentralCrop.of(size), RandomCrop.of(size))) {
      for (ImageTransform each : List.of(transform, onlyFloats(transform))) {
        float[] floats = apply(transform, file);
        ByteBuffer bytes = ByteBuffer.allocate(3 * size.pixels() + 2).position(2);

        each.apply(file, new SplittableRandom(5), bytes);

        assertThat(bytes.position()).isEqualTo(bytes.limit());
        for (int i = 0; i < size.pixels(); i++) {
          for (int channel = 0; channel < 3; channel++) {
            float level = (floats[channel * size.pixels() + i] + 1) * 127.5f;
            assertThat((float) (bytes.get(2 + 3 * i + channel) & 0xFF))
                .isCloseTo(level, within(0.5001f));
          }
        }
        assertThatIllegalArgumentException()
            .isThrownBy(
                () ->
                    each.apply(
                        file, new SplittableRandom(5), ByteBuffer.allocate(3 * size.pixels() - 1)))
            .withMessageContaining("bytes");
      }
    }
    assertThat(TargetRows.level(-1)).isEqualTo((byte) 0);
    assertThat(TargetRows.level(1)).isEqualTo((byte) 255);
  }

  /** Returns a transform as a user would write one. */
  private static ImageTransform onlyFloats(ImageTransform from) {
    return new ImageTransform() {
      @Override
      public Resolution resolution() {
        return from.resolution();
      }

      @Override
      public void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException {
        from.apply(file, random, target);
      }
    };
  }

  private static float[] apply(ImageTransform transform, Path file) throws IOException {
    float[] out = new float[3 * transform.resolution().pixels()];
    transform.apply(file, new SplittableRandom(5), FloatBuffer.wrap(out));
    return out;
  }

  /** From the first to the last pixel of the middle row or column of an 8x8 image. */
  private static float slope(float[] image, int channel, boolean alongX) {
    int start = 64 * channel;
    return alongX ? image[start + 39] - image[start + 32] : image[start + 60] - image[start + 4];
  }

  private Path painted(String format, int type) throws IOException {
    BufferedImage image = new BufferedImage(40, 30, type);
    for (int y = 0; y < 30; y++) {
      for (int x = 0; x < 40; x++) {
        image.getRaster().setSample(x, y, 0, 6 * x);
      }
    }
    return written(format, image);
  }

  private Path written(String format, BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return Files.write(folder.resolve("image." + format), bytes.toByteArray());
  }

  private Path resource(String name) throws IOException {
    try (InputStream in = ImageDecodingTest.class.getResourceAsStream(name)) {
      return Files.write(folder.resolve(name), in.readAllBytes());
    }
  }

  /** A TIFF structure with an entry before the orientation. */
  private static byte[] exif(int orientation, boolean littleEndian) {
    ByteBuffer bytes = ByteBuffer.allocate(6 + 8 + 2 + 24 + 4);
    bytes.put(new byte[] {'E', 'x', 'i', 'f', 0, 0});
    bytes.put((byte) (littleEndian ? 'I' : 'M')).put((byte) (littleEndian ? 'I' : 'M'));
    bytes.order(littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    bytes.putShort((short) 42).putInt(8).putShort((short) 2);
    bytes.putShort((short) 0x0106).putShort((short) 3).putInt(1).putShort((short) 2);
    bytes.putShort((short) 0);
    bytes.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
    bytes.putShort((short) 0).putInt(0);
    return bytes.array();
  }

  private static byte[] withExif(byte[] jpeg, byte[] exif) {
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + exif.length + 4);
    out.put(jpeg, 0, 2).putShort((short) 0xFFE1).putShort((short) (exif.length + 2));
    return out.put(exif).put(jpeg, 2, jpeg.length - 2).array();
  }
}
