package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.eval.Errors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferStudyTest {

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

  /** The first claim, on one target and three sources, each farther than the one before. */
  private static Direction ranking(double... accuracies) {
    List<TransferStudy.Pair> pairs = new ArrayList<>();
    for (double accuracy : accuracies) {
      List<Errors> errors = List.of(EvenErrors.withAccuracy(accuracy));
      Measurement none = new Measurement(List.of(0.0));
      double emd = pairs.size() + 1;
      pairs.add(
          new TransferStudy.Pair(
              "source " + pairs.size(), "target", errors, errors, errors, emd, 1, none, none));
    }
    return new TransferStudy.Result(2, List.of(pairs)).directions().get(0);
  }
}
