package dev.fgvc.loader;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.progress.Progress;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Turns a data set into batches, epoch by epoch, on background threads. The same seed gives the
 * same batches whatever the number of threads: each image's random choices come from the seed, the
 * epoch and its position in the epoch, a batch's from the seed, the epoch and its number.
 *
 * <pre>{@code
 * try (BatchLoader loader =
 *         BatchLoader.builder(dataset, RandomCrop.of(Resolution.square(299)))
 *             .sampler(Sampler.natural(dataset, 1)).seed(1).dropPartial(true).build();
 *     Batches batches = loader.epoch(0)) {
 *   while (batches.hasNext()) {
 *     try (Batch batch = batches.next()) {
 *       train(batch.images(), batch.labels());
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>Memory: {@code prefetch} buffers of {@code batchSize * views * 3 * height * width} floats, or
 * bytes, outside the heap, one more for each batch that is handed out and not closed, and one
 * decoded image a thread.
 */
public final class BatchLoader implements AutoCloseable {

  private final Dataset dataset;
  private final ImageTransform transform;
  private final Sampler sampler;
  private final int batchSize;
  private final long seed;
  private final int threads;
  private final int prefetch;
  private final boolean dropPartial;
  private final PixelLayout layout;
  private final DamagedImages damaged;
  private final Mixing mixing;
  private final Progress progress;
  private final BufferPool pool;
  private final Set<PrefetchedBatches> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private BatchLoader(Builder builder) {
    this.dataset = builder.dataset;
    this.transform = builder.transform;
    this.sampler = builder.sampler;
    this.batchSize = builder.batchSize;
    this.seed = builder.seed;
    this.threads = builder.threads;
    this.prefetch = builder.prefetch;
    this.dropPartial = builder.dropPartial;
    this.layout = builder.layout;
    this.damaged = builder.damaged;
    this.mixing = builder.mixing;
    this.progress = builder.progress;
    this.pool = new BufferPool(batchSize * BatchRecipe.fileBytes(layout, transform));
  }

  /**
   * Starts a loader: in the order of the data set, batches of 32, two threads, four batches ahead.
   *
   * @param dataset the images
   * @param transform what is done to each
   * @return a builder with these defaults
   */
  public static Builder builder(Dataset dataset, ImageTransform transform) {
    return new Builder(dataset, transform);
  }

  /**
   * How many batches a whole epoch has.
   *
   * @return at least 0
   */
  public int batchesPerEpoch() {
    int images = sampler.epochSize();
    return dropPartial ? images / batchSize : (int) (((long) images + batchSize - 1) / batchSize);
  }

  /**
   * Starts an epoch.
   *
   * @param epoch counted from 0
   * @return its batches; the caller closes them
   * @throws IllegalStateException if this loader is closed
   * @throws IllegalArgumentException if the epoch is negative
   */
  public Batches epoch(int epoch) {
    return epoch(epoch, 0);
  }

  /**
   * Starts in the middle of an epoch, with the same batches the whole epoch has from there on.
   *
   * @param epoch counted from 0
   * @param firstBatch the first batch to hand out, from 0 to {@link #batchesPerEpoch()}
   * @return the batches that are left; the caller closes them
   * @throws IllegalStateException if this loader is closed
   * @throws IllegalArgumentException if the epoch or the batch is out of range
   */
  public Batches epoch(int epoch, int firstBatch) {
    if (firstBatch < 0 || firstBatch > batchesPerEpoch()) {
      throw new IllegalArgumentException(
          "first batch " + firstBatch + " must be from 0 to " + batchesPerEpoch());
    }
    return epoch(epoch, IntStream.range(firstBatch, batchesPerEpoch()).toArray());
  }

  /**
   * Makes some batches of an epoch, with what they have in the whole one: the part of one process
   * where several share an epoch.
   *
   * @param epoch counted from 0
   * @param numbers of the batches to hand out, ascending, from 0 to {@link #batchesPerEpoch()} - 1
   * @return these batches; the caller closes them
   * @throws IllegalStateException if this loader is closed
   * @throws IllegalArgumentException if the epoch or a number is out of range, or the numbers do
   *     not ascend
   */
  public Batches epoch(int epoch, int[] numbers) {
    if (closed) {
      throw new IllegalStateException("the loader is closed");
    }
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] < 0
          || numbers[i] >= batchesPerEpoch()
          || i > 0 && numbers[i] <= numbers[i - 1]) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "batch %d at place %d: they must ascend, from 0 to %d",
                numbers[i],
                i,
                batchesPerEpoch() - 1));
      }
    }
    int[] order = sampler.epoch(epoch);
    if (order.length != sampler.epochSize()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s gives %d images in epoch %d, its epochs have %d",
              sampler,
              order.length,
              epoch,
              sampler.epochSize()));
    }
    for (int position : order) {
      Objects.checkIndex(position, dataset.size());
    }
    PrefetchedBatches batches =
        new PrefetchedBatches(
            new BatchRecipe(
                dataset, transform, layout, damaged, mixing, order, batchSize, seed, epoch),
            pool,
            numbers.clone(),
            prefetch,
            progress,
            open::remove);
    open.add(batches);
    batches.start(threads);
    return batches;
  }

  /** How many buffers were ever made; for the tests of back-pressure. */
  int buffersMade() {
    return pool.made();
  }

  /** Stops all epochs that are under way and drops the buffers; again is allowed. */
  @Override
  public void close() {
    closed = true;
    open.forEach(PrefetchedBatches::close);
    pool.close();
  }

  /** Settings of a loader. Each method refuses a wrong value at once and returns this builder. */
  public static final class Builder {

    private final Dataset dataset;
    private final ImageTransform transform;
    private Sampler sampler;
    private int batchSize = 32;
    private long seed;
    private int threads = 2;
    private int prefetch = 4;
    private boolean dropPartial;
    private PixelLayout layout = PixelLayout.FLOATS;
    private DamagedImages damaged = DamagedImages.fail();
    private Mixing mixing = Mixing.none();
    private Progress progress = Progress.none();

    private Builder(Dataset dataset, ImageTransform transform) {
      this.dataset = Objects.requireNonNull(dataset, "dataset");
      this.transform = Objects.requireNonNull(transform, "transform");
      this.sampler = Sampler.sequential(dataset);
    }

    /**
     * Which images an epoch shows.
     *
     * @param value a sampler of the same data set
     * @return this builder
     */
    public Builder sampler(Sampler value) {
      this.sampler = Objects.requireNonNull(value, "sampler");
      return this;
    }

    /**
     * Sets how many image files make a batch, which has as many images unless the transform makes
     * several views of each; 32 unless set.
     *
     * @param value at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1, or a batch would take more than 2 GiB
     */
    public Builder batchSize(int value) {
      this.batchSize = atLeast(1, value, "batch size");
      long images = (long) value * transform.views();
      if (images > Integer.MAX_VALUE / Float.BYTES / 3 / transform.resolution().pixels()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "a batch of %d images of %s takes more than 2 GiB",
                images,
                transform.resolution()));
      }
      return this;
    }

    /**
     * Sets the seed of the transform's random choices.
     *
     * @param value any number
     * @return this builder
     */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /**
     * Background threads for each epoch that is under way.
     *
     * @param value at least 1
     * @return this builder
     */
    public Builder threads(int value) {
      this.threads = atLeast(1, value, "threads");
      return this;
    }

    /**
     * How many batches are made ahead of the one that was last handed out.
     *
     * @param value at least 1
     * @return this builder
     */
    public Builder prefetch(int value) {
      this.prefetch = atLeast(1, value, "prefetch");
      return this;
    }

    /**
     * Whether a last batch that is not full is left out, as training wants it; kept by default. If
     * it is left out, an epoch must have at least one full batch.
     *
     * @param value true to leave it out
     * @return this builder
     */
    public Builder dropPartial(boolean value) {
      this.dropPartial = value;
      return this;
    }

    /**
     * How the images lie in a batch's buffer; floats unless set.
     *
     * @param value what the consumer reads
     * @return this builder
     */
    public Builder layout(PixelLayout value) {
      this.layout = Objects.requireNonNull(value, "layout");
      return this;
    }

    /**
     * Sets the reaction to damaged images; by default one fails the epoch.
     *
     * @param value {@link DamagedImages#skip} only with a transform that is random
     * @return this builder
     * @throws IllegalArgumentException if images may be skipped and the transform is not random
     */
    public Builder damaged(DamagedImages value) {
      if (value.mayBeSkipped() && !transform.isRandom()) {
        throw new IllegalArgumentException(
            transform
                + " is for evaluation, where no image may be skipped: its error would be that"
                + " of another set; leave out what DatasetVerification finds instead");
      }
      this.damaged = value;
      return this;
    }

    /**
     * Mixes images and classes within each batch; then the classes of a batch are its {@link
     * Batch#targets}. {@link Mixing#none} unless set.
     *
     * @param value how
     * @return this builder
     * @throws IllegalArgumentException if batches are mixed and the transform makes several views
     *     of an image
     */
    public Builder mixing(Mixing value) {
      if (value.isActive() && transform.views() > 1) {
        throw new IllegalArgumentException(
            transform + " makes several views of an image, which are not to be mixed");
      }
      this.mixing = value;
      return this;
    }

    /**
     * Tells how many of an epoch's images were handed out.
     *
     * @param listener hears of each batch, on the thread that takes it and just before it does;
     *     what it throws reaches that thread, and its next call gives the same batch
     * @return this builder
     */
    public Builder progress(Progress listener) {
      this.progress = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Makes the loader. No thread starts before the first epoch.
     *
     * @return the loader
     * @throws IllegalArgumentException if partial batches are left out and no batch of an epoch
     *     would be full
     */
    public BatchLoader build() {
      if (dropPartial && sampler.epochSize() < batchSize) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "an epoch of %d images has no full batch of %d: lower the batch size or keep"
                    + " partial batches",
                sampler.epochSize(),
                batchSize));
      }
      return new BatchLoader(batchSize(batchSize));
    }

    private static int atLeast(int least, int value, String what) {
      checkArgument(value >= least, "%s %s must be at least %s", what, value, least);
      return value;
    }
  }
}
