package dev.fgvc.nets.advisor;

import dev.fgvc.emd.SimilarityInterval;
import dev.fgvc.metric.Interval;
import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import dev.fgvc.nets.experiment.ResultTable.Unit;
import dev.fgvc.nets.experiment.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** An advice as a report. */
final class AdviceReport {

  /** Pictures side by side that a page has room for. */
  private static final int PICTURES = 10;

  private AdviceReport() {}

  static Report of(SourceAdvice advice) {
    Map<String, String> circumstances = new LinkedHashMap<>();
    circumstances.put("answer", advice.answer());
    circumstances.put(
        "target",
        String.format(
            Locale.ROOT,
            "%s, %d classes, %.0f images",
            advice.target(),
            advice.targetClasses(),
            advice.targetImages()));
    circumstances.put("backbone", advice.backbone());
    circumstances.put("distances", advice.scale().toString());
    circumstances.put("gamma", String.format(Locale.ROOT, "%.4g", advice.gamma()));
    return new Report(
        "Which source for " + advice.target() + "?",
        circumstances,
        List.of(comparison(advice), selection(advice)));
  }

  private static Report.Section comparison(SourceAdvice advice) {
    List<Column> columns =
        List.of(
            new Column("", "classes", Unit.COUNT),
            new Column("", "images", Unit.COUNT),
            Column.number("EMD"),
            Column.number("similarity"));
    List<Row> rows = new ArrayList<>();
    List<Row> similarities = new ArrayList<>();
    List<Report.PictureRow> pictures = new ArrayList<>();
    for (ComparedSource source : advice.sources()) {
      Cell similarity =
          cell(
              source.similarity(),
              source.interval(),
              SimilarityInterval::lowSimilarity,
              SimilarityInterval::highSimilarity,
              advice.level());
      rows.add(
          new Row(
              source.name(),
              List.of(
                  cell(source.classes()),
                  cell(source.images()),
                  cell(
                      source.emd(),
                      source.interval(),
                      SimilarityInterval::lowEmd,
                      SimilarityInterval::highEmd,
                      advice.level()),
                  similarity)));
      similarities.add(new Row(source.name(), List.of(similarity)));
      addRow(pictures, source.name(), source.closest());
    }
    String text =
        "Distances are Earth Mover's Distances between class means; a similarity is exp(-gamma EMD)."
            + String.format(
                Locale.ROOT,
                " Brackets hold %.0f %% intervals over resampled images. The closest",
                100 * advice.level())
            + " classes of each source: "
            + closest(advice)
            + ".";
    List<Report.Figure> figures = new ArrayList<>();
    figures.add(
        new Report.Bars(
            "similarities",
            "Similarity of each source to the target, with its interval",
            new ResultTable(
                "similarities",
                "Similarities",
                "source",
                List.of(Column.number("similarity")),
                similarities),
            "source",
            "similarity, exp(-gamma EMD)"));
    if (!pictures.isEmpty()) {
      figures.add(
          new Report.Pictures("closest", "An image of each source's closest classes", pictures));
    }
    return new Report.Section(
        "Sources, the most similar first",
        text,
        List.of(new ResultTable("sources", "Candidates", "source", columns, rows)),
        figures,
        List.of(),
        List.of());
  }

  private static String closest(SourceAdvice advice) {
    StringBuilder text = new StringBuilder();
    for (ComparedSource source : advice.sources()) {
      text.append(text.isEmpty() ? "" : "; ").append(source.name()).append(": ");
      text.append(names(source.closest()));
    }
    return text.toString();
  }

  private static String names(List<RankedSourceClass> classes) {
    return String.join(", ", classes.stream().map(RankedSourceClass::name).toList());
  }

  private static Report.Section selection(SourceAdvice advice) {
    ClassSelection selection = advice.selection();
    List<Column> columns =
        List.of(
            new Column("", "images", Unit.COUNT),
            Column.number("EMD"),
            Column.number("similarity"));
    List<Row> rows = new ArrayList<>();
    for (ClassSelection.Size size : selection.sizes()) {
      rows.add(
          new Row(
              size.k() + (size.k() == selection.k() ? " (chosen)" : ""),
              List.of(cell(size.images()), cell(size.emd()), cell(size.similarity()))));
    }
    List<Report.PictureRow> pictures = new ArrayList<>();
    addRow(pictures, "chosen", selection.classes());
    return new Report.Section(
        "Classes to train on",
        "The most similar classes of all sources together, with their image counts. The chosen"
            + " number brings the most images among those that stay close: "
            + names(selection.classes())
            + ".",
        List.of(new ResultTable("sizes", "How many classes?", "k", columns, rows)),
        pictures.isEmpty()
            ? List.of()
            : List.of(new Report.Pictures("chosen", "An image of the first classes", pictures)),
        List.of(),
        List.of());
  }

  private static void addRow(
      List<Report.PictureRow> rows, String label, List<RankedSourceClass> classes) {
    List<Report.Picture> pictures =
        classes.stream()
            .filter(each -> !each.examples().isEmpty())
            .limit(PICTURES)
            .map(each -> new Report.Picture(each.examples().get(0), each.name(), -1))
            .toList();
    if (!pictures.isEmpty()) {
      rows.add(new Report.PictureRow(label, pictures));
    }
  }

  private static Cell cell(double value) {
    return Cell.of(new Measurement(List.of(value)));
  }

  private static Cell cell(
      double value,
      Optional<SimilarityInterval> interval,
      ToDoubleFunction<SimilarityInterval> low,
      ToDoubleFunction<SimilarityInterval> high,
      double level) {
    Measurement measured = new Measurement(List.of(value));
    return interval
        .map(
            each ->
                Cell.of(
                    measured,
                    new Interval(value, low.applyAsDouble(each), high.applyAsDouble(each), level)))
        .orElseGet(() -> Cell.of(measured));
  }
}
