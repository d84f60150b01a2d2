package dev.fgvc.nets.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.feature.ClassMeans;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.eval.KeptFeatures;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

/** Parts of a data set give what the whole gives, though features depend on the batch. */
class PlacedBatchesTest {

  private static final Resolution SIZE = new Resolution(1, 1);

  /** An image is one byte, which becomes its first value. */
  private static final ImageTransform FIRST_BYTE =
      new ImageTransform() {
        @Override
        public Resolution resolution() {
          return SIZE;
        }

        @Override
        public void apply(Path file, RandomGenerator random, FloatBuffer target) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
          target.put(encoded[0]).put(0).put(0);
        }
      };

  /**
   * Features as a library's kernels might have them: of the size of the batch, and of the place.
   */
  private static class Sensitive implements Backbone, AutoCloseable {

    private int closed;

    @Override
    public int featureDimension() {
      return 3;
    }

    @Override
    public FMatrixRMaj features(ImageBatch images) {
      FloatBuffer pixels = images.toFloats().pixels();
      FMatrixRMaj features = new FMatrixRMaj(images.count(), 3);
      for (int i = 0; i < images.count(); i++) {
        features.set(i, 0, pixels.get(3 * i));
        features.set(i, 1, images.count());
        features.set(i, 2, i);
      }
      return features;
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private static List<PlacedImage> images(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> new PlacedImage(Path.of("i" + i), i % 4, Optional.of(new byte[] {(byte) i})))
        .toList();
  }

  private static List<String> rows(int total, int... cuts) {
    List<String> rows = new ArrayList<>();
    try (ExecutorBackbones.Lease lease = ExecutorBackbones.lease("sensitive", Sensitive::new)) {
      PlacedBatches batches = new PlacedBatches(lease, FIRST_BYTE, total, () -> {});
      for (int part = 0; part < cuts.length - 1; part++) {
        long done =
            batches.run(
                cuts[part],
                images(cuts[part], cuts[part + 1]).iterator(),
                (features, labels) -> {
                  for (int i = 0; i < labels.length; i++) {
                    rows.add(
                        features.get(i, 0)
                            + " "
                            + features.get(i, 1)
                            + " "
                            + features.get(i, 2)
                            + " "
                            + labels[i]);
                  }
                });
        assertThat(done).isEqualTo(cuts[part + 1] - cuts[part]);
      }
    }
    return rows;
  }

  @Test
  void eachImageKeepsItsPlaceAndTheSizeOfItsBatch() {
    List<String> whole = rows(100, 0, 100);

    assertThat(whole.get(37)).isEqualTo("37.0 32.0 5.0 1");
    assertThat(whole.get(97)).isEqualTo("97.0 4.0 1.0 1");
    assertThat(rows(100, 0, 32, 64, 100)).isEqualTo(whole);
    assertThat(rows(100, 0, 1, 2, 31, 33, 90, 97, 98, 100)).isEqualTo(whole);
    assertThat(rows(100, 0, 50, 50, 100)).isEqualTo(whole);
  }

  @Test
  void refusesMoreImagesThanWereCounted() {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> rows(99, 0, 100))
        .withMessageContaining("more images than the 99 that were counted");
  }

  @Test
  void stopsBeforeTheNextImage() {
    AtomicInteger decoded = new AtomicInteger();
    try (ExecutorBackbones.Lease lease = ExecutorBackbones.lease("sensitive", Sensitive::new)) {
      PlacedBatches batches =
          new PlacedBatches(
              lease,
              telling(image -> decoded.incrementAndGet()),
              100,
              () -> {
                if (decoded.get() >= 40) {
                  throw new CancellationException();
                }
              });
      ClassMeans means = ClassMeans.ofDimension(3);
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> batches.run(0, images(0, 100).iterator(), means::add));
      assertThat(means.imageCount()).isEqualTo(32);
    }
    assertThat(decoded).hasValueBetween(40, 39 + KeptFeatures.DECODING_THREADS);
  }

  @Test
  void asksForNoImageOnceItIsToStop() {
    AtomicInteger asked = new AtomicInteger();
    Iterator<PlacedImage> images = images(0, 100).iterator();
    Iterator<PlacedImage> counting =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            asked.incrementAndGet();
            return images.hasNext();
          }

          @Override
          public PlacedImage next() {
            return images.next();
          }
        };
    try (ExecutorBackbones.Lease lease = ExecutorBackbones.lease("sensitive", Sensitive::new)) {
      PlacedBatches batches =
          new PlacedBatches(
              lease,
              FIRST_BYTE,
              100,
              () -> {
                if (asked.get() == 5) {
                  throw new CancellationException();
                }
              });
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> batches.run(0, counting, (features, labels) -> {}));
    }
    assertThat(asked).hasValue(5);
  }

  @Test
  void memoryOfPixelsIsUsedAgainWhereThereWasTooLittle() {
    AtomicInteger allocated = new AtomicInteger();
    ExecutorBackbones.PixelMemory memory =
        (count, resolution) -> {
          if (allocated.incrementAndGet() == 2) {
            throw new OutOfMemoryError("once");
          }
          return Images.allocate(count, resolution);
        };
    try (ExecutorBackbones.Lease lease =
        ExecutorBackbones.lease("in little memory", Sensitive::new, memory)) {
      PlacedBatches batches = new PlacedBatches(lease, FIRST_BYTE, 4, () -> {});
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> batches.run(0, images(0, 4).iterator(), (features, labels) -> {}));

      assertThat(batches.run(0, images(0, 4).iterator(), (features, labels) -> {})).isEqualTo(4);
    }
    assertThat(allocated).as("the first, the second, the second again").hasValue(3);
  }

  /** A transform that tells of each image, by its byte, on the thread that decodes it. */
  private static ImageTransform telling(IntConsumer before) {
    return new ImageTransform() {
      @Override
      public Resolution resolution() {
        return SIZE;
      }

      @Override
      public void apply(Path file, RandomGenerator random, FloatBuffer target) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
        before.accept(encoded[0]);
        FIRST_BYTE.apply(encoded, name, random, target);
      }
    };
  }

  private static void await(CountDownLatch event) {
    try {
      assertThat(event.await(5, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The encoded images of one batch are what a task holds beside its pixels. */
  @Test
  void asksForOneBatchBeforeItIsDecoded() {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch batch = new CountDownLatch(KeptFeatures.BATCH_SIZE);
    Iterator<PlacedImage> images =
        images(0, 100).stream()
            .peek(
                image -> {
                  asked.incrementAndGet();
                  batch.countDown();
                })
            .iterator();
    AtomicInteger decoded = new AtomicInteger();
    ImageTransform transform =
        telling(
            image -> {
              await(batch);
              int waiting = asked.get() - decoded.getAndIncrement();
              assertThat(waiting).isLessThanOrEqualTo(KeptFeatures.BATCH_SIZE);
            });
    try (ExecutorBackbones.Lease lease = ExecutorBackbones.lease("sensitive", Sensitive::new)) {
      new PlacedBatches(lease, transform, 100, () -> {}).run(0, images, (features, labels) -> {});
    }
    assertThat(decoded).hasValue(100);
  }

  @Test
  void decodesTheNextBatchAndNoMoreWhileTheNetworkComputes() {
    List<CountDownLatch> undecoded =
        IntStream.range(0, 4).mapToObj(batch -> new CountDownLatch(batch < 3 ? 32 : 4)).toList();
    int[] computed = {0};
    Sensitive backbone =
        new Sensitive() {
          @Override
          public FMatrixRMaj features(ImageBatch images) {
            int next = ++computed[0];
            if (next < 4) {
              await(undecoded.get(next));
            }
            if (next < 3) {
              assertThat(undecoded.get(next + 1).getCount()).isEqualTo(next < 2 ? 32 : 4);
            }
            return super.features(images);
          }
        };
    try (ExecutorBackbones.Lease lease = ExecutorBackbones.lease("waiting", () -> backbone)) {
      ImageTransform transform = telling(image -> undecoded.get(image / 32).countDown());
      new PlacedBatches(lease, transform, 100, () -> {})
          .run(0, images(0, 100).iterator(), (features, labels) -> {});
    }
    assertThat(computed[0]).isEqualTo(4);
  }

  @Test
  void theFirstDamagedImageIsNamedWhicheverIsFoundFirst() {
    CountDownLatch second = new CountDownLatch(1);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    ImageTransform transform =
        telling(
            image -> {
              threads.add(Thread.currentThread());
              if (image == 40) {
                await(second);
                throw ImageFormatException.of(Path.of("i40"), "the first");
              }
              if (image == 41) {
                second.countDown();
                throw ImageFormatException.of(Path.of("i41"), "the second");
              }
            });
    ClassMeans means = ClassMeans.ofDimension(3);
    try (ExecutorBackbones.Lease lease = ExecutorBackbones.lease("sensitive", Sensitive::new)) {
      PlacedBatches batches = new PlacedBatches(lease, transform, 100, () -> {});
      assertThatExceptionOfType(ImageFormatException.class)
          .isThrownBy(() -> batches.run(0, images(0, 100).iterator(), means::add))
          .withMessageContaining("i40");
    }
    assertThat(means.imageCount()).isEqualTo(32);
    assertThat(threads)
        .isNotEmpty()
        .allSatisfy(
            thread -> {
              thread.join(Duration.ofMinutes(5).toMillis());
              assertThat(thread.isAlive()).isFalse();
            });
  }

  @Test
  void aBackboneIsSharedAndClosedAfterItsLastTask() {
    List<Sensitive> made = new ArrayList<>();
    ExecutorBackbones.Lease first = ExecutorBackbones.lease("one", () -> add(made));
    ExecutorBackbones.Lease second = ExecutorBackbones.lease("one", () -> add(made));
    assertThat(second.backbone()).isSameAs(first.backbone());
    first.close();

    ExecutorBackbones.Lease other = ExecutorBackbones.lease("another", () -> add(made));

    assertThat(made).hasSize(2);
    assertThat(made.get(0).closed).isZero();
    second.close();
    assertThat(made.get(0).closed).isEqualTo(1);
    other.close();
    assertThat(made.get(1).closed).isZero();
  }

  private static Sensitive add(List<Sensitive> made) {
    made.add(new Sensitive());
    return made.get(made.size() - 1);
  }

  @Test
  void blocksAndOutcomesComeBackFromTheirBytes() {
    ImageBlock block =
        new ImageBlock(
            512,
            List.of(
                new PlacedImage(Path.of("/a/ö.jpg"), 3, Optional.empty()),
                new PlacedImage(Path.of("/b.jpg"), 0, Optional.empty())));

    assertThat(ImageBlock.fromBytes(block.toBytes())).isEqualTo(block);
    assertThat(block.split(1)).extracting(ImageBlock::first).containsExactly(512, 513);
    ClassMeans means = ClassMeans.ofDimension(1).add(new FMatrixRMaj(1, 1), new int[] {2});
    Outcome outcome =
        new Outcome(
            7, means, List.of(new dev.fgvc.loader.SkippedImage(4, Path.of("x"), "empty file")));
    Outcome read = Outcome.fromBytes(outcome.toBytes());
    assertThat(read.images()).isEqualTo(7);
    assertThat(read.findings()).isEqualTo(outcome.findings());
    assertThat(read.means().toBytes()).isEqualTo(means.toBytes());
  }
}
