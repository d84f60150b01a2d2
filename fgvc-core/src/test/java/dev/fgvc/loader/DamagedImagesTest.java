package dev.fgvc.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class DamagedImagesTest {

  private static final int IMAGES = 24;
  private static final RandomCrop CROP = RandomCrop.of(Resolution.square(6));

  @TempDir Path folder;

  private Dataset dataset;

  /** Image i has label i; 3 is text, 10 is truncated, 17 is gone. */
  @BeforeEach
  void writeImages() throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      images.add(new LabeledImage(SampleImages.write(folder.resolve(i + ".jpg"), 20, 30), i));
    }
    Files.writeString(folder.resolve("3.jpg"), "no image");
    byte[] whole = Files.readAllBytes(folder.resolve("10.jpg"));
    Files.write(folder.resolve("10.jpg"), Arrays.copyOf(whole, whole.length / 2));
    Files.delete(folder.resolve("17.jpg"));
    dataset =
        Dataset.of(
            "photos", IntStream.range(0, IMAGES).mapToObj(Integer::toString).toList(), images);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void standInsAreTheSameWithAnyNumberOfThreads(int threads) {
    List<Integer> positions = new ArrayList<>();
    List<Float> pixels = new ArrayList<>();
    try (BatchLoader loader = loader(threads, DamagedImages.skip(3));
        Batches batches = loader.epoch(1)) {
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          assertThat(batch.size()).as("refilled").isEqualTo(4);
          assertThat(batch.labels()).as("each with its own label").isEqualTo(batch.positions());
          Arrays.stream(batch.positions()).forEach(positions::add);
          pixels.add(batch.images().get(77));
        }
      }
      assertThat(batches.skipped().stream().map(SkippedImage::position))
          .containsExactlyInAnyOrder(3, 10, 17);
      assertThat(batches.skipped().toString())
          .contains("3.jpg: neither a JPEG nor a PNG", "10.jpg: truncated", "17.jpg: no such file");
    }
    assertThat(positions).doesNotContain(3, 10, 17).hasSize(IMAGES);
    int[] order = Sampler.natural(dataset, 7).epoch(1);
    for (int i = 0; i < IMAGES; i++) {
      if (order[i] != 3 && order[i] != 10 && order[i] != 17) {
        assertThat(positions.get(i)).as("others stay in their places").isEqualTo(order[i]);
      }
    }
    try (BatchLoader loader = loader(1, DamagedImages.skip(3));
        Batches batches = loader.epoch(1)) {
      for (int i = 0; batches.hasNext(); i++) {
        try (Batch batch = batches.next()) {
          assertThat(batch.images().get(77)).isEqualTo(pixels.get(i));
          for (int k = 0; k < 4; k++) {
            assertThat(batch.positions()[k]).isEqualTo(positions.get(4 * i + k));
          }
        }
      }
    }
  }

  @Test
  void oneMoreThanMayBeSkippedFailsTheEpochWhereItIsDue() {
    int[] order = Sampler.natural(dataset, 7).epoch(0);
    int due =
        IntStream.range(0, IMAGES)
            .filter(i -> order[i] == 3 || order[i] == 10 || order[i] == 17)
            .max()
            .orElseThrow();
    for (int threads = 1; threads <= 4; threads++) {
      try (BatchLoader loader = loader(threads, DamagedImages.skip(2));
          Batches batches = loader.epoch(0)) {
        int whole = 0;
        try {
          while (batches.hasNext()) {
            batches.next().close();
            whole++;
          }
        } catch (TooManyDamagedImagesException e) {
          assertThat(e).hasMessageContaining("at most 2").hasMessageContaining("10.jpg");
        }
        // A stand-in drawn earlier may itself be damaged.
        assertThat(whole).isLessThanOrEqualTo(due / 4).isEqualTo(batchesBeforeTheThird());
        assertThat(batches.hasNext()).as("never looks finished").isTrue();
        assertThatExceptionOfType(TooManyDamagedImagesException.class).isThrownBy(batches::next);
      }
    }
  }

  private int batchesBeforeTheThird() {
    try (BatchLoader loader = loader(1, DamagedImages.skip(3));
        Batches batches = loader.epoch(0)) {
      for (int i = 0; ; i++) {
        batches.next().close();
        if (batches.skipped().size() == 3) {
          return i;
        }
      }
    }
  }

  @Test
  void failsUnlessTold() {
    try (BatchLoader loader = BatchLoader.builder(dataset, CROP).batchSize(4).build();
        Batches batches = loader.epoch(0)) {
      assertThatExceptionOfType(ImageFormatException.class)
          .isThrownBy(batches::next)
          .withMessageContaining("3.jpg: neither a JPEG nor a PNG");
      assertThat(batches.skipped()).isEmpty();
    }
  }

  @Test
  void neverSkipsInEvaluation() {
    BatchLoader.Builder builder =
        BatchLoader.builder(dataset, CentralCrop.of(Resolution.square(6)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.damaged(DamagedImages.skip(1)))
        .withMessageContaining("evaluation");
    assertThatIllegalArgumentException().isThrownBy(() -> DamagedImages.skip(-1));
  }

  @Test
  void aSetOfNothingButDamagedImagesEnds() throws IOException {
    for (int i = 0; i < IMAGES; i++) {
      Files.writeString(folder.resolve(i + ".jpg"), "no image");
    }
    try (BatchLoader loader = loader(2, DamagedImages.skip(Integer.MAX_VALUE));
        Batches batches = loader.epoch(0)) {
      assertThatExceptionOfType(ImageFormatException.class).isThrownBy(batches::next);
    }
  }

  @Test
  void closingEarlyEndsASkippingEpoch() {
    try (BatchLoader loader = loader(2, DamagedImages.skip(Integer.MAX_VALUE))) {
      for (int i = 0; i < 200; i++) {
        loader.epoch(i).close();
      }
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("fgvc-loader"));
  }

  @Test
  void bytesAreTheSameImagesAsFloats() {
    Dataset whole = dataset.selectImages("whole", new int[] {0, 1, 2, 4, 5});
    BatchLoader.Builder builder = BatchLoader.builder(whole, CROP).seed(3).batchSize(2);
    try (BatchLoader floats = builder.build();
        BatchLoader bytes = builder.layout(PixelLayout.BYTES).build();
        Batches floatBatches = floats.epoch(2);
        Batches byteBatches = bytes.epoch(2)) {
      while (floatBatches.hasNext()) {
        try (Batch left = floatBatches.next();
            Batch right = byteBatches.next()) {
          ByteBuffer levels = right.bytes();
          assertThat(levels.isDirect()).isTrue();
          assertThat(levels.remaining()).isEqualTo(left.size() * 108);
          for (int i = 0; i < levels.remaining(); i++) {
            int image = i / 108;
            int cell = i % 108 / 3;
            float value = left.images().get(image * 108 + i % 3 * 36 + cell);
            assertThat((levels.get(i) & 0xFF) / 127.5f - 1).isCloseTo(value, within(0.004f));
          }
          assertThat(right.labels()).isEqualTo(left.labels());
          assertThat(right.layout()).isEqualTo(PixelLayout.BYTES);
          assertThatExceptionOfType(IllegalStateException.class)
              .isThrownBy(left::bytes)
              .withMessageContaining("layout(BYTES)");
          assertThatExceptionOfType(IllegalStateException.class).isThrownBy(right::images);
        }
      }
      assertThat(byteBatches.hasNext()).isFalse();
    }
  }

  private BatchLoader loader(int threads, DamagedImages damaged) {
    return BatchLoader.builder(dataset, CROP)
        .sampler(Sampler.natural(dataset, 7))
        .batchSize(4)
        .threads(threads)
        .seed(9)
        .damaged(damaged)
        .build();
  }
}
