package dev.fgvc.nets.cluster.spark;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.feature.ClassMeans;
import dev.fgvc.image.ImageCheck;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.SkippedImage;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.TaskContext;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Work on the records of a partition: labels and encoded images. */
abstract class RecordTask extends AbstractFunction1<Iterator<Tuple2<Integer, byte[]>>, byte[]>
    implements Serializable {

  private static final long serialVersionUID = 1L;

  private static Path name(int partition, long record) {
    return Path.of("partition " + partition + ", record " + record);
  }

  /** Counts the records, and finds the damaged ones where they may be left out. */
  static final class Count extends RecordTask {

    private static final long serialVersionUID = 1L;

    private final SerializableSupplier<ImageTransform> transform;
    private final boolean verifies;

    Count(SerializableSupplier<ImageTransform> transform, boolean verifies) {
      this.transform = transform;
      this.verifies = verifies;
    }

    @Override
    public byte[] apply(Iterator<Tuple2<Integer, byte[]>> records) {
      List<SkippedImage> damaged = new ArrayList<>();
      ImageTransform applied = transform.get();
      int count = 0;
      for (; records.hasNext(); count++) {
        SparkJob.requireRunning();
        byte[] encoded = records.next()._2();
        if (verifies) {
          Path name = name(TaskContext.getPartitionId(), count);
          try {
            ImageCheck.requireTransformable(encoded, name, applied);
          } catch (ImageFormatException e) {
            damaged.add(new SkippedImage(count, name, e.reason()));
          }
        }
      }
      return new Outcome(count, ClassMeans.ofDimension(1), damaged).toBytes();
    }
  }

  /** Class means of the records that are not damaged. */
  static final class Means extends RecordTask {

    private static final long serialVersionUID = 1L;

    private final BackboneSource backbone;
    private final SerializableSupplier<ImageTransform> transform;

    /** Where the usable records of each partition begin; the last number is that of all. */
    private final long[] starts;

    private final boolean skips;

    Means(
        BackboneSource backbone,
        SerializableSupplier<ImageTransform> transform,
        long[] starts,
        boolean skips) {
      this.backbone = backbone;
      this.transform = transform;
      this.starts = starts;
      this.skips = skips;
    }

    @Override
    public byte[] apply(Iterator<Tuple2<Integer, byte[]>> records) {
      int partition = TaskContext.getPartitionId();
      long first = starts[partition];
      try (ExecutorBackbones.Lease lease =
          ExecutorBackbones.lease(backbone.key(), backbone::open)) {
        ClassMeans means = ClassMeans.ofDimension(lease.backbone().featureDimension());
        ImageTransform applied = transform.get();
        PlacedBatches batches =
            new PlacedBatches(lease, applied, starts[starts.length - 1], SparkJob.whileRunning());
        try {
          long images =
              batches.run(first, new Usable(records, partition, applied, skips), means::add);
          if (images != starts[partition + 1] - first) {
            throw new ClusterException(
                lenientFormat(
                    "partition %s had %s usable records when they were counted, and now %s: persist"
                        + " the RDD, so that it is the same each time",
                    partition, starts[partition + 1] - first, images));
          }
          return new Outcome(images, means, List.of()).toBytes();
        } catch (ImageFormatException e) {
          return new Outcome(0, means, List.of(new SkippedImage(0, e.file(), e.reason())))
              .toBytes();
        }
      }
    }
  }

  /** The records of a partition without the damaged ones, if they are to be skipped. */
  private static final class Usable implements java.util.Iterator<PlacedImage> {

    private final Iterator<Tuple2<Integer, byte[]>> records;
    private final int partition;
    private final ImageTransform transform;
    private final boolean skips;
    private long read;
    private Optional<PlacedImage> next = Optional.empty();

    Usable(
        Iterator<Tuple2<Integer, byte[]>> records,
        int partition,
        ImageTransform transform,
        boolean skips) {
      this.records = records;
      this.partition = partition;
      this.transform = transform;
      this.skips = skips;
    }

    @Override
    public boolean hasNext() {
      while (next.isEmpty() && records.hasNext()) {
        Tuple2<Integer, byte[]> record = records.next();
        Path name = name(partition, read++);
        if (!skips || isWhole(record._2(), name)) {
          next = Optional.of(new PlacedImage(name, record._1(), Optional.of(record._2())));
        }
      }
      return next.isPresent();
    }

    private boolean isWhole(byte[] encoded, Path name) {
      try {
        ImageCheck.requireTransformable(encoded, name, transform);
        return true;
      } catch (ImageFormatException e) {
        return false;
      }
    }

    @Override
    public PlacedImage next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      PlacedImage image = next.orElseThrow();
      next = Optional.empty();
      return image;
    }
  }
}
