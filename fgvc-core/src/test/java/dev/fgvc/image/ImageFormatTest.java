package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.testing.InOtherLocales;
import dev.fgvc.testing.SharedFiles;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@InOtherLocales
class ImageFormatTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "png"})
  void decodesWholeImages(String format) throws IOException {
    Path file = Files.write(folder.resolve("a"), SampleImages.encoded(format, 64, 64));
    FloatBuffer out = FloatBuffer.allocate(3 * 8 * 8);

    CentralCrop.of(Resolution.square(8)).apply(file, new SplittableRandom(1), out);

    // The crop is 56 of 64 pixels from 4 on, so the first sample is pixel 4, the last 4 + 49.
    assertThat(out.get(0)).as("red, left").isCloseTo(16 / 127.5f - 1, within(0.05f));
    assertThat(out.get(7)).as("red, right").isCloseTo(211 / 127.5f - 1, within(0.05f));
    assertThat(out.get(64 + 56)).as("green, bottom").isCloseTo(211 / 127.5f - 1, within(0.05f));
    assertThat(out.get(128)).as("blue").isCloseTo(90 / 127.5f - 1, within(0.05f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "png"})
  void refusesEveryTruncation(String format) throws IOException {
    byte[] whole = SampleImages.encoded(format, 40, 30);

    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatExceptionOfType(ImageFormatException.class)
          .as("%d of %d bytes", length, whole.length)
          .isThrownBy(() -> ImageHeader.parse(part, Path.of("x")));
    }
    assertThat(ImageHeader.parse(whole, Path.of("x")))
        .isEqualTo(
            new ImageHeader(
                40,
                30,
                ImageHeader.Format.valueOf(format.toUpperCase(java.util.Locale.ROOT)),
                1,
                false));
  }

  @Test
  void acceptsBytesBehindTheEndOfTheImage() throws IOException {
    byte[] whole = SampleImages.encoded("jpeg", 40, 30);

    assertThat(ImageHeader.parse(Arrays.copyOf(whole, whole.length + 99), Path.of("x")))
        .isEqualTo(new ImageHeader(40, 30, ImageHeader.Format.JPEG, 1, false));
  }

  @Test
  void refusesAGiantByItsHeaderAlone() {
    byte[] png = new byte[33];
    byte[] start = {
      (byte) 0x89,
      'P',
      'N',
      'G',
      '\r',
      '\n',
      0x1A,
      '\n',
      0,
      0,
      0,
      13,
      'I',
      'H',
      'D',
      'R',
      0,
      0,
      0x27,
      0x11,
      0,
      0,
      0x27,
      0x10
    };
    System.arraycopy(start, 0, png, 0, start.length);

    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> ImageHeader.parse(png, Path.of("giant.png")))
        .withMessage("giant.png: declared size 10000x10001 is above the limit of 100 megapixels");
  }

  @ParameterizedTest
  @CsvSource({
    "empty, empty file",
    "header_only, truncated in the header",
    "huge_size, declared size 65000x65000 is above the limit of 100 megapixels",
    "no_huffman_tables, no Huffman tables",
    "random, neither a JPEG nor a PNG",
    "text, neither a JPEG nor a PNG",
    "truncated_10, truncated in the header",
    "truncated_50, truncated: no end of the image",
    "truncated_99, truncated: no end of the image",
    "zeros, neither a JPEG nor a PNG"
  })
  void refusesDamagedSamplesByFileAndReason(String name, String reason) {
    Path file = SharedFiles.require("data/jpeg-samples/bad/" + name + ".jpg");

    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> transform(file))
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.file()).isEqualTo(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"one_pixel", "png_inside", "garbage_between_segments"})
  void decodesOddButWholeSamples(String name) throws IOException {
    assertThat(transform(SharedFiles.require("data/jpeg-samples/bad/" + name + ".jpg")))
        .isBetween(-1.0, 1.0);
  }

  @Test
  void decodesAllGoodSamples() throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(SharedFiles.require("data/jpeg-samples"))) {
      files = entries.filter(Files::isRegularFile).toList();
    }

    assertThat(files).hasSize(40);
    for (Path file : files) {
      assertThat(transform(file)).as(file.toString()).isBetween(-1.0, 1.0);
    }
  }

  @Test
  void aMissingFileIsAnInputError() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> transform(folder.resolve("none.jpg")))
        .withMessageContaining("none.jpg");
  }

  @Test
  void refusesATargetThatIsTooSmall() throws IOException {
    Path file = SampleImages.write(folder.resolve("a.jpg"), 20, 20);
    CentralCrop crop = CentralCrop.of(Resolution.square(10));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> crop.apply(file, new SplittableRandom(1), FloatBuffer.allocate(299)))
        .withMessageContaining("room for 299 floats, an image of 3x10x10 needs 300");
  }

  /** The mean of the transformed image. */
  private static double transform(Path file) throws IOException {
    FloatBuffer out = FloatBuffer.allocate(3 * 32 * 32);
    CentralCrop.of(Resolution.square(32)).apply(file, new SplittableRandom(1), out);
    double sum = 0;
    for (float value : out.array()) {
      sum += value;
    }
    return sum / out.capacity();
  }
}
