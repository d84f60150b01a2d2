package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandAugmentTest {

  private static final Resolution SIZE = new Resolution(24, 31);

  @TempDir private Path folder;

  /** In the order of make-augmented.py, which wrote the pictures; no level differs. */
  @ParameterizedTest
  @CsvSource({
    "0, AUTO_CONTRAST, 0, BILINEAR",
    "1, EQUALIZE, 0, BILINEAR",
    "2, INVERT, 0, BILINEAR",
    "3, ROTATE, 27, BILINEAR",
    "4, ROTATE, -17.3, BICUBIC",
    "5, POSTERIZE, 1, BILINEAR",
    "6, POSTERIZE, 0, BILINEAR",
    "7, SOLARIZE, 96, BILINEAR",
    "8, SOLARIZE_ADD, 99, BILINEAR",
    "9, COLOUR, 0.19, BILINEAR",
    "10, COLOUR, 1.81, BILINEAR",
    "11, CONTRAST, 0.19, BILINEAR",
    "12, CONTRAST, 1.81, BILINEAR",
    "13, BRIGHTNESS, 0.19, BILINEAR",
    "14, BRIGHTNESS, 1.81, BILINEAR",
    "15, SHARPNESS, 0.19, BILINEAR",
    "16, SHARPNESS, 1.81, BILINEAR",
    "17, SHEAR_X, 0.27, BILINEAR",
    "18, SHEAR_X, -0.27, BICUBIC",
    "19, SHEAR_Y, 0.27, BICUBIC",
    "20, SHEAR_Y, -0.27, BILINEAR",
    "21, TRANSLATE_X, 0.405, BILINEAR",
    "22, TRANSLATE_X, -0.405, BICUBIC",
    "23, TRANSLATE_Y, 0.405, BICUBIC",
    "24, TRANSLATE_Y, -0.405, BILINEAR"
  })
  void operationsGiveThePixelsOfPillow(
      int place, AugmentOperation operation, double argument, ResizeFilter filter)
      throws IOException {
    byte[] sheet =
        ResizedCropTest.recorded("augmented.png", new Resolution(25 * SIZE.height(), 31));
    int bytes = 3 * SIZE.pixels();

    Levels changed = operation.apply(picture(), argument, filter);

    assertThat(changed.rgb())
        .isEqualTo(Arrays.copyOfRange(sheet, place * bytes, (place + 1) * bytes));
  }

  @Test
  void picturesOfOneColourKeepIt() {
    byte[] grey = new byte[3 * SIZE.pixels()];
    Arrays.fill(grey, (byte) 77);
    Levels plain = new Levels(grey, SIZE.height(), SIZE.width());

    for (AugmentOperation operation :
        List.of(
            AugmentOperation.AUTO_CONTRAST,
            AugmentOperation.EQUALIZE,
            AugmentOperation.COLOUR,
            AugmentOperation.CONTRAST,
            AugmentOperation.SHARPNESS)) {
      assertThat(operation.apply(plain, 1.7, ResizeFilter.BILINEAR).rgb())
          .as("%s", operation)
          .isEqualTo(grey);
    }
  }

  /** The values of timm 1.0.29's functions from levels to arguments, of its increasing form. */
  @ParameterizedTest
  @CsvSource({
    "ROTATE, 9, 27",
    "ROTATE, 10, 30",
    "POSTERIZE, 9, 1",
    "POSTERIZE, 0, 4",
    "SOLARIZE, 9, 26",
    "SOLARIZE, 10, 0",
    "SOLARIZE, 0, 256",
    "SOLARIZE_ADD, 9, 99",
    "COLOUR, 9, 1.81",
    "CONTRAST, 5, 1.45",
    "BRIGHTNESS, 10, 1.9",
    "SHARPNESS, 1, 1.09",
    "SHEAR_X, 9, 0.27",
    "SHEAR_Y, 10, 0.3",
    "TRANSLATE_X, 9, 0.405",
    "TRANSLATE_Y, 10, 0.45"
  })
  void magnitudesMeanWhatTheyMeanToTimm(
      AugmentOperation operation, double magnitude, double argument) {
    TreeSet<Double> found = new TreeSet<>();
    SplitMix64 random = new SplitMix64(1);
    for (int i = 0; i < 30; i++) {
      found.add(operation.argument(magnitude, random));
    }

    assertThat(found.last()).isEqualTo(argument, org.assertj.core.data.Offset.offset(1e-12));
    double opposite =
        switch (operation) {
          case ROTATE, SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y -> -argument;
          case COLOUR, CONTRAST, BRIGHTNESS, SHARPNESS -> 2 - argument;
          default -> argument;
        };
    assertThat(found.first()).isEqualTo(opposite, org.assertj.core.data.Offset.offset(1e-12));
  }

  @Test
  void sameDrawsSamePixelsInAllForms() throws IOException {
    Path photo = SampleImages.write(folder.resolve("photo.jpg"), 60, 80);
    RandAugment transform =
        RandAugment.of(RandomCrop.of(SIZE).withDecoding(ImageDecoding.exact())).withProbability(1);
    for (int seed = 0; seed < 20; seed++) {
      ByteBuffer bytes = ByteBuffer.allocate(3 * SIZE.pixels());
      FloatBuffer floats = FloatBuffer.allocate(3 * SIZE.pixels());
      FloatBuffer encoded = FloatBuffer.allocate(3 * SIZE.pixels());

      transform.apply(photo, new SplitMix64(seed), bytes);
      transform.apply(photo, new SplitMix64(seed), floats);
      transform.apply(Files.readAllBytes(photo), photo, new SplitMix64(seed), encoded);

      assertThat(bytes.remaining()).isZero();
      assertThat(floats.remaining()).isZero();
      assertThat(encoded.array()).as("seed %d", seed).isEqualTo(floats.array());
      for (int i = 0; i < bytes.capacity(); i++) {
        assertThat(floats.get(i % 3 * SIZE.pixels() + i / 3))
            .isEqualTo((bytes.get(i) & 0xff) / 127.5f - 1);
      }
    }
  }

  @Test
  void withoutOperationsImagesAreThoseOfTheInnerTransform() throws IOException {
    Path photo = SampleImages.write(folder.resolve("photo.jpg"), 60, 80);
    RandomCrop inner = RandomCrop.of(SIZE);
    ByteBuffer expected = ByteBuffer.allocate(3 * SIZE.pixels());
    inner.apply(photo, new SplitMix64(5), expected);

    for (RandAugment transform :
        List.of(
            RandAugment.of(inner).withProbability(0), RandAugment.of(inner).withOperations(0))) {
      ByteBuffer bytes = ByteBuffer.allocate(3 * SIZE.pixels());
      transform.apply(photo, new SplitMix64(5), bytes);

      assertThat(bytes.array()).isEqualTo(expected.array());
    }
  }

  @Test
  void refusesSettingsOutOfRange() {
    RandAugment transform = RandAugment.of(RandomCrop.of(SIZE));

    assertThatIllegalArgumentException().isThrownBy(() -> transform.withMagnitude(10.1));
    assertThatIllegalArgumentException().isThrownBy(() -> transform.withMagnitude(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> transform.withDeviation(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> transform.withProbability(1.5));
    assertThatIllegalArgumentException().isThrownBy(() -> transform.withOperations(-1));
  }

  @Test
  void settingsShowInItsText() {
    assertThat(RandAugment.of(CentralCrop.of(SIZE)).withMagnitude(7))
        .hasToString(
            CentralCrop.of(SIZE)
                + ", 2 operations of magnitude 7.0, deviation 0.5, with probability 0.5");
  }

  /** The picture of make-augmented.py. */
  private static Levels picture() {
    byte[] rgb = new byte[3 * SIZE.pixels()];
    long state = 1;
    for (int i = 0; i < rgb.length; i++) {
      state = (state * 1103515245 + 12345) % (1L << 31);
      int x = i / 3 % SIZE.width();
      int y = i / 3 / SIZE.width();
      rgb[i] = (byte) (20 + (3 * x + 4 * y + 40 * (i % 3) + (state >> 16 & 63)) % 200);
    }
    return new Levels(rgb, SIZE.height(), SIZE.width());
  }
}
