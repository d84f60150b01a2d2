package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrozenTransferStudyTest {

  @TempDir private Path folder;

  @Test
  void comparesAllPairsAndSelectedWithRandomClasses() throws IOException {
    Map<String, DatasetSplits> guide =
        FieldGuide.builder()
            .families(Family.BIRDS)
            .speciesPerFamily(3)
            .maximumImages(6)
            .minimumImages(6)
            .target("beetles", Family.BEETLES, 3, 6, 4)
            .target("cars", Family.CARS, 3, 6, 4)
            .pixels(48)
            .variation(0)
            .build()
            .write(folder.resolve("guide"), Progress.none());
    List<DatasetSplits> domains = List.copyOf(guide.values());
    NetworkGraph graph = SmallNetwork.of(2, 0.5, SmallNetwork.BATCH_NORM_DECAY, Head.average());
    try (Network network = Engine.best().compile(graph, Weights.initialize(graph, 1))) {
      List<String> reports = new ArrayList<>();
      FrozenTransferStudy.Result result =
          FrozenTransferStudy.run(
              network,
              Resolution.square(32),
              domains,
              1,
              (task, done, total, note) -> reports.add(task + " " + done + "/" + total));

      assertThat(result.tables())
          .extracting(ResultTable::id)
          .containsExactly("domain-pairs", "selected-and-random");
      // Each of three targets by all features and by two sources.
      assertThat(result.tables().get(0).rows()).hasSize(9);
      // Of six classes, five can be selected.
      assertThat(result.tables().get(1).rows()).hasSize(3);
      assertThat(result.directions()).hasSize(2);
      assertThat(result.directions().get(0).margin().values()).hasSize(10);
      assertThat(result.directions().get(0).claim())
          .startsWith("5 selected classes do better than 5 random ones");
      // 3 x (6 + 5), 3 x (6 + 4) and 3 x (6 + 4) images; for each target its own features, two
      // sources, five selected classes and ten times five random ones.
      assertThat(reports)
          .startsWith("features of images 0/93")
          .containsSubsequence("features of images 93/93", "sources judged 0/42")
          .endsWith("sources judged 42/42");
      assertThat(
              FrozenTransferStudy.run(network, Resolution.square(32), domains, 1, Progress.none()))
          .isEqualTo(result);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  FrozenTransferStudy.run(
                      network, Resolution.square(32), domains.subList(0, 2), 1, Progress.none()))
          .withMessageContaining("2 domains");
    }
  }
}
