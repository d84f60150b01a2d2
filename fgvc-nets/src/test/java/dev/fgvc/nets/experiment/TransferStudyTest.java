package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.progress.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TransferStudyTest {

  @Test
  void aSubsetWithoutOneOfTheTargetsIsRefusedBeforeAnyTraining() {
    CountingEngine engine = new CountingEngine();
    NetworkChoice network = NetworkChoice.small("small", 1);
    TransferStudy.Settings settings =
        new TransferStudy.Settings(
            network, network, Resolution.square(16), Map.of("birds", 1), Map.of(), List.of(1L));
    Domains domains =
        Domains.of(List.of(domain("cars"), domain("dishes")), List.of(domain("birds")));

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TransferStudy.run(
                    Laboratory.of(engine, TrainingPlan.paper(1, 1, 1), Progress.none()),
                    settings,
                    domains))
        .withMessage("Subset B has no number of classes for the target 'birds'");
    assertThat(engine.trainings).isEmpty();
  }

  private static DatasetSplits domain(String name) {
    Dataset part =
        Dataset.of(name, List.of(name), List.of(new LabeledImage(Path.of(name + ".jpg"), 0)));
    return new DatasetSplits(name, part, part);
  }

  @Test
  void sourcesOfEqualAccuracyHaveNoRankingRatherThanAnUnknownOne() {
    Direction ranking = ranking(1, 1, 1);

    assertThat(ranking.interval().low()).isZero();
    assertThat(ranking.interval().high()).isZero();
    assertThat(ranking.verdict()).isEqualTo(Direction.Verdict.NOT_SHOWN);
  }

  @Test
  void accuracyThatFallsWithTheDistanceIsRankedRight() {
    Direction ranking = ranking(1, 0.7, 0.2);

    assertThat(ranking.interval().low()).isGreaterThan(0.9);
    assertThat(ranking.verdict()).isEqualTo(Direction.Verdict.SHOWN);
  }

  @Test
  void eachWayToLearnIsRankedByItsOwnAccuracies() {
    double[] fineTuned = {1, 0.7, 0.2};
    double[] probed = {0.2, 0.7, 1};

    List<Direction> directions = directions(fineTuned, probed);

    assertThat(directions.get(0).claim()).contains("fine-tuning");
    assertThat(directions.get(0).margin().mean()).isEqualTo(1);
    assertThat(directions.get(1).claim()).contains("linear probe");
    assertThat(directions.get(1).margin().mean()).isEqualTo(-1);
    assertThat(directions.get(1).interval().estimate()).isEqualTo(-1);
  }

  private static Direction ranking(double... accuracies) {
    return directions(accuracies, accuracies).get(0);
  }

  /** The claims on one target and three sources, each farther than the one before. */
  private static List<Direction> directions(double[] fineTuned, double[] probed) {
    List<TransferStudy.Pair> pairs = new ArrayList<>();
    for (int s = 0; s < fineTuned.length; s++) {
      List<Errors> tuned = List.of(EvenErrors.withAccuracy(fineTuned[s]));
      List<Errors> probe = List.of(EvenErrors.withAccuracy(probed[s]));
      Measurement none = new Measurement(List.of(0.0));
      pairs.add(
          new TransferStudy.Pair(
              "source " + s, "target", tuned, probe, probe, s + 1, 1, none, none));
    }
    return new TransferStudy.Result(2, List.of(pairs)).directions();
  }
}
