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
          new PlacedBatches(lease, transform.get(), size, SparkJob::requireRunning);
      ClassMeans means = ClassMeans.ofDimension(lease.backbone().featureDimension());
      long images = 0;
      while (blocks.hasNext()) {
        ImageBlock block = ImageBlock.fromBytes(blocks.next());
        for (ImageBlock shard : block.split(KeptFeatures.SHARD_SIZE)) {
          try {
            if (folder.isEmpty()) {
              compute(batches, shard, means::add);
            } else {
              keep(batches, shard, means);
            }
          } catch (ImageFormatException e) {
            return new Outcome(images, means, List.of(damaged(shard, e))).toBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          images += shard.images().size();
        }
      }
      return new Outcome(images, means, List.of()).toBytes();
    }
  }

  private static void compute(
      PlacedBatches batches, ImageBlock block, BiConsumer<FMatrixRMaj, int[]> consumer) {
    batches.run(block.first(), block.images().iterator(), consumer);
  }

  /** A block is a shard, so that any executor may write it, and two the same one. */
  private void keep(PlacedBatches batches, ImageBlock block, ClassMeans means) throws IOException {
    FeatureShards shards = FeatureShards.shared(Path.of(folder), means.dimension());
    int shard = block.first() / KeptFeatures.SHARD_SIZE;
    int[] labels = block.labels();
    boolean kept =
        shards.read(
            shard,
            (features, found) -> {
              if (!Arrays.equals(found, labels)) {
                throw new ClusterException(
                    "shard "
                        + shard
                        + " in "
                        + folder
                        + " is of other images than the data set's: choose an empty folder");
              }
              means.add(features, found);
            });
    if (!kept) {
      FMatrixRMaj all = new FMatrixRMaj(labels.length, means.dimension());
      int[] filled = {0};
      compute(
          batches,
          block,
          (features, some) -> {
            int length = features.getNumElements();
            System.arraycopy(features.data, 0, all.data, filled[0], length);
            filled[0] += length;
          });
      means.add(all, labels);
      shards.put(shard, all, labels);
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
