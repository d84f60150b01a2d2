package dev.fgvc.nets.cluster.spark;

import dev.fgvc.feature.ClassMeans;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.SkippedImage;
import dev.fgvc.nets.eval.KeptFeatures;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.ejml.data.FMatrixRMaj;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/**
 * Goes through the images of a partition, shard by shard: computes the features that are not kept
 * yet, keeps them where that is asked for, and gives back the class means of all.
 */
final class FeatureTask extends AbstractFunction1<Iterator<byte[]>, byte[]>
    implements Serializable {

  private static final long serialVersionUID = 1L;

  private final BackboneSource backbone;
  private final SerializableSupplier<ImageTransform> transform;
  private final long size;

  /** Empty if nothing is kept; a text, as not every path can be serialized. */
  private final String folder;

  FeatureTask(
      BackboneSource backbone,
      SerializableSupplier<ImageTransform> transform,
      long size,
      String folder) {
    this.backbone = backbone;
    this.transform = transform;
    this.size = size;
    this.folder = folder;
  }

  @Override
  public byte[] apply(Iterator<byte[]> blocks) {
    try (ExecutorBackbones.Lease lease = ExecutorBackbones.lease(backbone.key(), backbone::open)) {
      PlacedBatches batches =
          new PlacedBatches(lease, transform.get(), size, SparkJob.whileRunning());
      ClassMeans means = ClassMeans.ofDimension(lease.backbone().featureDimension());
      long images = 0;
      while (blocks.hasNext()) {
        ImageBlock block = ImageBlock.fromBytes(blocks.next());
        try {
          if (folder.isEmpty()) {
            compute(batches, block, means::add);
          } else {
            keep(batches, block, means);
          }
        } catch (ImageFormatException e) {
          return new Outcome(images, means, List.of(damaged(block, e))).toBytes();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        images += block.images().size();
      }
      return new Outcome(images, means, List.of()).toBytes();
    }
  }

  private static void compute(
      PlacedBatches batches, ImageBlock block, BiConsumer<FMatrixRMaj, int[]> consumer) {
    batches.run(block.first(), block.images().iterator(), consumer);
  }

  /** Any executor may write a shard, and two the same one. */
  private void keep(PlacedBatches batches, ImageBlock block, ClassMeans means) throws IOException {
    FeatureShards shards = FeatureShards.shared(Path.of(folder), means.dimension());
    List<ImageBlock> missing = new ArrayList<>();
    for (ImageBlock shard : block.split(KeptFeatures.SHARD_SIZE)) {
      if (isKept(shards, shard, means)) {
        computeAndKeep(batches, shards, missing, means);
        missing.clear();
      } else {
        missing.add(shard);
      }
    }
    computeAndKeep(batches, shards, missing, means);
  }

  private boolean isKept(FeatureShards shards, ImageBlock shard, ClassMeans means)
      throws IOException {
    int[] labels = shard.labels();
    return shards.read(
        number(shard),
        (features, found) -> {
          if (!Arrays.equals(found, labels)) {
            throw new ClusterException(
                "shard "
                    + number(shard)
                    + " in "
                    + folder
                    + " is of other images than the data set's: choose an empty folder");
          }
          means.add(features, found);
        });
  }

  private static int number(ImageBlock shard) {
    return shard.first() / KeptFeatures.SHARD_SIZE;
  }

  /** Goes through shards that follow each other, with no pause for decoding between them. */
  private static void computeAndKeep(
      PlacedBatches batches, FeatureShards shards, List<ImageBlock> missing, ClassMeans means) {
    if (!missing.isEmpty()) {
      ImageBlock all =
          new ImageBlock(
              missing.get(0).first(),
              missing.stream().flatMap(shard -> shard.images().stream()).toList());
      compute(batches, all, new Gathering(shards, missing, means));
    }
  }

  /** Puts batches together to shards, and keeps each shard as soon as it is whole. */
  private static final class Gathering implements BiConsumer<FMatrixRMaj, int[]> {

    private final FeatureShards shards;
    private final List<ImageBlock> missing;
    private final ClassMeans means;
    private FMatrixRMaj features;
    private int filled;
    private int kept;

    /**
     * Begins with the first shard.
     *
     * @param missing at least one shard, without a gap between them
     */
    Gathering(FeatureShards shards, List<ImageBlock> missing, ClassMeans means) {
      this.shards = shards;
      this.missing = List.copyOf(missing);
      this.means = means;
      this.features = rowsOf(missing.get(0));
    }

    private FMatrixRMaj rowsOf(ImageBlock shard) {
      return new FMatrixRMaj(shard.images().size(), means.dimension());
    }

    /** A shard holds whole batches, but for the last one of all. */
    @Override
    public void accept(FMatrixRMaj batch, int[] labels) {
      if (filled == features.numRows) {
        features = rowsOf(missing.get(kept));
        filled = 0;
      }
      System.arraycopy(
          batch.data, 0, features.data, filled * features.numCols, batch.getNumElements());
      filled += batch.numRows;
      if (filled == features.numRows) {
        ImageBlock shard = missing.get(kept++);
        means.add(features, shard.labels());
        try {
          shards.put(number(shard), features, shard.labels());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private static SkippedImage damaged(ImageBlock block, ImageFormatException e) {
    int at = 0;
    while (at < block.images().size() - 1 && !block.images().get(at).name().equals(e.file())) {
      at++;
    }
    return new SkippedImage(block.first() + at, e.file(), e.reason());
  }
}
