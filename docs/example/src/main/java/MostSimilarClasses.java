import dev.fgvc.data.*;
import dev.fgvc.emd.*;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.engine.*;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.weights.Weights;
import java.nio.file.Path;
import java.util.List;

class MostSimilarClasses {
  public static void main(String[] paths) throws Exception {
    var graph = Architecture.INCEPTION_V3.builder().classes(1000).build();
    var weights = Weights.read(Path.of(paths[0])).transferTo(graph, 1).weights();
    try (Network network = Engine.best().compile(graph, weights)) {
      var extraction = FeatureExtraction.with(network, Resolution.square(299));
      DomainFeatures source = extraction.extract(DatasetFolder.read(Path.of(paths[1])).train());
      DomainFeatures target = extraction.extract(DatasetFolder.read(Path.of(paths[2])).train());
      var table = DomainSimilarity.create().table(List.of(source), List.of(target));
      System.out.println(table.distanceScale()); // the gamma that suits these features
      int[] top = SourceSelection.create().topK(source, target, 10);
      System.out.println(source.select("most similar", top).classNames());
    }
  }
}
