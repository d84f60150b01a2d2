package dev.fgvc.nets.eval;

import dev.fgvc.feature.FeatureShards;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;

/** Gathers batches of features to shards, and adds each full one to those of a folder. */
final class ShardBuffer {

  private final FeatureShards shards;
  private final FMatrixRMaj features;
  private final int[] labels;
  private int filled;

  ShardBuffer(FeatureShards shards, int images) {
    this.shards = shards;
    this.features = new FMatrixRMaj(images, shards.dimension());
    this.labels = new int[images];
  }

  /** Shards hold a whole number of batches, but for the last one. */
  void add(FMatrixRMaj batch, int[] batchLabels) {
    System.arraycopy(
        batch.data, 0, features.data, filled * features.numCols, batch.getNumElements());
    System.arraycopy(batchLabels, 0, labels, filled, batchLabels.length);
    filled += batchLabels.length;
    if (filled == labels.length) {
      flush();
    }
  }

  void flush() {
    if (filled == 0) {
      return;
    }
    FMatrixRMaj part = new FMatrixRMaj(filled, features.numCols);
    System.arraycopy(features.data, 0, part.data, 0, part.getNumElements());
    try {
      shards.append(part, Arrays.copyOf(labels, filled));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    filled = 0;
  }
}
