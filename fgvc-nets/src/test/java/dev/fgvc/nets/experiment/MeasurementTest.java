package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.nets.experiment.Direction.Demand;
import dev.fgvc.nets.experiment.Direction.Verdict;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import dev.fgvc.testing.InOtherLocales;
import java.util.Arrays;
import java.util.List;
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
  void aDirectionHoldsOnlyBeyondTheSpread() {
    Measurement clear = seeds(0.04, 0.05, 0.06);
    Measurement unclear = seeds(-0.04, 0.01, 0.06);
    Measurement against = seeds(-0.04, -0.05, -0.06);

    assertThat(verdict(clear, Demand.ABOVE_THE_SPREAD)).isEqualTo(Verdict.HOLDS);
    assertThat(verdict(unclear, Demand.ABOVE_THE_SPREAD)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(against, Demand.ABOVE_THE_SPREAD)).isEqualTo(Verdict.CONTRADICTED);
    assertThat(verdict(seeds(0), Demand.ABOVE_THE_SPREAD)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(unclear, Demand.NOT_WORSE_THAN_THE_SPREAD)).isEqualTo(Verdict.HOLDS);
    assertThat(verdict(against, Demand.NOT_WORSE_THAN_THE_SPREAD)).isEqualTo(Verdict.CONTRADICTED);
    assertThat(new Direction("up", clear, Demand.ABOVE_THE_SPREAD))
        .hasToString("holds: up (margin 5.0 ± 1.0)");
  }

  private static Verdict verdict(Measurement margin, Demand demand) {
    return new Direction("x", margin, demand).verdict();
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
                new Row("a", List.of(Cell.of(seeds(0.25), seeds(0.031)), Cell.of(seeds(1.5)))),
                new Row("b", List.of(Cell.blank(), Cell.of(seeds(2))))));

    assertThat(table.toString().lines())
        .containsExactly(
            "A table",
            "                before",
            "  Network        Top-1    EMD",
            "  a        25.0 (+3.1)  1.500",
            "  b                  -  2.000");
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
