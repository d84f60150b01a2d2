package dev.fgvc.loader;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The contents of an epoch's batches, apart from how and when they are made.
 *
 * @param order positions in the data set, the epoch's images in their order
 */
record BatchRecipe(
    Dataset dataset,
    ImageTransform transform,
    PixelLayout layout,
    DamagedImages damaged,
    Mixing mixing,
    int[] order,
    int batchSize,
    long seed,
    int epoch) {

  /** Told apart from the seeds of the transforms, which are places in the epoch. */
  private static final long REPLACEMENTS = 0x5EC0_4D1A_CE5L;

  /** Told apart from the seeds of the transforms too. */
  private static final long MIXINGS = 0xB1E4_D5L;

  private static final int LEAST_TRIES = 64;

  /** The last batch may be smaller. */
  int sizeOf(int batch) {
    return Math.min(batchSize, order.length - batch * batchSize);
  }

  /** How many images all batches before one have. */
  long imagesBefore(int batch) {
    return Math.min((long) batch * batchSize, order.length);
  }

  /**
   * One image in its place.
   *
   * @param position which image of the data set it is
   * @param skipped those that were to be there and are damaged
   */
  record Made(int position, List<SkippedImage> skipped) {}

  /**
   * Writes one image to its place in the batch. Which one stands in for a damaged one depends on
   * the seed, the epoch and the place alone.
   */
  Made make(int batch, int slot, ByteBuffer buffer) throws IOException {
    int place = batch * batchSize + slot;
    int position = order[place];
    List<SkippedImage> skipped = new ArrayList<>();
    SplitMix64 replacements = null;
    while (true) {
      try {
        write(position, place, slot, buffer);
        return new Made(position, List.copyOf(skipped));
      } catch (ImageFormatException | IOException e) {
        if (!mayStandIn(e, skipped.size())) {
          throw e;
        }
        Path path = dataset.path(position);
        skipped.add(new SkippedImage(position, path, reason(e)));
        if (replacements == null) {
          replacements = Seeds.stream(seed ^ REPLACEMENTS, epoch, place);
        }
        position = order[replacements.nextInt(order.length)];
      }
    }
  }

  private void write(int position, int place, int slot, ByteBuffer buffer) throws IOException {
    Path path = dataset.path(position);
    int bytes = fileBytes();
    ByteBuffer region = buffer.slice(slot * bytes, bytes).order(buffer.order());
    SplitMix64 random = Seeds.stream(seed, epoch, place);
    if (layout == PixelLayout.BYTES) {
      transform.apply(path, random, region);
    } else {
      transform.apply(path, random, region.asFloatBuffer());
    }
  }

  /**
   * The epoch fails at the latest when one place alone has met more than may be skipped. A set with
   * nothing but damaged images ends there too, however many may be.
   */
  private boolean mayStandIn(Exception failure, int tries) {
    return damaged.mayBeSkipped()
        && !(failure instanceof ClosedByInterruptException)
        && tries <= Math.min(damaged.maximum(), LEAST_TRIES + order.length);
  }

  private static String reason(Exception failure) {
    if (failure instanceof ImageFormatException damage) {
      return damage.reason();
    }
    return failure instanceof NoSuchFileException ? "no such file" : "cannot be read: " + failure;
  }

  /** Completes the images of a batch, which are all in place. */
  Targets mix(int batch, int[] positions, ByteBuffer buffer) {
    SplitMix64 random = Seeds.stream(seed ^ MIXINGS, epoch, batch);
    int[] labels =
        IntStream.of(ofViews(positions)).map(at -> dataset.images().get(at).label()).toArray();
    return mixing.apply(images(positions, buffer), layout, transform.resolution(), labels, random);
  }

  /** Hands out a batch whose images are complete. */
  Batch finish(int[] positions, Targets targets, ByteBuffer buffer, Runnable release) {
    ByteBuffer images = images(positions, buffer);
    return new Batch(images, layout, targets, ofViews(positions), transform.resolution(), release);
  }

  private int[] ofViews(int[] positions) {
    int views = transform.views();
    return IntStream.range(0, positions.length * views).map(i -> positions[i / views]).toArray();
  }

  private ByteBuffer images(int[] positions, ByteBuffer buffer) {
    return buffer.slice(0, positions.length * fileBytes()).order(buffer.order());
  }

  private int fileBytes() {
    return fileBytes(layout, transform);
  }

  /** Returns the bytes that all views of one file take. */
  static int fileBytes(PixelLayout layout, ImageTransform transform) {
    return 3 * transform.views() * transform.resolution().pixels() * layout.valueBytes();
  }
}
