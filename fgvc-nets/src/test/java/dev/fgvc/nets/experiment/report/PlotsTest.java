package dev.fgvc.nets.experiment.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.metric.Interval;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.TransferStudy;
import dev.fgvc.testing.DefaultLocale;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class PlotsTest {

  private static final Measurement NO_NUMBER = new Measurement(List.of(0.2, Double.NaN));
  private static final Measurement INFINITE =
      new Measurement(List.of(0.2, Double.POSITIVE_INFINITY));
  private static final Measurement USUAL = new Measurement(List.of(0.2, 0.3));

  private static final ResultTable TABLE =
      new ResultTable(
          "t",
          "errors",
          "",
          List.of(Column.percent("224"), Column.percent("299")),
          List.of(ResultTable.Row.of("a", USUAL, USUAL), ResultTable.Row.of("b", USUAL, USUAL)));

  private static final Pattern LABEL =
      Pattern.compile("<text class=\"(x|y)-label\"[^>]*>([^<]+)</text>");

  private static final Pattern WHISKER =
      Pattern.compile(
          "class=\"whisker[^\"]*\" d=\"M[-0-9.]+ ([-0-9.]+) h10 M[-0-9.]+ [-0-9.]+ V([-0-9.]+) ");

  private static final Pattern BAR =
      Pattern.compile("<rect class=\"fill c\\d\" x=\"[-0-9.]+\" y=\"([-0-9.]+)\"");

  private static long textsLeftOfTheAxis(String svg) {
    return Pattern.compile("class=\"tick\" text-anchor=\"end\"").matcher(svg).results().count();
  }

  private static List<String> plots() {
    return List.of(
        Plots.frequencies(List.of(24, 80, 40), List.of(24, 30, 28)),
        Plots.bars(TABLE, "network", "error (%)"),
        Plots.lines(TABLE, "side", "error (%)"),
        Plots.accuracyAgainstSimilarity(List.of(List.of(pair(true), pair(false)))));
  }

  @Test
  void everyAxisOfEveryPlotHasALabel() {
    for (String plot : plots()) {
      assertThat(LABEL.matcher(plot).results().map(label -> label.group(1)))
          .containsExactlyInAnyOrder("x", "y");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Plots.bars(TABLE, "network", " "))
        .withMessageContaining("it needs a label");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Report.Bars("b", "caption", TABLE, "", "error (%)"))
        .withMessageContaining("both axes of the bars b need labels");
  }

  @Test
  void everyPlotHasColoursForDarkPages() {
    assertThat(plots()).allMatch(plot -> plot.contains("@media (prefers-color-scheme: dark)"));
  }

  @Test
  void whiskersEndWhereTheIntervalEnds() {
    Cell cell = Cell.of(USUAL, new Interval(0.2, 0.1, 0.4, 0.95));
    ResultTable one =
        new ResultTable(
            "t",
            "",
            "",
            List.of(Column.percent("error")),
            List.of(new ResultTable.Row("a", List.of(cell))));

    String svg = Plots.bars(one, "network", "error (%)");

    // The axis is 320 high, from 0 to 40 per cent, and ends at 336.
    MatchResult whisker = WHISKER.matcher(svg).results().findFirst().orElseThrow();
    assertThat(List.of(whisker.group(1), whisker.group(2))).containsExactly("16.0", "256.0");
    assertThat(BAR.matcher(svg).results().map(bar -> bar.group(1))).containsExactly("176.0");
    assertThat(WHISKER.matcher(Plots.bars(TABLE, "network", "error (%)")).results()).isEmpty();
  }

  @Test
  void anAxisOfOneValueHasARange() {
    assertThat(Axis.linear("error", DoubleStream.of(7)).ticks()).hasSizeBetween(3, 8);
    assertThat(Axis.linear("error", DoubleStream.of(0)).ticks()).hasSizeBetween(3, 8);
    assertThat(Axis.linear("error", DoubleStream.empty()).high()).isEqualTo(1);
    assertThat(Axis.logarithmic("images", DoubleStream.of(20)).ticks()).isNotEmpty();
    assertThat(Axis.linear("error", DoubleStream.of(0.612, 0.6231)).ticks())
        .extracting(Axis.Tick::name)
        .containsExactly("0.610", "0.615", "0.620", "0.625");
    assertThat(Axis.linear("images", DoubleStream.of(0, 4100)).ticks())
        .extracting(Axis.Tick::name)
        .containsExactly("0", "1000", "2000", "3000", "4000", "5000");
  }

  @Test
  void aFrequencyPlotWithoutAPowerOfTenHasNumbersAll() {
    String narrow = Plots.frequencies(List.of(24, 80, 40), List.of(24, 30, 28));
    String wide = Plots.frequencies(List.of(3, 9000), List.of(3, 40));

    // Labels 30, 40, 50, 60, 70, 80 or, of 3 to 9000, 5, 10, 20 to 5000.
    assertThat(textsLeftOfTheAxis(narrow)).isEqualTo(6);
    assertThat(textsLeftOfTheAxis(wide)).isEqualTo(10);
  }

  @Test
  void longAxesHaveFewLabels() {
    assertThat(DoubleStream.of(24, 30, 40, 80, 100).mapToObj(n -> Axis.tickLabel(n, true)))
        .containsExactly("24", "30", "40", "80", "100");
    assertThat(
            DoubleStream.of(9, 10, 19.999999999999996, 30, 50, 2e6, 0.05, 0.06)
                .mapToObj(n -> Axis.tickLabel(n, false)))
        .containsExactly("", "10", "20", "", "50", "2000000", "0.05", "");
  }

  @Test
  void aClassWithoutImagesIsLeftOutOfTheLogarithmicAxis() {
    assertThat(Plots.frequencies(List.of(80, 24, 0), List.of(20, 0, 0)))
        .isNotEqualTo(Plots.frequencies(List.of(80, 24), List.of(20, 20)))
        .contains("<path")
        .doesNotContain("NaN");
  }

  @Test
  void whatIsNoNumberIsLeftOutOfEveryPlot() {
    ResultTable table =
        new ResultTable(
            "t",
            "a run has failed",
            "",
            List.of(Column.percent("224"), Column.percent("299")),
            List.of(
                ResultTable.Row.of("a", USUAL, NO_NUMBER),
                ResultTable.Row.of("b", INFINITE, USUAL)));
    List<Supplier<String>> plots =
        List.of(
            () -> Plots.bars(table, "network", "error"),
            () -> Plots.lines(table, "side", "error"),
            () -> Plots.accuracyAgainstSimilarity(List.of(List.of(pair(true), pair(false)))));

    for (Supplier<String> plot : plots) {
      assertThat(plot.get()).contains("class=\"fill c0\"").doesNotContain("NaN", "Infinity");
    }
  }

  private static TransferStudy.Pair pair(boolean known) {
    // Errors over no image are no number.
    List<Errors> runs = known ? List.of(errors(0, 0), errors(0, 1)) : List.of(errors(), errors());
    return new TransferStudy.Pair(
        "source " + known, "target", runs, runs, runs, 20, known ? 0.8 : 0.7, USUAL, USUAL);
  }

  /** Images that are all taken for class 0. */
  private static Errors errors(int... labels) {
    double[] scores = new double[2 * labels.length];
    for (int i = 0; i < labels.length; i++) {
      scores[2 * i] = 1;
    }
    return new Errors(Outcomes.of(scores, labels, 2));
  }

  @Test
  void drawsTheSameInEveryLocale() throws Exception {
    for (Supplier<String> plot :
        List.<Supplier<String>>of(
            () -> Plots.frequencies(List.of(2400, 80), List.of(24, 30)),
            () -> Plots.bars(TABLE, "network", "error"),
            () -> Plots.lines(TABLE, "side", "error"))) {
      String drawn = plot.get();
      for (String tag : List.of("ar-EG", "bn", "de-CH")) {
        assertThat(DefaultLocale.during(Locale.forLanguageTag(tag), plot::get))
            .as(tag)
            .isEqualTo(drawn);
      }
    }
  }
}
