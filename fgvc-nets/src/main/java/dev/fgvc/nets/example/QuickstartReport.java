package dev.fgvc.nets.example;

import dev.fgvc.data.Dataset;
import dev.fgvc.emd.PlanPicture;
import dev.fgvc.emd.TransportPlan;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.nets.example.QuickstartTable.Measure;
import dev.fgvc.nets.example.QuickstartTable.Source;
import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.report.Report;
import dev.fgvc.nets.experiment.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The quickstart's report: the table, the plans (figure 3) and the selected classes (figure 6). */
final class QuickstartReport {

  private static final String SIMILAR = "figure-6";

  private final Dataset source;
  private final DomainFeatures sourceFeatures;
  private final List<Report.Figure> plans = new ArrayList<>();
  private final List<Report.PictureRow> pictures = new ArrayList<>();

  QuickstartReport(Dataset source, DomainFeatures sourceFeatures) {
    this.source = source;
    this.sourceFeatures = sourceFeatures;
  }

  /** Adds the figures of a target. */
  void add(Dataset target, DomainFeatures features, TransportPlan plan, int[] classes)
      throws IOException {
    String name = target.name();
    plans.add(
        new Report.Drawing(
            "figure-3-" + name.replaceAll("[^A-Za-z0-9.-]", "-"),
            "Figure 3. The flow of the Earth Mover's Distance from the source to " + name,
            PlanPicture.of(sourceFeatures, features, plan).svg()));
    List<Report.Picture> row = new ArrayList<>();
    row.add(new Report.Picture(target.path(0), "(target)", -1));
    for (int label : classes) {
      row.add(
          new Report.Picture(firstOf(source, label), sourceFeatures.classNames().get(label), 0));
    }
    pictures.add(new Report.PictureRow(name, row));
  }

  private static Path firstOf(Dataset dataset, int label) {
    return dataset.images().stream()
        .filter(image -> image.label() == label)
        .findFirst()
        .orElseThrow()
        .path();
  }

  /**
   * Writes everything.
   *
   * @return lines that name the files
   */
  List<String> write(List<QuickstartTable.Row> rows, String network, QuickstartSettings settings)
      throws IOException {
    Map<String, String> circumstances = new LinkedHashMap<>();
    circumstances.put(
        "source",
        source.name() + ", " + source.classCount() + " classes, " + source.size() + " images");
    circumstances.put("network", network + " at " + settings.resolution());
    circumstances.put("selected for each target", rows.get(0).selected().size() + " classes");
    circumstances.put("seed", String.valueOf(settings.seed()));
    List<Report.Figure> figures = new ArrayList<>();
    figures.add(bars(rows, Measure.FINE_TUNED));
    figures.add(bars(rows, Measure.PROBED));
    figures.add(
        new Report.Pictures(
            SIMILAR,
            "Figure 6. The source classes selected for each target, the most similar first",
            pictures));
    figures.addAll(plans);
    Report report =
        new Report(
            "Does selecting similar source classes help?",
            circumstances,
            List.of(
                new Report.Section(
                    "Errors by source",
                    "Networks learnt from random source classes, from all of them, or from those"
                        + " selected by the Earth Mover's Distance, for as many steps. Then they"
                        + " were fine-tuned on each target, or their features judged as they are.",
                    List.of(table(rows)),
                    figures,
                    List.of(),
                    QuickstartTable.directions(rows))));
    Path page = ReportFiles.write(report, settings.report()).toAbsolutePath().normalize();
    List<String> lines = new ArrayList<>();
    lines.add("report: " + page);
    lines.add("selected classes: " + page.resolveSibling(SIMILAR + ".svg"));
    plans.forEach(plan -> lines.add("plan: " + page.resolveSibling(plan.id() + ".svg")));
    return lines;
  }

  /** A row for each target and measure, as on the console: that fits a page. */
  private static ResultTable table(List<QuickstartTable.Row> rows) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.percent("chance"));
    Stream.of(Source.values()).forEach(each -> columns.add(Column.percent(each.toString())));
    return new ResultTable(
        "errors",
        "Top-1 errors (%)",
        "target, judged by",
        columns,
        rows.stream()
            .flatMap(row -> Stream.of(Measure.values()).map(measure -> row(row, measure)))
            .toList());
  }

  private static ResultTable.Row row(QuickstartTable.Row row, Measure measure) {
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(new Measurement(List.of(row.chance()))));
    for (Source each : Source.values()) {
      cells.add(Cell.error(List.of(row.errors(measure, each)), 1));
    }
    return new ResultTable.Row(row.target() + ", " + measure, cells);
  }

  /** The errors of one measure alone, as bars. */
  private static Report.Figure bars(List<QuickstartTable.Row> rows, Measure measure) {
    String title = "Top-1 errors, judged by: " + measure;
    return new Report.Bars(
        "errors-" + measure.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        title + ". Whiskers are 95 % intervals over classes and images",
        new ResultTable(
            "errors-" + measure,
            title,
            "target",
            Stream.of(Source.values()).map(each -> Column.percent(each.toString())).toList(),
            rows.stream()
                .map(
                    row ->
                        new ResultTable.Row(
                            row.target(),
                            Stream.of(Source.values())
                                .map(each -> Cell.error(List.of(row.errors(measure, each)), 1))
                                .toList()))
                .toList()),
        "target",
        "top-1 error (%)");
  }
}
