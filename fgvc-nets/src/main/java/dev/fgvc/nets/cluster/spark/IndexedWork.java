package dev.fgvc.nets.cluster.spark;

import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import dev.fgvc.progress.Progress;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Pieces of work that have nothing but a number, shared among the tasks of a job. */
final class IndexedWork extends AbstractFunction1<Iterator<byte[]>, byte[]>
    implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final String KIND = "numbered results";

  private final Work work;

  private IndexedWork(Work work) {
    this.work = work;
  }

  /** The work of an executor. */
  @FunctionalInterface
  interface Work extends Serializable {

    /**
     * Called once in each task, to read what all its pieces need.
     *
     * @return gives the result of a piece
     */
    IntFunction<BinaryWriter> open();
  }

  /** A result that is still to be filled. */
  static BinaryWriter result() {
    return new BinaryWriter(KIND, 1);
  }

  /**
   * Computes all pieces.
   *
   * @return their results, in the order of their numbers
   */
  static List<BinaryReader> run(
      String name, JavaSparkContext context, int count, Work work, Progress progress) {
    int partitions = Math.min(count, SparkJob.usualPartitions(context));
    List<byte[]> ranges = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      BinaryWriter range = result();
      range.putInt((int) ((long) count * partition / partitions));
      range.putInt((int) ((long) count * (partition + 1) / partitions));
      ranges.add(range.toBytes());
    }
    byte[][] results = new byte[partitions][];
    int[] done = {0};
    if (count > 0) {
      SparkJob.run(
          name,
          context,
          SparkJob.partitions(context, ranges),
          new IndexedWork(work),
          (partition, result) -> {
            results[partition] = result;
            done[0] += reader(result).count(1);
            progress.report(name, done[0], count, "");
          });
    }
    List<BinaryReader> all = new ArrayList<>();
    for (byte[] result : results) {
      BinaryReader part = reader(result);
      int size = part.count(1);
      for (int i = 0; i < size; i++) {
        all.add(reader(part.bytes()));
      }
    }
    return all;
  }

  private static BinaryReader reader(byte[] bytes) {
    return new BinaryReader(bytes, KIND, 1, "a task's results");
  }

  @Override
  public byte[] apply(Iterator<byte[]> ranges) {
    BinaryReader range = reader(ranges.next());
    int from = range.integer();
    int to = range.integer();
    IntFunction<BinaryWriter> pieces = work.open();
    BinaryWriter results = result();
    results.putInt(to - from);
    for (int i = from; i < to; i++) {
      SparkJob.requireRunning();
      results.putBytes(pieces.apply(i).toBytes());
    }
    return results.toBytes();
  }
}
