package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodedBytesTest {

  private static final Resolution SIZE = Resolution.square(24);
  private static final Path NAME = Path.of("record 7");

  @TempDir private Path folder;

  @Test
  void bytesBecomeThePixelsOfTheirFile() throws IOException {
    for (String format : List.of("jpeg", "png")) {
      byte[] encoded = SampleImages.encoded(format, 60, 90);
      Path file = Files.write(folder.resolve("image"), encoded);
      for (ImageTransform transform :
          List.of(
              CentralCrop.of(SIZE),
              CentralCrop.of(SIZE).withDecoding(ImageDecoding.sparing().withUpright(true)),
              TwelveCrops.of(SIZE),
              ResizedCrop.of(SIZE, ResizeFilter.BICUBIC, 0.875),
              RandomCrop.of(SIZE))) {
        FloatBuffer fromFile = FloatBuffer.allocate(3 * transform.views() * SIZE.pixels());
        FloatBuffer fromBytes = FloatBuffer.allocate(fromFile.capacity());

        transform.apply(file, new SplitMix64(3), fromFile);
        transform.apply(encoded, NAME, new SplitMix64(3), fromBytes);

        assertThat(fromBytes.hasRemaining()).isFalse();
        assertThat(fromBytes.array()).as(transform.toString()).isEqualTo(fromFile.array());
      }
    }
  }

  @Test
  void damageIsReportedUnderTheName() throws IOException {
    byte[] encoded = SampleImages.encoded("jpeg", 60, 90);
    byte[] cut = Arrays.copyOf(encoded, encoded.length - 2);

    ImageCheck.requireTransformable(encoded, NAME, CentralCrop.of(SIZE));
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> ImageCheck.requireTransformable(cut, NAME, CentralCrop.of(SIZE)))
        .withMessage("record 7: truncated: no end of the image in its " + cut.length + " bytes");
    FloatBuffer target = FloatBuffer.allocate(3 * SIZE.pixels());
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> CentralCrop.of(SIZE).apply(cut, NAME, new SplitMix64(0), target))
        .withMessageStartingWith("record 7: truncated");
  }

  @Test
  void aTransformThatReadsFilesOnlySaysSo() {
    ImageTransform filesOnly =
        new ImageTransform() {
          @Override
          public Resolution resolution() {
            return SIZE;
          }

          @Override
          public void apply(Path file, RandomGenerator random, FloatBuffer target) {}

          @Override
          public String toString() {
            return "some transform";
          }
        };

    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(
            () -> filesOnly.apply(new byte[1], NAME, new SplitMix64(0), FloatBuffer.allocate(1)))
        .withMessage("some transform reads files only, not the bytes of record 7");
  }
}
