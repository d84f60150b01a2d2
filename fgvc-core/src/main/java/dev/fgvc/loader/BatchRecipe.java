package dev.fgvc.loader;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * What the batches of one epoch consist of, apart from how and when they are made.
 *
 * @param order positions in the data set, the epoch's images in their order
 */
record BatchRecipe(
    Dataset dataset, ImageTransform transform, int[] order, int batchSize, long seed, int epoch) {

  /** The last batch may be smaller. */
  int sizeOf(int batch) {
    return Math.min(batchSize, order.length - batch * batchSize);
  }

  /** Writes one image to its place in the batch. */
  void make(int batch, int slot, FloatBuffer buffer) throws IOException {
    int position = batch * batchSize + slot;
    LabeledImage image = dataset.images().get(order[position]);
    int floats = 3 * resolution().pixels();
    FloatBuffer region = buffer.slice(slot * floats, floats);
    transform.apply(image.path(), Seeds.stream(seed, epoch, position), region);
  }

  Batch finish(int batch, FloatBuffer buffer, Runnable release) {
    int from = batch * batchSize;
    int[] positions = Arrays.copyOfRange(order, from, from + sizeOf(batch));
    int[] labels = new int[positions.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = dataset.images().get(positions[i]).label();
    }
    int floats = labels.length * 3 * resolution().pixels();
    return new Batch(buffer.slice(0, floats), labels, positions, resolution(), release);
  }

  Resolution resolution() {
    return transform.resolution();
  }
}
