package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.feature.ClassMeans;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.progress.Progress;

/**
 * Represents a domain by the mean penultimate feature of each class (section 4.1). One pass over
 * the images; memory for the class sums and a few batches.
 */
public final class FeatureExtraction {

  private final Network network;
  private final Resolution resolution;
  private final Progress progress;

  private FeatureExtraction(Network network, Resolution resolution, Progress progress) {
    this.network = network;
    this.resolution = resolution;
    this.progress = progress;
  }

  /**
   * An extraction with a given network.
   *
   * @param network g of the paper; stays the caller's to close
   * @param resolution of the central crops
   * @return the extraction
   */
  public static FeatureExtraction with(Network network, Resolution resolution) {
    return new FeatureExtraction(network, resolution, Progress.none());
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of every batch
   * @return a new extraction
   */
  public FeatureExtraction withProgress(Progress listener) {
    return new FeatureExtraction(network, resolution, listener);
  }

  /**
   * The features of a domain.
   *
   * @param dataset its images
   * @return one mean and one count for each class
   */
  public DomainFeatures extract(Dataset dataset) {
    ClassMeans means = ClassMeans.ofDimension(network.graph().featureDimension());
    BatchedInference.run(
        "features of " + dataset.name(),
        dataset,
        resolution,
        progress,
        network::features,
        means::add);
    return means.toDomain(dataset.name(), dataset.classNames());
  }
}
