package dev.fgvc.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandAugment;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.RandomErasing;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Crops, RandAugment, random erasing, mixup and CutMix together, as a training run has them. */
class AugmentedBatchesTest {

  private static final Resolution SIZE = Resolution.square(24);
  private static final ImageTransform TRANSFORM =
      RandomErasing.of(RandAugment.of(RandomCrop.of(SIZE).withColour(0, 0)))
          .withFill(RandomErasing.Fill.NOISE);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(PixelLayout.class)
  void theNumberOfThreadsChangesNothing(PixelLayout layout) throws IOException {
    Dataset photos = photos(17);
    List<String> one = batches(photos, layout, 8, 1);

    assertThat(one).hasSize(5).doesNotHaveDuplicates();
    assertThat(batches(photos, layout, 8, 2)).isEqualTo(one);
    assertThat(batches(photos, layout, 8, 5)).isEqualTo(one);
  }

  @Test
  void anotherSeedGivesOtherBatches() throws IOException {
    Dataset photos = photos(17);

    assertThat(batches(photos, PixelLayout.FLOATS, 8, 2))
        .doesNotContainAnyElementsOf(batches(photos, PixelLayout.FLOATS, 9, 2));
  }

  /** Pixels and targets of each batch of an epoch, as texts. */
  private static List<String> batches(Dataset photos, PixelLayout layout, long seed, int threads) {
    List<String> all = new ArrayList<>();
    try (BatchLoader loader =
            BatchLoader.builder(photos, TRANSFORM)
                .sampler(Sampler.natural(photos, seed))
                .batchSize(4)
                .seed(seed)
                .threads(threads)
                .prefetch(threads)
                .layout(layout)
                .mixing(Mixing.of(0.8, 1))
                .build();
        Batches batches = loader.epoch(1)) {
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          Targets targets = batch.targets();
          all.add(
              Arrays.toString(pixels(batch, layout))
                  + Arrays.toString(targets.labels())
                  + Arrays.toString(targets.others())
                  + Arrays.toString(targets.labelWeights()));
        }
      }
    }
    return all;
  }

  private static byte[] pixels(Batch batch, PixelLayout layout) {
    if (layout == PixelLayout.BYTES) {
      byte[] bytes = new byte[batch.bytes().remaining()];
      batch.bytes().get(bytes);
      return bytes;
    }
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * batch.images().remaining());
    bytes.asFloatBuffer().put(batch.images());
    return bytes.array();
  }

  private Dataset photos(int count) throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path file = SampleImages.write(folder.resolve(i + ".jpg"), 30 + 5 * i, 90 - 3 * i);
      images.add(new LabeledImage(file, i % 3));
    }
    return Dataset.of("photos", List.of("a", "b", "c"), images);
  }
}
