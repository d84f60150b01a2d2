package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.feature.ClassMeans;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.progress.Progress;

/**
 * Represents a domain by the mean penultimate feature of each class (section 4.1). One pass over
 * the images; memory for the class sums and a few batches.
 */
public final class FeatureExtraction {

  private final Backbone backbone;
  private final Resolution resolution;
  private final Progress progress;

  private FeatureExtraction(Backbone backbone, Resolution resolution, Progress progress) {
    this.backbone = backbone;
    this.resolution = resolution;
    this.progress = progress;
  }

  /**
   * An extraction with a given backbone.
   *
   * @param backbone g of the paper, such as a compiled network; stays the caller's to close
   * @param resolution of the central crops
   * @return the extraction
   */
  public static FeatureExtraction with(Backbone backbone, Resolution resolution) {
    return new FeatureExtraction(backbone, resolution, Progress.none());
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of every batch
   * @return a new extraction
   */
  public FeatureExtraction withProgress(Progress listener) {
    return new FeatureExtraction(backbone, resolution, listener);
  }

  /**
   * The features of a domain.
   *
   * @param dataset its images
   * @return one mean and one count for each class
   */
  public DomainFeatures extract(Dataset dataset) {
    ClassMeans means = ClassMeans.ofDimension(backbone.featureDimension());
    BatchedInference.run(
        "features of " + dataset.name(),
        dataset,
        resolution,
        progress,
        backbone::features,
        means::add);
    return means.toDomain(dataset.name(), dataset.classNames());
  }
}
