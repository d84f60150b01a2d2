package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.metric.Interval;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.Direction.Verdict;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import dev.fgvc.testing.InOtherLocales;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@InOtherLocales
class MeasurementTest {

  @Test
  void meanAndSampleDeviationOverTheSeeds() {
    Measurement measured = seeds(0.1, 0.2, 0.6);

    assertThat(measured.mean()).isCloseTo(0.3, within(1e-12));
    assertThat(measured.spread()).isCloseTo(Math.sqrt(0.07), within(1e-12));
    assertThat(measured.format(100, 1)).isEqualTo("30.0 ± 26.5");
    assertThat(seeds(0.5).spread()).isZero();
    assertThat(seeds(0.5).format(1, 3)).isEqualTo("0.500");
  }

  @Test
  void differencesAreTakenSeedBySeed() {
    Measurement difference = seeds(0.5, 0.7, 0.3).minus(seeds(0.4, 0.6, 0.2));

    assertThat(difference.mean()).isCloseTo(0.1, within(1e-12));
    assertThat(difference.spread()).isCloseTo(0, within(1e-12));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> seeds(1, 2).minus(seeds(1)))
        .withMessageContaining("2 and 1 seeds");
  }

  @Test
  void theIntervalDecidesWhatBecomesOfAClaim() {
    assertThat(direction(0.05, 0.01, 0.09, 0).verdict()).isEqualTo(Verdict.SHOWN);
    assertThat(direction(0.05, -0.01, 0.11, 0).verdict()).isEqualTo(Verdict.NOT_SHOWN);
    assertThat(direction(-0.05, -0.09, -0.01, 0).verdict()).isEqualTo(Verdict.CONTRADICTED);
    assertThat(direction(0, 0, 0, 0).verdict()).isEqualTo(Verdict.NOT_SHOWN);
    assertThat(direction(0, Double.NaN, Double.NaN, 0).verdict()).isEqualTo(Verdict.NOT_SHOWN);
    assertThat(direction(-0.005, -0.015, 0.01, -0.02).verdict()).isEqualTo(Verdict.SHOWN);
    assertThat(direction(-0.05, -0.09, -0.03, -0.02).verdict()).isEqualTo(Verdict.CONTRADICTED);
    assertThat(direction(0.05, Double.NaN, Double.NaN, 0).intervalText())
        .isEqualTo("+5.0 [unknown]");
    assertThat(direction(0.05, 0.01, 0.09, 0))
        .hasToString("shown: up (margin +5.0 [1.0, 9.0], 95 % interval)");
  }

  private static Direction direction(double estimate, double low, double high, double least) {
    return new Direction(
        "up",
        seeds(estimate),
        new Interval(estimate, low, high, 0.95),
        least,
        ResultTable.Unit.PERCENT);
  }

  @Test
  void pairsOfErrorsAreComparedImageByImage() {
    // Three classes of 20 images; afterwards class 0 is right, before it was wrong.
    List<Errors> before = List.of(errors(1, 2), errors(1, 2));
    List<Errors> after = List.of(errors(0, 1, 2), errors(0, 1, 2));
    PairedErrors pairs = new PairedErrors(before, after);

    Direction all = pairs.lowers("all", 1);
    assertThat(all.margin().mean()).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(all.interval().estimate()).isCloseTo(1 / 3.0, within(1e-12));
    // Two of three classes are drawn: either none, one or both are class 0.
    assertThat(all.interval().low()).isZero();
    assertThat(all.interval().high()).isEqualTo(1);
    assertThat(pairs.lowersFor("class 0", label -> label == 0).verdict()).isEqualTo(Verdict.SHOWN);
    assertThat(pairs.lowersFor("others", label -> label > 0).verdict())
        .isEqualTo(Verdict.NOT_SHOWN);
    assertThat(pairs.lowersFor("none", label -> label > 2).verdict()).isEqualTo(Verdict.NOT_SHOWN);
    Direction more = pairs.lowersMoreFor("class 0", label -> label == 0);
    assertThat(more.verdict()).isEqualTo(Verdict.SHOWN);
    assertThat(more.interval().estimate()).isEqualTo(1);
    assertThat(pairs.lowersMoreFor("others", label -> label > 0).verdict())
        .isEqualTo(Verdict.CONTRADICTED);
  }

  /** Images of three classes, right for some of them. */
  private static Errors errors(int... right) {
    int[] labels = IntStream.range(0, 60).map(i -> i % 3).toArray();
    double[] scores = new double[180];
    for (int i = 0; i < 60; i++) {
      int label = labels[i];
      boolean isRight = Arrays.stream(right).anyMatch(c -> c == label);
      scores[i * 3 + (isRight ? label : (label + 1) % 3)] = 1;
    }
    return new Errors(Outcomes.of(scores, labels, 3));
  }

  @Test
  void tablesPrintGroupsGainsAndBlanks() {
    ResultTable table =
        new ResultTable(
            "t",
            "A table",
            "Network",
            List.of(Column.percent("before", "Top-1"), Column.number("EMD")),
            List.of(
                new Row(
                    "a",
                    List.of(
                        Cell.of(seeds(0.25), new Interval(0.25, 0.2, 0.311, 0.95))
                            .withGain(new Interval(0.031, -0.01, 0.07, 0.95)),
                        Cell.of(seeds(1.5)))),
                new Row("b", List.of(Cell.blank(), Cell.of(seeds(2))))));

    assertThat(table.toString().lines())
        .containsExactly(
            "A table",
            "                                         before",
            "  Network                                 Top-1    EMD",
            "  a        25.0 [20.0, 31.1] (+3.1 [-1.0, 7.0])  1.500",
            "  b                                           -  2.000");
  }

  @Test
  void errorsStandInTablesWithTheirIntervals() {
    List<Errors> runs = List.of(errors(1, 2), errors(0, 1, 2));

    Cell error = Cell.error(runs, 1);
    assertThat(error.value().orElseThrow().values()).containsExactly(20 / 60.0, 0.0);
    assertThat(error.interval().orElseThrow().estimate()).isCloseTo(1 / 6.0, within(1e-12));
    assertThat(error.interval().orElseThrow().low()).isZero();
    assertThat(Cell.accuracy(runs).interval().orElseThrow().high()).isEqualTo(1);
    assertThat(Cell.accuracy(runs).text(ResultTable.Unit.PERCENT)).isEqualTo("83.3 [0.0, 100.0]");
    // Nothing is known of classes that have no images, and no interval is invented.
    Cell nothing = ErrorIntervals.error(runs, 1, label -> label > 2);
    assertThat(nothing.interval()).isEmpty();
    assertThat(nothing.value().orElseThrow().mean()).isNaN();
  }

  @Test
  void refusesRowsOfAnotherLength() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ResultTable(
                    "t", "", "", List.of(Column.percent("x")), List.of(Row.of("short"))))
        .withMessageContaining("'short' of t has 0 cells for 1 columns");
    assertThatIllegalArgumentException().isThrownBy(() -> new Measurement(List.of()));
  }

  private static Measurement seeds(double... values) {
    return new Measurement(Arrays.stream(values).boxed().toList());
  }
}
