package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.ProcessGroup;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Statistics of batch norms over the batches of all processes, which exchange the parts of theirs.
 * All combine them in the order of the ranks, in double precision and in Java, so that all have the
 * same bits. A process without a batch takes part with no cells.
 */
final class WholeBatch {

  private final ProcessGroup group;
  private final ExchangeThread exchanges;
  private ByteBuffer own = buffer(0);
  private ByteBuffer all = buffer(0);

  WholeBatch(ProcessGroup group, ExchangeThread exchanges) {
    this.group = group;
    this.exchanges = exchanges;
  }

  /**
   * Statistics of some values, for each channel.
   *
   * @param variance their mean squared distance from the mean
   * @param cells how many values each channel has
   */
  record Statistics(float[] mean, float[] variance, long cells) {

    /** No values. */
    static Statistics none(int channels) {
      return new Statistics(new float[channels], new float[channels], 0);
    }
  }

  /** The statistics of all processes' values from those of this one's. */
  Statistics of(Statistics part) {
    int channels = part.mean().length;
    exchange(part.cells(), part.mean(), part.variance());
    long cells = 0;
    double[] mean = new double[channels];
    for (int rank = 0; rank < group.size(); rank++) {
      cells += cells(rank);
      for (int c = 0; c < channels; c++) {
        mean[c] += (double) cells(rank) * value(rank, 0, c, channels);
      }
    }
    float[] means = new float[channels];
    float[] variances = new float[channels];
    for (int c = 0; c < channels; c++) {
      mean[c] /= cells;
      double squares = 0;
      for (int rank = 0; rank < group.size(); rank++) {
        double distance = value(rank, 0, c, channels) - mean[c];
        squares += cells(rank) * (value(rank, 1, c, channels) + distance * distance);
      }
      means[c] = (float) mean[c];
      variances[c] = (float) (squares / cells);
    }
    return new Statistics(means, variances, cells);
  }

  /** Adds up two vectors of all processes. */
  float[][] sums(float[] first, float[] second) {
    exchange(0, first, second);
    float[][] sums = new float[2][first.length];
    for (int which = 0; which < sums.length; which++) {
      for (int c = 0; c < first.length; c++) {
        double sum = 0;
        for (int rank = 0; rank < group.size(); rank++) {
          sum += value(rank, which, c, first.length);
        }
        sums[which][c] = (float) sum;
      }
    }
    return sums;
  }

  private void exchange(long cells, float[] first, float[] second) {
    int length = Long.BYTES + Float.BYTES * (first.length + second.length);
    if (own.capacity() < length) {
      own = buffer(length);
      all = buffer(length * group.size());
    }
    own.clear().limit(length);
    all.clear().limit(length * group.size());
    own.putLong(0, cells);
    own.slice(Long.BYTES, length - Long.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer()
        .put(first)
        .put(second);
    exchanges.run(() -> group.allGather(own, all));
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
  }

  private long cells(int rank) {
    return all.getLong(rank * own.limit());
  }

  private float value(int rank, int which, int channel, int channels) {
    return all.getFloat(
        rank * own.limit() + Long.BYTES + Float.BYTES * (which * channels + channel));
  }
}
