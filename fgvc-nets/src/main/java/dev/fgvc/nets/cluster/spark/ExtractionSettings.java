package dev.fgvc.nets.cluster.spark;

import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.SkippedImage;
import dev.fgvc.progress.Progress;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Everything that a {@link SparkFeatureExtraction} is told, with the defaults. An extraction
 * changes only copies.
 */
final class ExtractionSettings {

  final JavaSparkContext context;
  BackboneSource backbone;

  /** The length of the backbone's feature vectors. */
  final int dimension;

  SerializableSupplier<ImageTransform> transform;

  /** The most tasks for files; {@link SparkJob#usualPartitions} unless set. */
  OptionalInt partitions = OptionalInt.empty();

  Progress progress = Progress.none();
  DamagedImages damaged = DamagedImages.fail();

  /** Hears which images are left out. */
  Consumer<List<SkippedImage>> skipped = images -> {};

  ExtractionSettings(
      JavaSparkContext context,
      BackboneSource backbone,
      int dimension,
      SerializableSupplier<ImageTransform> transform) {
    this.context = context;
    this.backbone = backbone;
    this.dimension = dimension;
    this.transform = transform;
  }

  /** A copy with one change. */
  ExtractionSettings with(Consumer<ExtractionSettings> change) {
    ExtractionSettings changed = new ExtractionSettings(context, backbone, dimension, transform);
    changed.partitions = partitions;
    changed.progress = progress;
    changed.damaged = damaged;
    changed.skipped = skipped;
    change.accept(changed);
    return changed;
  }
}
