package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadStudyTest {

  private static final NetworkChoice PLAIN = NetworkChoice.small("small", 0.25);
  private static final NetworkChoice BILINEAR = PLAIN.withHead("B-CNN", Head.bilinear());
  private static final NetworkChoice REDUCED =
      PLAIN.withHead("CBP", Head.compactBilinear(32, 1).reducedTo(8));

  @TempDir private Path folder;

  private static Recipe recipe() {
    return new Recipe(
        2,
        4,
        LearningRate.constant(1e-3),
        TrainingOptions.paper().toBuilder().optimizer(Optimizer.AdamW.withDefaults()).build());
  }

  private static HeadStudy.Settings settings(NetworkChoice... heads) {
    return new HeadStudy.Settings(
        PLAIN, List.of(heads), recipe(), recipe(), Resolution.square(16), List.of(1L));
  }

  private static Laboratory laboratory() {
    TrainingPlan plan =
        TrainingPlan.builder(recipe(), recipe(), recipe()).batchNormDecay(0.8).build();
    return Laboratory.of(Engine.torch(), plan, Progress.none());
  }

  private HeadStudy.Result run(Laboratory laboratory, HeadStudy.Settings settings)
      throws IOException {
    Map<String, DatasetSplits> drawn =
        FieldGuide.builder()
            .families(Family.BIRDS, Family.LEAVES)
            .speciesPerFamily(2)
            .maximumImages(6)
            .minimumImages(6)
            .target("cars", Family.CARS, 2, 4, 3)
            .target("fish", Family.FISH, 2, 4, 3)
            .pixels(24)
            .build()
            .write(Files.createTempDirectory(folder, "guide").resolve("guide"), Progress.none());
    Dataset all = drawn.get(FieldGuide.SOURCE).train();
    return HeadStudy.run(
        laboratory,
        settings,
        all,
        all.selectClasses("birds", new int[] {0, 1}),
        List.of(drawn.get("cars"), drawn.get("fish")));
  }

  @Test
  void eachMethodIsARowAndEachTargetAColumn() throws IOException {
    ResultTable table = run(laboratory(), settings(BILINEAR, REDUCED)).table8();

    assertThat(table.rows())
        .extracting(ResultTable.Row::label)
        .containsExactly(
            "small from source",
            "B-CNN from source",
            "CBP from source",
            "small from birds",
            "B-CNN from birds",
            "CBP from birds");
    assertThat(table.columns())
        .extracting(ResultTable.Column::name)
        .containsExactly("cars", "fish");
  }

  @Test
  void onlyTheSecondStageMovesTheLayersBelowTheHead() throws IOException {
    Path kept = folder.resolve("kept");

    run(laboratory().withFolder(kept), settings(REDUCED));

    List<String> convolutions = new ArrayList<>();
    Set<String> reductions = new HashSet<>();
    try (Stream<Path> files = Files.walk(kept)) {
      for (Path file :
          files.filter(each -> each.endsWith("weights.safetensors")).sorted().toList()) {
        Weights weights = Weights.read(file);
        convolutions.add(
            Weights.of(Map.of("conv1", weights.tensor("small/conv1/weights"))).sha256());
        if (weights.names().contains("small/reduction/weights")) {
          reductions.add(
              Weights.of(Map.of("reduction", weights.tensor("small/reduction/weights"))).sha256());
        }
      }
    }
    // Two pre-trained, and for each source and target one plain, one after each stage.
    assertThat(convolutions).hasSize(2 + 2 * 2 * 3);
    // The first stages have those of the two pre-trained networks.
    assertThat(Set.copyOf(convolutions)).hasSize(2 + 2 * 2 * 2);
    assertThat(reductions).hasSize(2 * 2 * 2);
  }

  @Test
  void aRehearsalCountsBothStages() throws IOException {
    Laboratory rehearsal = laboratory().rehearsal();
    run(rehearsal, settings(BILINEAR, REDUCED));

    assertThat(rehearsal.cost().trainings()).isEqualTo(2 + 2 * 2 * (1 + 2 * 2));
  }

  @Test
  void theClaimIsThatOfTheSelectedSourceWithoutAnotherHead() {
    List<Direction> directions =
        new HeadStudy.Result(
                List.of("birds"),
                List.of(
                    method("ImageNet", PLAIN, 0.5),
                    method("ImageNet", BILINEAR, 0.9),
                    method("ImageNet", REDUCED, 0.1),
                    method("Subset B", PLAIN, 0.6),
                    method("Subset B", BILINEAR, 0),
                    method("Subset B", REDUCED, 1)))
            .directions();

    assertThat(directions)
        .extracting(Direction::claim)
        .containsExactly(
            "small from Subset B does better than B-CNN from ImageNet",
            "small from Subset B does better than CBP from ImageNet");
    assertThat(directions)
        .extracting(Direction::verdict)
        .containsExactly(Direction.Verdict.CONTRADICTED, Direction.Verdict.SHOWN);
    assertThat(directions.get(1).margin().mean()).isEqualTo(0.5);
  }

  private static HeadStudy.Method method(String source, NetworkChoice network, double accuracy) {
    return new HeadStudy.Method(
        source, network, List.of(List.of(EvenErrors.withAccuracy(accuracy))));
  }

  @Test
  void refusesHeadsOnAnotherNetworkAndNoTargets() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(NetworkChoice.small("wide", 2)))
        .withMessage(
            "wide is six convolutions, width x 2.0, but small is six convolutions, width x 0.25:"
                + " heads are compared on one network");
    Dataset none = Dataset.of("none", List.of("class"), List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadStudy.run(laboratory(), settings(BILINEAR), none, none, List.of()))
        .withMessage("no targets: at least one is needed");
  }
}
