package dev.fgvc.loader;

import static dev.fgvc.loader.NumberedImages.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class BatchLoaderTest {

  private static final Resolution SMALL = new Resolution(2, 3);

  @TempDir Path folder;

  /** Writes the number in the file's name, then a random one, then zeros. */
  private record Numbers(AtomicInteger applied) implements ImageTransform {

    @Override
    public Resolution resolution() {
      return SMALL;
    }

    @Override
    public void apply(Path file, RandomGenerator random, FloatBuffer target) {
      applied.incrementAndGet();
      target.put(Float.parseFloat(file.toString()));
      target.put(random.nextFloat());
      target.put(new float[16]);
    }
  }

  private final Numbers numbers = new Numbers(new AtomicInteger());

  @Test
  void handsOutTheImagesInTheOrderOfTheSampler() {
    Dataset dataset = numbered(10);
    try (BatchLoader loader = BatchLoader.builder(dataset, numbers).batchSize(4).build();
        Batches batches = loader.epoch(0)) {
      assertThat(batches.batchCount()).isEqualTo(3);
      int next = 0;
      for (int size : new int[] {4, 4, 2}) {
        try (Batch batch = batches.next()) {
          assertThat(batch.size()).isEqualTo(size);
          assertThat(batch.resolution()).isEqualTo(SMALL);
          FloatBuffer images = batch.images();
          assertThat(images.isDirect()).isTrue();
          assertThat(images.order()).isEqualTo(ByteOrder.nativeOrder());
          assertThat(images.position()).isZero();
          assertThat(images.limit()).isEqualTo(size * 18);
          for (int i = 0; i < size; i++, next++) {
            assertThat(images.get(18 * i)).isEqualTo(next);
            assertThat(batch.labels()[i]).isEqualTo(next % 3);
            assertThat(batch.positions()[i]).isEqualTo(next);
          }
        }
      }
      assertThat(batches.hasNext()).isFalse();
      assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(batches::next);
    }
  }

  @Test
  void tellsHowManyImagesWereHandedOut() {
    List<String> heard = new ArrayList<>();
    try (BatchLoader loader =
            BatchLoader.builder(numbered(10), numbers)
                .batchSize(4)
                .progress((task, done, total, note) -> heard.add(task + " " + done + "/" + total))
                .build();
        Batches batches = loader.epoch(0, 1)) {
      batches.next().close();
      batches.next().close();
    }
    assertThat(heard).containsExactly("loading numbers 8/10", "loading numbers 10/10");
  }

  @Test
  void aPartialBatchIsDroppedOnlyWhenAsked() {
    try (BatchLoader loader =
        BatchLoader.builder(numbered(10), numbers).batchSize(4).dropPartial(true).build()) {
      assertThat(loader.batchesPerEpoch()).isEqualTo(2);
      assertThat(firsts(loader.epoch(0))).containsExactly(0f, 4f);
    }
  }

  @Test
  void refusesToLeaveOutAllBatches() {
    BatchLoader.Builder builder =
        BatchLoader.builder(numbered(60), numbers)
            .sampler(Sampler.capped(numbered(60), 10, 1))
            .dropPartial(true);

    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("30 images")
        .withMessageContaining("32");
    builder.batchSize(30).build().close();
  }

  @Test
  void refusesASamplerWhoseEpochsDiffer() {
    Sampler growing =
        new Sampler() {
          @Override
          public int[] epoch(int epoch) {
            return new int[epoch + 1];
          }

          @Override
          public int epochSize() {
            return 1;
          }
        };
    try (BatchLoader loader = BatchLoader.builder(numbered(3), numbers).sampler(growing).build()) {
      loader.epoch(0).close();
      assertThatIllegalStateException()
          .isThrownBy(() -> loader.epoch(1))
          .withMessageContaining("2 images in epoch 1, its epochs have 1");
    }
  }

  @Test
  void theNumberOfThreadsChangesNothing() {
    Dataset dataset = numbered(100);
    List<List<Float>> runs = new ArrayList<>();
    for (int threads : new int[] {1, 2, 7}) {
      try (BatchLoader loader =
          BatchLoader.builder(dataset, numbers)
              .sampler(Sampler.natural(dataset, 5))
              .batchSize(7)
              .seed(9)
              .threads(threads)
              .prefetch(threads)
              .build()) {
        runs.add(values(loader.epoch(3)));
      }
    }
    assertThat(runs.get(0)).hasSize(200).isEqualTo(runs.get(1)).isEqualTo(runs.get(2));
  }

  @Test
  void randomChoicesDependOnSeedAndEpoch() {
    Dataset dataset = numbered(8);
    try (BatchLoader one = BatchLoader.builder(dataset, numbers).seed(1).build();
        BatchLoader two = BatchLoader.builder(dataset, numbers).seed(2).build()) {
      List<Float> values = values(one.epoch(0));
      assertThat(values(one.epoch(0))).isEqualTo(values);
      assertThat(values(one.epoch(1))).isNotEqualTo(values);
      assertThat(values(two.epoch(0))).isNotEqualTo(values);
      assertThat(values).doesNotHaveDuplicates();
    }
  }

  @Test
  void aResumedEpochGoesOnWithTheSameBatches() {
    Dataset dataset = numbered(20);
    try (BatchLoader loader =
        BatchLoader.builder(dataset, numbers)
            .sampler(Sampler.natural(dataset, 1))
            .batchSize(3)
            .build()) {
      List<Float> whole = values(loader.epoch(2));
      assertThat(values(loader.epoch(2, 4))).isEqualTo(whole.subList(24, 40));
      assertThat(values(loader.epoch(2, 7))).isEmpty();
      assertThatIllegalArgumentException().isThrownBy(() -> loader.epoch(2, 8));
    }
  }

  @Test
  void makesNoMoreBatchesAheadThanAsked() throws InterruptedException {
    try (BatchLoader loader =
            BatchLoader.builder(numbered(1000), numbers).batchSize(10).prefetch(3).build();
        Batches batches = loader.epoch(0)) {
      batches.next().close();
      // One batch handed out and three ahead of it.
      while (numbers.applied.get() < 40) {
        Thread.sleep(1);
      }
      Thread.sleep(200);
      assertThat(numbers.applied.get()).isEqualTo(40);
      assertThat(loader.buffersMade()).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void closedBatchesGiveTheirBuffersBack() {
    try (BatchLoader loader = BatchLoader.builder(numbered(3000), numbers).batchSize(1).build()) {
      for (int epoch = 0; epoch < 3; epoch++) {
        assertThat(firsts(loader.epoch(epoch))).hasSize(3000);
      }
      assertThat(loader.buffersMade()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void aConsumerThatKeepsItsBatchesNeverStalls() {
    try (BatchLoader loader =
            BatchLoader.builder(numbered(50), numbers).batchSize(1).prefetch(2).build();
        Batches batches = loader.epoch(0)) {
      List<Batch> kept = new ArrayList<>();
      batches.forEachRemaining(kept::add);
      for (int i = 0; i < 50; i++) {
        assertThat(kept.get(i).images().get(0)).isEqualTo(i);
      }
    }
  }

  @Test
  void aListenerThatThrowsLosesNoBatch() {
    AtomicInteger reports = new AtomicInteger();
    try (BatchLoader loader =
            BatchLoader.builder(numbered(20), numbers)
                .batchSize(4)
                .progress(
                    (task, done, total, note) -> {
                      if (reports.incrementAndGet() % 2 == 1) {
                        throw new IllegalCallerException(done + " of " + total);
                      }
                    })
                .build();
        Batches batches = loader.epoch(0)) {
      for (int i = 0; i < 5; i++) {
        assertThatExceptionOfType(IllegalCallerException.class)
            .isThrownBy(batches::next)
            .withMessage((4 * i + 4) + " of 20");
        try (Batch batch = batches.next()) {
          assertThat(batch.images().get(0)).isEqualTo(4 * i);
        }
      }
      assertThat(batches.hasNext()).isFalse();
      assertThat(loader.buffersMade()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void aClosedBatchDoesNotShowOtherImages() {
    try (BatchLoader loader = BatchLoader.builder(numbered(3), numbers).build();
        Batches batches = loader.epoch(0)) {
      Batch batch = batches.next();
      batch.close();
      batch.close();
      assertThatIllegalStateException().isThrownBy(batch::images);
      assertThat(batch.labels()).containsExactly(0, 1, 2);
    }
  }

  @Test
  void closingEarlyStopsTheThreads() {
    Set<Thread> before = loaderThreads();
    try (BatchLoader loader = BatchLoader.builder(numbered(1000), numbers).threads(3).build()) {
      Batches batches = loader.epoch(0);
      batches.next().close();
      batches.close();
      batches.close();
      assertThat(loaderThreads()).isSubsetOf(before);
      assertThat(batches.hasNext()).isFalse();
    }
  }

  @Test
  void closingTheLoaderClosesItsEpochs() {
    BatchLoader loader = BatchLoader.builder(numbered(1000), numbers).build();
    Batches batches = loader.epoch(0);
    loader.close();
    loader.close();

    assertThat(batches.hasNext()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> loader.epoch(1));
  }

  @Test
  void aDamagedImageIsNamedWhenItsBatchIsDue() throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      images.add(new LabeledImage(SampleImages.write(folder.resolve(i + ".jpg"), 30, 30), 0));
    }
    Files.writeString(folder.resolve("4.jpg"), "no image");
    Files.delete(folder.resolve("5.jpg"));
    Dataset dataset = Dataset.of("photos", List.of("all"), images);
    RandomCrop crop = RandomCrop.of(Resolution.square(8));
    try (BatchLoader loader = BatchLoader.builder(dataset, crop).batchSize(2).threads(4).build();
        Batches batches = loader.epoch(0)) {
      batches.next().close();
      batches.next().close();
      for (int again = 0; again < 2; again++) {
        assertThat(batches.hasNext()).isTrue();
        assertThatExceptionOfType(ImageFormatException.class)
            .isThrownBy(batches::next)
            .withMessageContaining("4.jpg: neither a JPEG nor a PNG");
      }
    }
    try (BatchLoader loader = BatchLoader.builder(dataset, crop).batchSize(1).build();
        Batches batches = loader.epoch(0, 5)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(batches::next)
          .withCauseInstanceOf(NoSuchFileException.class)
          .withMessageContaining("5.jpg");
    }
  }

  @Test
  void interruptingTheConsumerStopsTheThreads() throws InterruptedException {
    Set<Thread> before = loaderThreads();
    CountDownLatch started = new CountDownLatch(1);
    AtomicReference<Object> seen = new AtomicReference<>("nothing");
    ImageTransform endless =
        new ImageTransform() {
          @Override
          public Resolution resolution() {
            return SMALL;
          }

          @Override
          public void apply(Path file, RandomGenerator random, FloatBuffer target)
              throws IOException {
            started.countDown();
            try {
              Thread.sleep(Duration.ofHours(1).toMillis());
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    try (BatchLoader loader = BatchLoader.builder(numbered(9), endless).build()) {
      Batches batches = loader.epoch(0);
      Thread consumer =
          new Thread(
              () -> {
                try {
                  batches.next();
                } catch (CancellationException e) {
                  seen.set(Thread.currentThread().isInterrupted());
                }
              });
      consumer.start();
      started.await();
      consumer.interrupt();
      consumer.join();

      assertThat(seen.get()).as("interrupt flag").isEqualTo(true);
      assertThat(loaderThreads()).isSubsetOf(before);
      assertThat(batches.hasNext()).isFalse();
    }
  }

  @Test
  void anErrorOfATransformReachesTheConsumer() {
    ImageTransform failing =
        new ImageTransform() {
          @Override
          public Resolution resolution() {
            return SMALL;
          }

          @Override
          public void apply(Path file, RandomGenerator random, FloatBuffer target) {
            throw new StackOverflowError("deep");
          }
        };
    try (BatchLoader loader = BatchLoader.builder(numbered(9), failing).build();
        Batches batches = loader.epoch(0)) {
      assertThatExceptionOfType(StackOverflowError.class).isThrownBy(batches::next);
    }
  }

  @Test
  void anEmptyDatasetHasNoBatches() {
    try (BatchLoader loader = BatchLoader.builder(numbered(0), numbers).build()) {
      assertThat(firsts(loader.epoch(0))).isEmpty();
    }
  }

  @Test
  void refusesWrongSettingsAtOnce() {
    BatchLoader.Builder builder = BatchLoader.builder(numbered(3), numbers);

    assertThatIllegalArgumentException().isThrownBy(() -> builder.batchSize(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.threads(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.prefetch(0));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                BatchLoader.builder(numbered(3), RandomCrop.of(Resolution.square(5000)))
                    .batchSize(8))
        .withMessageContaining("2 GiB");
  }

  /** The first number of each batch. */
  private static List<Float> firsts(Batches epoch) {
    List<Float> firsts = new ArrayList<>();
    try (epoch) {
      while (epoch.hasNext()) {
        try (Batch batch = epoch.next()) {
          firsts.add(batch.images().get(0));
        }
      }
    }
    return firsts;
  }

  /** The two numbers of each image. */
  private static List<Float> values(Batches epoch) {
    List<Float> values = new ArrayList<>();
    try (epoch) {
      while (epoch.hasNext()) {
        try (Batch batch = epoch.next()) {
          for (int i = 0; i < batch.size(); i++) {
            values.add(batch.images().get(18 * i));
            values.add(batch.images().get(18 * i + 1));
          }
        }
      }
    }
    return values;
  }

  private static Set<Thread> loaderThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("fgvc-loader"))
        .collect(Collectors.toSet());
  }
}
