package dev.fgvc.nets.cluster.spark;

import dev.fgvc.image.ImageTransform;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.eval.KeptFeatures;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.BiConsumer;
import org.ejml.data.FMatrixRMaj;

/**
 * Computes features of some images of a data set as one machine does it that goes through all of
 * them: each image at its place in a batch of the same size. The last bits of an image's features
 * depend on that size and that place, since libraries choose their kernels by shape; they do not
 * depend on the other images of the batch. So a part of the data set may begin and end within a
 * batch, whose other places then hold whatever they hold.
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
   * @param beforeEachImage throws where the work is to end
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
   * Computes the features of consecutive images.
   *
   * @param first where they begin in the data set
   * @param consumer takes features and labels of each batch, in order
   * @return how many images there were
   */
  long run(long first, Iterator<PlacedImage> images, BiConsumer<FMatrixRMaj, int[]> consumer) {
    int values = Math.toIntExact(3 * transform.resolution().pixels());
    FloatBuffer pixels = lease.pixels(KeptFeatures.BATCH_SIZE, transform.resolution());
    long place = first;
    while (images.hasNext()) {
      long start = place - place % KeptFeatures.BATCH_SIZE;
      int count = (int) Math.min(KeptFeatures.BATCH_SIZE, size - start);
      int offset = (int) (place - start);
      if (offset >= count) {
        throw new ClusterException("more images than the " + size + " that were counted");
      }
      int[] labels = new int[count];
      int end = offset;
      for (; end < count && images.hasNext(); end++) {
        beforeEachImage.run();
        PlacedImage image = images.next();
        image.decode(transform, pixels.clear().position(end * values));
        labels[end] = image.label();
      }
      FMatrixRMaj features =
          lease
              .backbone()
              .features(
                  new Images(pixels.clear().limit(count * values), count, transform.resolution()));
      consumer.accept(rows(features, offset, end), Arrays.copyOfRange(labels, offset, end));
      place += end - offset;
    }
    lease.release(pixels);
    return place - first;
  }

  private static FMatrixRMaj rows(FMatrixRMaj all, int from, int to) {
    if (to - from == all.numRows) {
      return all;
    }
    int width = all.numCols;
    return FMatrixRMaj.wrap(
        to - from, width, Arrays.copyOfRange(all.data, from * width, to * width));
  }
}
