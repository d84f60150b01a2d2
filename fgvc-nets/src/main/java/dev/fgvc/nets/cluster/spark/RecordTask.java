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
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.TaskContext;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Work on the records of a partition: labels and encoded images. */
abstract class RecordTask extends AbstractFunction1<Iterator<Tuple2<Integer, byte[]>>, byte[]>
    implements Serializable {

  private static final long serialVersionUID = 1L;

  private static Path name(int partition, int record) {
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
      Runnable whileRunning = SparkJob.whileRunning();
      ImageTransform applied = transform.get();
      RecordChecksum checksum = new RecordChecksum();
      Set<Integer> classes = new HashSet<>();
      List<SkippedImage> damaged = new ArrayList<>();
      int count = 0;
      whileRunning.run();
      while (records.hasNext()) {
        Tuple2<Integer, byte[]> record = records.next();
        checksum.add(record);
        classes.add(record._1());
        if (verifies) {
          Path name = name(TaskContext.getPartitionId(), count);
          try {
            ImageCheck.requireTransformable(record._2(), name, applied);
          } catch (ImageFormatException e) {
            damaged.add(new SkippedImage(count, name, e.reason()));
          }
        }
        count++;
        whileRunning.run();
      }
      return new CountedRecords(count, checksum.value(), classes.size(), damaged).toBytes();
    }
  }

  /** Class means of the usable records. */
  static final class Means extends RecordTask {

    private static final long serialVersionUID = 1L;

    private final BackboneSource backbone;
    private final SerializableSupplier<ImageTransform> transform;
    private final RecordPart[] parts;
    private final boolean verified;

    /**
     * Computes what was counted.
     *
     * @param parts of each partition
     * @param verified whether the damaged records were looked for
     */
    Means(
        BackboneSource backbone,
        SerializableSupplier<ImageTransform> transform,
        RecordPart[] parts,
        boolean verified) {
      this.backbone = backbone;
      this.transform = transform;
      this.parts = parts;
      this.verified = verified;
    }

    @Override
    public byte[] apply(Iterator<Tuple2<Integer, byte[]>> records) {
      int partition = TaskContext.getPartitionId();
      RecordPart part = parts[partition];
      long size = parts[parts.length - 1].end();
      try (ExecutorBackbones.Lease lease =
          ExecutorBackbones.lease(backbone.key(), backbone::open)) {
        ClassMeans means = ClassMeans.ofDimension(lease.backbone().featureDimension());
        PlacedBatches batches =
            new PlacedBatches(lease, transform.get(), size, SparkJob.whileRunning());
        Usable usable = new Usable(records, partition, part);
        try {
          long images = batches.run(part.first(), usable, means::add);
          if (images != part.usable() || usable.checksum.value() != part.checksum()) {
            throw ClusterException.ofChangedRecords(
                lenientFormat(
                    "partition %s had %s usable records when they were counted, and now %s, or"
                        + " others, or in another order",
                    partition, part.usable(), images));
          }
          return new Outcome(images, means, List.of()).toBytes();
        } catch (ImageFormatException e) {
          if (verified) {
            throw ClusterException.ofChangedRecords(
                lenientFormat(
                    "%s was no damaged image when it was counted, and is one now (%s)",
                    e.file(), e.reason()));
          }
          return new Outcome(0, means, List.of(new SkippedImage(0, e.file(), e.reason())))
              .toBytes();
        }
      }
    }
  }

  /** The records of a partition without the damaged ones. */
  private static final class Usable implements java.util.Iterator<PlacedImage> {

    private final Iterator<Tuple2<Integer, byte[]>> records;
    private final int partition;
    private final RecordPart part;

    /** Covers all records that were read, the damaged ones too. */
    private final RecordChecksum checksum = new RecordChecksum();

    private int read;
    private Optional<PlacedImage> next = Optional.empty();

    Usable(Iterator<Tuple2<Integer, byte[]>> records, int partition, RecordPart part) {
      this.records = records;
      this.partition = partition;
      this.part = part;
    }

    @Override
    public boolean hasNext() {
      while (next.isEmpty() && records.hasNext()) {
        Tuple2<Integer, byte[]> record = records.next();
        checksum.add(record);
        if (part.isUsable(read)) {
          next =
              Optional.of(
                  new PlacedImage(name(partition, read), record._1(), Optional.of(record._2())));
        }
        read++;
      }
      return next.isPresent();
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
