package dev.fgvc.nets.experiment.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
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

  /** A text is drawn as a group with the outlines of its letters. */
  private static final Pattern TEXT =
      Pattern.compile("<g transform=\"translate\\(([-0-9.]+) [-0-9.]+\\)\">\\s*<path d=\"[^\"]");

  private static long textsLeftOfTheAxis(String svg) {
    Pattern plot = Pattern.compile("<clipPath id=\"[^\"]*\">\\s*<rect [^>]*\\bx=\"([0-9.]+)\"");
    double axis =
        plot.matcher(svg).results().mapToDouble(PlotsTest::number).findFirst().orElseThrow();
    return TEXT.matcher(svg).results().mapToDouble(PlotsTest::number).filter(x -> x < axis).count();
  }

  private static double number(MatchResult match) {
    return Double.parseDouble(match.group(1));
  }

  @Test
  void aFrequencyPlotWithoutAPowerOfTenHasNumbersAll() {
    String narrow = Plots.frequencies(List.of(24, 80, 40), List.of(24, 30, 28));
    String wide = Plots.frequencies(List.of(3, 9000), List.of(3, 40));

    // The axis's title, and labels 30, 40, 50, 60, 70, 80 or, of 3 to 9000, 5, 10, 20 to 5000.
    assertThat(textsLeftOfTheAxis(narrow)).isEqualTo(1 + 6);
    assertThat(textsLeftOfTheAxis(wide)).isEqualTo(1 + 10);
  }

  @Test
  void longAxesHaveFewLabels() {
    assertThat(DoubleStream.of(24, 30, 40, 80, 100).mapToObj(n -> Plots.tickLabel(n, true)))
        .containsExactly("24", "30", "40", "80", "100");
    assertThat(
            DoubleStream.of(9, 10, 19.999999999999996, 30, 50, 2e6, 0.05, 0.06)
                .mapToObj(n -> Plots.tickLabel(n, false)))
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
            List.of(ResultTable.Column.percent("224"), ResultTable.Column.percent("299")),
            List.of(
                ResultTable.Row.of("a", USUAL, NO_NUMBER),
                ResultTable.Row.of("b", INFINITE, USUAL)));
    List<Supplier<String>> plots =
        List.of(
            () -> Plots.bars(table, "error"),
            () -> Plots.lines(table, "side", "error"),
            () -> Plots.accuracyAgainstSimilarity(List.of(List.of(pair(true), pair(false)))));

    for (Supplier<String> plot : plots) {
      assertThat(plot.get()).contains("<path").doesNotContain("NaN", "Infinity");
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
    ResultTable table =
        new ResultTable(
            "t",
            "numbers",
            "",
            List.of(ResultTable.Column.percent("224"), ResultTable.Column.percent("299")),
            List.of(ResultTable.Row.of("a", USUAL, USUAL)));
    for (Supplier<String> plot :
        List.<Supplier<String>>of(
            () -> Plots.frequencies(List.of(2400, 80), List.of(24, 30)),
            () -> Plots.bars(table, "error"),
            () -> Plots.lines(table, "side", "error"))) {
      String drawn = plot.get();
      for (String tag : List.of("ar-EG", "bn", "de-CH")) {
        assertThat(DefaultLocale.during(Locale.forLanguageTag(tag), plot::get))
            .as(tag)
            .isEqualTo(drawn);
      }
    }
  }
}
