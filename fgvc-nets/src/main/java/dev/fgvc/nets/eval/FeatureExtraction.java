package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetVerification;
import dev.fgvc.data.VerificationReport;
import dev.fgvc.feature.ClassMeans;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureMemory;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageCheck;
import dev.fgvc.image.ImageDecoding;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.SkippedImage;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.ejml.data.FMatrixRMaj;

/**
 * Represents a domain by the mean penultimate feature of each class (section 4.1). One pass over
 * the images; memory for the class sums and a few batches. Immutable.
 *
 * <p>Photos are turned upright as their EXIF or XMP tells, unless another transform is set: a
 * feature should not depend on how the camera was held, and the features of one photo as stored and
 * upright can lie further apart than two domains. Evaluation and training keep to the authors'
 * programs, which ignore the orientation, so that their numbers can be compared.
 */
public final class FeatureExtraction {

  /** Relative difference up to which features are taken for the same, whatever the machine. */
  private static final double SAME_FEATURES = 1e-2;

  private final Backbone backbone;
  private final ImageTransform transform;
  private final Progress progress;
  private final DamagedImages damaged;
  private final Consumer<VerificationReport> skipped;

  private FeatureExtraction(
      Backbone backbone,
      ImageTransform transform,
      Progress progress,
      DamagedImages damaged,
      Consumer<VerificationReport> skipped) {
    this.backbone = backbone;
    this.transform = transform;
    this.progress = progress;
    this.damaged = damaged;
    this.skipped = skipped;
  }

  /**
   * An extraction with a backbone that knows its own transform, such as one of a foreign model.
   *
   * @param backbone g of the paper; stays the caller's to close
   * @return the extraction, from what its {@link Backbone#transform} makes of each image
   * @throws IllegalArgumentException if the backbone knows none
   */
  public static FeatureExtraction with(Backbone backbone) {
    return with(
        backbone,
        backbone
            .transform()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        backbone
                            + " says nothing of its images: give FeatureExtraction.with a"
                            + " resolution or a transform too")));
  }

  /**
   * An extraction with a given transform, such as that of weights from another library.
   *
   * @param backbone g of the paper; stays the caller's to close
   * @param transform one view of each image, nothing random
   * @return the extraction
   * @throws IllegalArgumentException if the transform makes several views or random choices
   */
  public static FeatureExtraction with(Backbone backbone, ImageTransform transform) {
    return new FeatureExtraction(
            backbone, transform, Progress.none(), DamagedImages.fail(), report -> {})
        .withTransform(transform);
  }

  /**
   * An extraction with a given backbone.
   *
   * @param backbone g of the paper, such as a compiled network; stays the caller's to close
   * @param resolution of the central crops
   * @return the extraction, from upright central crops with pixels from -1 to 1
   */
  public static FeatureExtraction with(Backbone backbone, Resolution resolution) {
    return with(
        backbone, CentralCrop.of(resolution).withDecoding(ImageDecoding.exact().withUpright(true)));
  }

  /**
   * The same from another crop, decoding or normalization, such as {@code
   * normalization.after(CentralCrop.of(resolution))} for weights whose {@link
   * dev.fgvc.nets.weights.Normalization} is not the paper's.
   *
   * @param other one view of each image, nothing random; its {@code toString} tells kept features
   *     of one transform from those of another
   * @return a new extraction
   * @throws IllegalArgumentException if the transform makes several views or random choices
   */
  public FeatureExtraction withTransform(ImageTransform other) {
    KeptFeatures.requireOneView(other);
    return new FeatureExtraction(backbone, other, progress, damaged, skipped);
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of every batch
   * @return a new extraction
   */
  public FeatureExtraction withProgress(Progress listener) {
    return new FeatureExtraction(backbone, transform, listener, damaged, skipped);
  }

  /**
   * The same with or without damaged images, which otherwise end an extraction. Where they may be
   * skipped, {@link DatasetVerification} looks at all images first, at every start, so each file is
   * read and decoded twice; kept features then belong to the images that are left.
   *
   * @param policy whether damaged images are left out, and how many at most
   * @param report hears what is left out and why, before the first batch; not called where all
   *     images are whole
   * @return a new extraction
   */
  public FeatureExtraction withDamagedImages(
      DamagedImages policy, Consumer<VerificationReport> report) {
    return new FeatureExtraction(backbone, transform, progress, policy, report);
  }

  /**
   * The features of a domain.
   *
   * @param dataset its images
   * @return one mean and one count for each class
   * @throws IllegalArgumentException if a class has no image, or the class means are more than the
   *     heap can hold, before the first batch
   * @throws dev.fgvc.image.ImageFormatException if an image is damaged and none may be skipped
   * @throws dev.fgvc.loader.TooManyDamagedImagesException if more are damaged than may be skipped
   */
  public DomainFeatures extract(Dataset dataset) {
    return extractFrom(usable(dataset));
  }

  private DomainFeatures extractFrom(Dataset dataset) {
    requireRoom(dataset);
    ClassMeans means = ClassMeans.ofDimension(backbone.featureDimension());
    run(dataset, 0, means::add);
    return means.toDomain(dataset.name(), dataset.classNames());
  }

  /**
   * The features of a domain, with those of all images kept in a folder. A run that was interrupted
   * resumes after the last whole shard; one that was finished only reads. 4 bytes of disk for each
   * image and feature, memory for one shard of {@value KeptFeatures#SHARD_SIZE} images, or of all
   * where these are fewer.
   *
   * <p>The folder notes what the features are made of: the images ({@link Dataset#contentHash},
   * which reads a part of each file at every start), the transform, and the backbone's {@link
   * Backbone#identity}. Where that is not known, or features are still missing, those of the first
   * images are computed again and compared.
   *
   * @param dataset its images
   * @param folder for the shards of this data set, backbone and resolution alone; made if it is not
   *     there
   * @return one mean and one count for each class; {@link FeatureShards} reads what the folder
   *     holds
   * @throws IOException if the folder cannot be read or written
   * @throws IllegalArgumentException if a class has no image, or class means or a shard are more
   *     than the heap can hold, before the first batch; or if what is in the folder belongs to
   *     other images, also to others of the same names, to another backbone or another resolution,
   *     or to a version that did not note what it was made of
   * @throws dev.fgvc.image.ImageFormatException if an image is damaged and none may be skipped
   * @throws dev.fgvc.loader.TooManyDamagedImagesException if more are damaged than may be skipped
   */
  public DomainFeatures extract(Dataset dataset, Path folder) throws IOException {
    return extractFrom(usable(dataset), folder);
  }

  /** The images that are not damaged, or all where the first damaged one is to be an error. */
  private Dataset usable(Dataset dataset) {
    if (!damaged.mayBeSkipped()) {
      return dataset;
    }
    VerificationReport found;
    try {
      found =
          DatasetVerification.of(dataset)
              .withCheck(ImageCheck.transforming(transform))
              .withProgress(progress)
              .run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    damaged.requireNoMore(
        found.findings().stream()
            .map(image -> new SkippedImage(image.position(), image.path(), image.reason()))
            .toList());
    if (found.isClean()) {
      return dataset;
    }
    skipped.accept(found);
    return found.withoutFindings();
  }

  private DomainFeatures extractFrom(Dataset dataset, Path folder) throws IOException {
    requireRoom(dataset);
    int shard = Math.min(KeptFeatures.SHARD_SIZE, dataset.size());
    FeatureMemory.requireMatrix("a shard of features", shard, backbone.featureDimension());
    FeatureShards shards = FeatureShards.in(folder, backbone.featureDimension());
    shards.requireOrigin(origin(dataset));
    ClassMeans means = ClassMeans.ofDimension(shards.dimension());
    shards.forEach(means::add);
    int first = Math.toIntExact(shards.imageCount());
    requireSameImages(dataset, shards, folder);
    if (first > 0 && (first < dataset.size() || backbone.identity().isEmpty())) {
      requireSameFeatures(dataset, shards, folder);
    }
    ShardBuffer buffer = new ShardBuffer(shards, shard);
    try {
      run(
          dataset,
          first,
          (features, labels) -> {
            means.add(features, labels);
            buffer.add(features, labels);
          });
      buffer.flush();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return means.toDomain(dataset.name(), dataset.classNames());
  }

  private void requireRoom(Dataset dataset) {
    dataset.requireImagesInEachClass();
    FeatureMemory.requireClassMeans(
        "class means of " + dataset.name(), dataset.classCount(), backbone.featureDimension());
  }

  private Map<String, String> origin(Dataset dataset) {
    Map<String, String> origin = KeptFeatures.origin(dataset, transform);
    backbone.identity().ifPresent(identity -> origin.put("backbone", identity));
    return origin;
  }

  private void run(Dataset dataset, int first, BiConsumer<FMatrixRMaj, int[]> consumer) {
    BatchedInference.run(
        "features of " + dataset.name(),
        dataset,
        List.of(transform),
        first,
        progress,
        images -> backbone.features(images.get(0)),
        consumer);
  }

  private static void requireSameImages(Dataset dataset, FeatureShards shards, Path folder)
      throws IOException {
    int[] kept = shards.labels();
    boolean whole = kept.length == dataset.size() || kept.length % BatchedInference.BATCH_SIZE == 0;
    if (kept.length > dataset.size()
        || !whole
        || !Arrays.equals(kept, Arrays.copyOf(dataset.labels(), kept.length))) {
      throw new IllegalArgumentException(
          folder + " holds features of images other than " + dataset + ": choose an empty folder");
    }
  }

  /** Computes the first few images again. */
  private void requireSameFeatures(Dataset dataset, FeatureShards shards, Path folder)
      throws IOException {
    int some = Math.min(dataset.size(), Math.toIntExact(shards.imageCount()));
    some = Math.min(some, BatchedInference.BATCH_SIZE);
    Dataset start =
        Dataset.of(dataset.name(), dataset.classNames(), dataset.images().subList(0, some));
    FMatrixRMaj kept = shards.firstFeatures(some);
    BatchedInference.run(
        "checking " + folder,
        start,
        List.of(transform),
        Progress.none(),
        images -> backbone.features(images.get(0)),
        (features, labels) -> {
          double difference = 0;
          double length = 0;
          for (int i = 0; i < features.getNumElements(); i++) {
            difference += Math.pow(features.data[i] - kept.data[i], 2);
            length += Math.pow(features.data[i], 2);
          }
          if (difference > SAME_FEATURES * SAME_FEATURES * length) {
            throw new IllegalArgumentException(
                folder
                    + " holds features of another backbone, resolution or order of images than "
                    + dataset
                    + " has: choose an empty folder");
          }
        });
  }
}
