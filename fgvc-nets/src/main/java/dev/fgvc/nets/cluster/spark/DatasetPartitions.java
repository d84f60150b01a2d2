package dev.fgvc.nets.cluster.spark;

import dev.fgvc.data.Dataset;
import dev.fgvc.nets.eval.KeptFeatures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;

/**
 * A data set dealt out to tasks. Partitions begin where shards of kept features do, and hold nearly
 * as many of them each.
 *
 * @param starts the first image of each partition, and at last the number of all images
 */
record DatasetPartitions(Dataset dataset, int[] starts) {

  /**
   * Deals out a data set.
   *
   * @param most how many partitions at most; there are no more than shards
   */
  static DatasetPartitions of(Dataset dataset, int most) {
    int images = dataset.size();
    int shards = (images + KeptFeatures.SHARD_SIZE - 1) / KeptFeatures.SHARD_SIZE;
    int count = Math.max(1, Math.min(most, shards));
    int[] starts =
        IntStream.rangeClosed(0, count)
            .map(i -> (int) ((long) i * shards / count))
            .map(shard -> (int) Math.min(images, (long) shard * KeptFeatures.SHARD_SIZE))
            .toArray();
    return new DatasetPartitions(dataset, starts);
  }

  int count() {
    return starts.length - 1;
  }

  /** One {@link ImageBlock} for each partition. */
  RDD<byte[]> rdd(JavaSparkContext context) {
    List<byte[]> blocks = new ArrayList<>();
    for (int partition = 0; partition < count(); partition++) {
      blocks.add(ImageBlock.of(dataset, starts[partition], starts[partition + 1]).toBytes());
    }
    return SparkJob.partitions(context, blocks);
  }

  /** Returns the most bytes that the class sums of all partitions take. */
  long resultBytes(int dimension) {
    int[] labels = dataset.labels();
    long classes = 0;
    for (int partition = 0; partition < count(); partition++) {
      classes += Arrays.stream(labels, starts[partition], starts[partition + 1]).distinct().count();
    }
    return Outcome.mostBytes(dimension, classes);
  }
}
