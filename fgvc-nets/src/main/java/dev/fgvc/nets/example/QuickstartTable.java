package dev.fgvc.nets.example;

import dev.fgvc.metric.Bootstrap;
import dev.fgvc.metric.Interval;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.Direction;
import dev.fgvc.nets.experiment.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The quickstart's result: what each source is worth to each target, and what that means. */
final class QuickstartTable {

  /** The data that a network was trained on before it met the target. */
  enum Source {
    RANDOM("as many random classes"),
    FULL("all classes"),
    SELECTED("selected classes");

    private final String label;

    Source(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /** How a network is judged for a target. */
  enum Measure {
    FINE_TUNED("fine-tuned"),
    PROBED("linear probe"),
    NEAREST("nearest neighbors");

    private final String label;

    Measure(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * The results of one target.
   *
   * @param target its name
   * @param classes how many it has
   * @param emd Earth Mover's Distance between source and target
   * @param similarity exp(-gamma * emd)
   * @param relativeGap between the distance and its certified lower bound
   * @param selected the most similar source classes, most similar first
   * @param errors by measure and source, on the same validation images
   */
  record Row(
      String target,
      int classes,
      double emd,
      double similarity,
      double relativeGap,
      List<String> selected,
      Map<Measure, Map<Source, Errors>> errors) {

    // Copies the classes.
    Row {
      selected = List.copyOf(selected);
    }

    Errors errors(Measure measure, Source source) {
      return errors.get(measure).get(source);
    }

    double chance() {
      return 1 - 1.0 / classes;
    }

    /** By how much the error from the selected classes is below that from another source. */
    Interval gain(Measure measure, Source other) {
      return QuickstartTable.gain(List.of(this), measure, other);
    }
  }

  private QuickstartTable() {}

  /** The mean gain over some targets. */
  private static Interval gain(List<Row> rows, Measure measure, Source other) {
    Function<Source, List<List<Outcomes>>> outcomes =
        source ->
            rows.stream().map(row -> List.of(row.errors(measure, source).outcomes())).toList();
    List<int[]> labels = outcomes.apply(other).stream().map(runs -> runs.get(0).labels()).toList();
    return Bootstrap.of(1, labels).gain(outcomes.apply(other), outcomes.apply(Source.SELECTED));
  }

  /** The claims, with the mean gain over all targets. */
  static List<Direction> directions(List<Row> rows) {
    List<Direction> directions = new ArrayList<>();
    for (Measure measure : Measure.values()) {
      for (Source other : List.of(Source.RANDOM, Source.FULL)) {
        Interval gain = gain(rows, measure, other);
        directions.add(
            Direction.better(
                String.format(
                    Locale.ROOT,
                    "selected classes transfer better than %s (%s, mean over targets)",
                    other,
                    measure),
                new Measurement(List.of(gain.estimate())),
                gain));
      }
    }
    return directions;
  }

  static String render(List<Row> rows) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(
        List.of(
            "target",
            "judged by",
            "chance",
            "random",
            "all",
            "selected",
            "fewer than random [95 %]",
            "fewer than all [95 %]"));
    for (Row row : rows) {
      for (Measure measure : Measure.values()) {
        cells.add(
            List.of(
                measure == Measure.FINE_TUNED ? row.target() : "",
                measure.toString(),
                percent(row.chance()),
                percent(row.errors(measure, Source.RANDOM).top1().error()),
                percent(row.errors(measure, Source.FULL).top1().error()),
                percent(row.errors(measure, Source.SELECTED).top1().error()),
                row.gain(measure, Source.RANDOM).format(100, 1),
                row.gain(measure, Source.FULL).format(100, 1)));
      }
    }
    return "Errors in % of each target's validation images, after pre-training on equally many random"
        + " source classes,"
        + System.lineSeparator()
        + "on all of them, or on those selected by the Earth Mover's Distance; equally many steps."
        + System.lineSeparator()
        + System.lineSeparator()
        + align(cells);
  }

  /** One sentence for each measure and comparison, from the interval of the mean gain. */
  static String meaning(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    for (Measure measure : List.of(Measure.PROBED, Measure.FINE_TUNED)) {
      for (Source other : List.of(Source.RANDOM, Source.FULL)) {
        Interval gain = gain(rows, measure, other);
        String verdict =
            gain.isAboveZero()
                ? "transfer better than"
                : gain.isBelowZero() ? "transfer worse than" : "are not shown to differ from";
        text.append(
            String.format(
                Locale.ROOT,
                "%s: selected classes %s %s, %.1f %% against %.1f %% errors"
                    + " (difference %s, 95 %% interval).%n",
                measure,
                verdict,
                other,
                100 * meanError(rows, measure, Source.SELECTED),
                100 * meanError(rows, measure, other),
                gain.format(100, 1)));
      }
    }
    return text.toString();
  }

  private static double meanError(List<Row> rows, Measure measure, Source source) {
    return rows.stream()
        .mapToDouble(row -> row.errors(measure, source).top1().error())
        .average()
        .orElseThrow();
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  private static String align(List<List<String>> cells) {
    int columns = cells.get(0).size();
    StringBuilder text = new StringBuilder();
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        int c = column;
        int width = cells.stream().mapToInt(each -> each.get(c).length()).max().orElse(0);
        line.append(
            column < 2
                ? String.format(Locale.ROOT, "%-" + width + "s", row.get(column))
                : String.format(Locale.ROOT, "%" + width + "s", row.get(column)));
        line.append("  ");
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
