package dev.fgvc.benchmarks.peers;

import dev.fgvc.benchmarks.Settings;
import dev.fgvc.data.DatasetFolder;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.Similarity;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.weights.ImportedNetwork;
import dev.fgvc.nets.weights.WeightsImport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * All from files to the similarity of two domains, as a user's program does it once: nothing is
 * prepared, so that what a process needs to start counts.
 *
 * @param weights a state dictionary of timm's Inception-v3
 * @param source a folder with class folders and train.txt
 * @param target likewise
 * @param resolution of the images that the network sees
 */
record WholeJob(Path weights, Path source, Path target, Resolution resolution) implements Work {

  static Work of(Settings settings) {
    return new WholeJob(
        settings.path("weights"),
        settings.path("source"),
        settings.path("target"),
        Resolution.square(settings.number("side")));
  }

  /** The Earth Mover's Distance and the similarity. */
  @Override
  public double[] run() {
    Engine.startLoading();
    try {
      ImportedNetwork imported = WeightsImport.pytorch(weights).network(Architecture.INCEPTION_V3);
      try (Network network = Engine.torch().compile(imported.graph(), imported.weights())) {
        return compare(network);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All but the network, which is whatever turns images into features. */
  double[] compare(Backbone backbone) throws IOException {
    Similarity similarity =
        DomainSimilarity.create().between(features(backbone, source), features(backbone, target));
    return new double[] {similarity.emd(), similarity.similarity()};
  }

  private DomainFeatures features(Backbone backbone, Path folder) throws IOException {
    return FeatureExtraction.with(backbone, resolution).extract(DatasetFolder.read(folder).train());
  }
}
