package dev.fgvc.nets.cluster.spark;

import dev.fgvc.concurrent.Tasks;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.eval.KeptFeatures;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.ejml.data.FMatrixRMaj;

/**
 * Computes features of some images of a data set as one machine does it that goes through all of
 * them: each image at its place in a batch of the same size. The last bits of an image's features
 * depend on that size and that place, since libraries choose their kernels by shape; they do not
 * depend on the other images of the batch. So a part of the data set may begin and end within a
 * batch, whose other places then hold whatever they hold.
 *
 * <p>The next batch is decoded while the network computes, as on one machine. Images are asked for
 * on the calling thread, where Spark's iterators belong, and decoded on threads that end with the
 * call.
 */
final class PlacedBatches {

  private final ExecutorBackbones.Lease lease;
  private final ImageTransform transform;
  private final long size;
  private final Runnable beforeEachImage;

  /**
   * Batches of a data set.
   *
   * @param size of the whole data set, in images
   * @param beforeEachImage throws where the work is to end; called before an image is asked for,
   *     and on another thread before it is decoded
   */
  PlacedBatches(
      ExecutorBackbones.Lease lease,
      ImageTransform transform,
      long size,
      Runnable beforeEachImage) {
    this.lease = lease;
    this.transform = transform;
    this.size = size;
    this.beforeEachImage = beforeEachImage;
  }

  /**
   * Images on their way to the network.
   *
   * @param offset of the first one in the batch
   * @param count of places in the batch
   * @param labels of the images
   * @param decoding of each image
   */
  private record Batch(
      FloatBuffer pixels, int offset, int count, int[] labels, List<Future<Integer>> decoding) {

    boolean isEmpty() {
      return labels.length == 0;
    }
  }

  /**
   * Computes the features of consecutive images.
   *
   * @param first where they begin in the data set
   * @param images asked for one batch ahead of the one that is computed
   * @param consumer takes features and labels of each batch, in order
   * @return how many images there were
   * @throws CancellationException if the calling thread is interrupted, which it stays
   */
  long run(long first, Iterator<PlacedImage> images, BiConsumer<FMatrixRMaj, int[]> consumer) {
    Resolution resolution = transform.resolution();
    try (ExecutorBackbones.Pixels one = lease.pixels(KeptFeatures.BATCH_SIZE, resolution);
        ExecutorBackbones.Pixels other = lease.pixels(KeptFeatures.BATCH_SIZE, resolution)) {
      ExecutorService threads =
          Executors.newFixedThreadPool(
              KeptFeatures.DECODING_THREADS, Tasks.daemons("fgvc-decoding"));
      try {
        return run(first, images, consumer, threads, one.values(), other.values());
      } finally {
        Tasks.stop(threads);
      }
    }
  }

  /** Fills one buffer while the network reads the other. */
  private long run(
      long first,
      Iterator<PlacedImage> images,
      BiConsumer<FMatrixRMaj, int[]> consumer,
      ExecutorService threads,
      FloatBuffer one,
      FloatBuffer other) {
    Resolution resolution = transform.resolution();
    long place = first;
    Batch batch = decode(threads, place, images, one);
    while (!batch.isEmpty()) {
      Tasks.await(batch.decoding());
      place += batch.labels().length;
      Batch next = decode(threads, place, images, batch.pixels() == one ? other : one);
      int values = Math.toIntExact(3 * resolution.pixels()) * batch.count();
      FloatBuffer pixels = batch.pixels().duplicate().clear().limit(values);
      FMatrixRMaj features =
          lease.backbone().features(new Images(pixels, batch.count(), resolution));
      consumer.accept(rows(features, batch), batch.labels());
      batch = next;
    }
    return place - first;
  }

  /** Lets the images up to the end of a batch be decoded; none if there are no more. */
  private Batch decode(
      ExecutorService threads, long place, Iterator<PlacedImage> images, FloatBuffer pixels) {
    long start = place - place % KeptFeatures.BATCH_SIZE;
    int count = (int) Math.min(KeptFeatures.BATCH_SIZE, size - start);
    int offset = (int) (place - start);
    if (offset >= count && images.hasNext()) {
      throw ClusterException.ofChangedRecords(
          "more images than the " + size + " that were counted");
    }
    int values = Math.toIntExact(3 * transform.resolution().pixels());
    int[] labels = new int[Math.max(0, count - offset)];
    List<Future<Integer>> decoding = new ArrayList<>();
    while (decoding.size() < labels.length) {
      beforeEachImage.run();
      if (!images.hasNext()) {
        break;
      }
      PlacedImage image = images.next();
      int at = offset + decoding.size();
      labels[at - offset] = image.label();
      FloatBuffer target = pixels.duplicate().clear().position(at * values);
      decoding.add(
          threads.submit(
              () -> {
                beforeEachImage.run();
                image.decode(transform, target);
              },
              at));
    }
    return new Batch(pixels, offset, count, Arrays.copyOf(labels, decoding.size()), decoding);
  }

  private static FMatrixRMaj rows(FMatrixRMaj all, Batch batch) {
    int count = batch.labels().length;
    if (count == all.numRows) {
      return all;
    }
    int width = all.numCols;
    int from = batch.offset() * width;
    return FMatrixRMaj.wrap(count, width, Arrays.copyOfRange(all.data, from, from + count * width));
  }
}
