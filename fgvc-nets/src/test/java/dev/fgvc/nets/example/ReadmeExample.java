package dev.fgvc.nets.example;

import dev.fgvc.data.DatasetFolder;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.Similarity;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.file.Path;

/** The code of the README, compiled; a test keeps the two equal. */
final class ReadmeExample {

  private ReadmeExample() {}

  static int[] mostSimilarClasses(Path birds, Path cars, Path weightsFile) throws IOException {
    // README: begin
    DatasetSplits source = DatasetFolder.read(cars);
    DatasetSplits target = DatasetFolder.read(birds);
    NetworkGraph graph = Architecture.INCEPTION_V3.builder().classes(10).build();
    Weights weights = Weights.read(weightsFile).transferTo(graph, 1).weights();
    try (Network network = Engine.best().compile(graph, weights)) {
      var extraction = FeatureExtraction.with(network, Resolution.square(299));
      DomainFeatures s = extraction.extract(source.train());
      DomainFeatures t = extraction.extract(target.train());
      Similarity similarity = DomainSimilarity.create().between(s, t);
      System.out.println(similarity.emd() + ", gap " + similarity.plan().relativeGap());
      return SourceSelection.create().topK(s, t, 10); // the most similar classes of the source
    }
    // README: end
  }
}
