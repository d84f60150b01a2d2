package dev.fgvc.nets.experiment.report;

import com.google.common.html.HtmlEscapers;
import dev.fgvc.nets.experiment.Choice;
import dev.fgvc.nets.experiment.Direction;
import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as one HTML page that needs nothing else: no script, no style sheet, no other file. */
final class Html {

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --text: #222; --soft: #555; --line: #d5d5d5;
             --ground: #fff; --good: #176117; --bad: #a31515; --open: #7a5a00;
             --group0: #1f4fbf; --group1: #c01f1f; --group2: #1f7f3f; }
      @media (prefers-color-scheme: dark) {
        :root { --text: #e4e4e4; --soft: #a8a8a8; --line: #3a3d44; --ground: #16181c;
               --good: #7fd88f; --bad: #ff9c9c; --open: #e3c46a;
               --group0: #8fb0ff; --group1: #ff9c9c; --group2: #86d6a3; } }
      body { font-family: system-ui, sans-serif; line-height: 1.45; color: var(--text);
             background: var(--ground); margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
      h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem;
             border-bottom: 1px solid var(--line); }
      table { border-collapse: collapse; margin: 1rem 0; font-size: 0.92rem; }
      caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
      th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right;
               white-space: nowrap; }
      th:first-child, td:first-child { text-align: left; }
      .text { text-align: left; white-space: normal; min-width: 14rem; }
      thead th { border-bottom: 1px solid var(--soft); } th.group { text-align: center; }
      figure { margin: 1.5rem 0; }
      figure > img { max-width: 100%; height: auto; background: #fff; }
      figcaption { font-size: 0.92rem; color: var(--soft); }
      .pictures td { text-align: center; font-size: 0.7rem; padding: 0.15rem; border: none;
                     white-space: normal; max-width: 5.5rem; overflow-wrap: anywhere; }
      .pictures td:first-child { font-weight: 600; font-size: 0.85rem; }
      .pictures img { width: 5rem; height: 5rem; object-fit: cover; display: block; }
      .group0 { color: var(--group0); } .group1 { color: var(--group1); }
      .group2 { color: var(--group2); }
      .shown { color: var(--good); } .open { color: var(--open); }
      .contradicted { color: var(--bad); font-weight: 600; }
      .wide { overflow-x: auto; }
      @media print { body { margin: 0; max-width: none; font-size: 10pt; }
        .wide { overflow: visible; } th, td { padding: 0.15rem 0.35rem; white-space: normal; }
        table, figure { break-inside: avoid; } }
      """;

  private Html() {}

  static String escape(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }

  static String of(Report report, Thumbnails thumbnails) throws IOException {
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<link rel=\"icon\" href=\"data:,\">\n");
    html.append("<title>").append(escape(report.title())).append("</title>\n");
    html.append("<style>\n").append(STYLE).append("</style>\n</head>\n<body>\n");
    html.append("<h1>").append(escape(report.title())).append("</h1>\n");
    directions(html, "Verdicts", report.directions());
    html.append("<div class=\"wide\"><table>\n<caption>What was run</caption>\n<tbody>\n");
    for (Map.Entry<String, String> entry : report.circumstances().entrySet()) {
      html.append("<tr><td>").append(escape(entry.getKey()));
      html.append("</td><td class=\"text\">");
      html.append(escape(entry.getValue())).append("</td></tr>\n");
    }
    html.append("</tbody>\n</table></div>\n");
    for (Report.Section section : report.sections()) {
      section(html, section, thumbnails);
    }
    return html.append("</body>\n</html>\n").toString();
  }

  private static void section(StringBuilder html, Report.Section section, Thumbnails thumbnails)
      throws IOException {
    html.append("<h2>").append(escape(section.heading())).append("</h2>\n<p>");
    html.append(escape(section.text())).append("</p>\n");
    for (ResultTable table : section.tables()) {
      table(html, table);
    }
    for (Report.Figure figure : section.figures()) {
      html.append("<figure id=\"").append(escape(figure.id())).append("\">\n");
      if (figure instanceof Report.Drawing drawing) {
        html.append("<img alt=\"").append(escape(figure.caption()));
        html.append("\" src=\"data:image/svg+xml;base64,");
        html.append(base64(drawing.svg().getBytes(StandardCharsets.UTF_8))).append("\">\n");
      } else if (figure instanceof Report.Pictures pictures) {
        pictures(html, pictures, thumbnails);
      }
      html.append("<figcaption>").append(escape(figure.caption())).append("</figcaption>\n");
      html.append("</figure>\n");
    }
    choices(html, section.choices());
    directions(html, "Claims looked at here", section.directions());
  }

  private static void table(StringBuilder html, ResultTable table) {
    html.append("<div class=\"wide\"><table id=\"").append(escape(table.id()));
    html.append("\">\n<caption>").append(escape(table.title())).append("</caption>\n<thead>\n");
    List<ResultTable.Column> columns = table.columns();
    if (columns.stream().anyMatch(column -> !column.group().isEmpty())) {
      html.append("<tr><th></th>");
      for (int from = 0; from < columns.size(); ) {
        int to = from + 1;
        while (to < columns.size() && columns.get(to).group().equals(columns.get(from).group())) {
          to++;
        }
        html.append("<th class=\"group\" colspan=\"").append(to - from).append("\">");
        html.append(escape(columns.get(from).group())).append("</th>");
        from = to;
      }
      html.append("</tr>\n");
    }
    html.append("<tr><th>").append(escape(table.rowHeader())).append("</th>");
    columns.forEach(column -> html.append("<th>").append(escape(column.name())).append("</th>"));
    html.append("</tr>\n</thead>\n<tbody>\n");
    for (ResultTable.Row row : table.rows()) {
      html.append("<tr><td>").append(escape(row.label())).append("</td>");
      for (int c = 0; c < columns.size(); c++) {
        String text = row.cells().get(c).text(columns.get(c).unit());
        html.append("<td>").append(escape(text)).append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table></div>\n");
  }

  private static void pictures(StringBuilder html, Report.Pictures pictures, Thumbnails thumbnails)
      throws IOException {
    html.append("<div class=\"wide\"><table class=\"pictures\">\n");
    for (Report.PictureRow row : pictures.rows()) {
      html.append("<tr><td>").append(escape(row.label())).append("</td>");
      for (Report.Picture picture : row.pictures()) {
        html.append("<td><img alt=\"").append(escape(picture.name())).append("\" src=\"");
        html.append(thumbnails.dataUri(picture.file())).append("\">");
        html.append(picture.group() < 0 ? "<span>" : "<span class=\"group" + picture.group() % 3);
        html.append(picture.group() < 0 ? "" : "\">");
        html.append(escape(picture.name())).append("</span></td>");
      }
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
  }

  private static void choices(StringBuilder html, List<Choice> choices) {
    if (choices.isEmpty()) {
      return;
    }
    html.append(
        "<table>\n<caption>Hyper-parameters chosen on held-out training images</caption>\n");
    html.append("<thead><tr><th>what</th><th>chosen</th><th>tried (error held out)</th></tr>");
    html.append("</thead>\n<tbody>\n");
    for (Choice choice : choices) {
      StringBuilder tried = new StringBuilder();
      for (Choice.Candidate candidate : choice.candidates()) {
        tried.append(
            String.format(
                Locale.ROOT,
                "%s%s (%.1f %%)",
                tried.isEmpty() ? "" : ", ",
                candidate.value(),
                100 * candidate.score()));
      }
      html.append("<tr><td>").append(escape(choice.name())).append("</td><td>");
      html.append(choice.chosen()).append("</td><td style=\"white-space:normal\">");
      html.append(escape(tried.toString())).append("</td></tr>\n");
    }
    html.append("</tbody>\n</table>\n<p>Criterion: ");
    html.append(escape(choices.get(0).criterion())).append(".</p>\n");
  }

  private static void directions(StringBuilder html, String caption, List<Direction> directions) {
    if (directions.isEmpty()) {
      return;
    }
    html.append("<div class=\"wide\"><table>\n<caption>").append(escape(caption));
    html.append("</caption>\n<thead><tr><th>claim</th><th>verdict</th>");
    html.append("<th>margin and its interval</th><th>by seed</th></tr></thead>\n<tbody>\n");
    for (Direction direction : directions) {
      String style =
          direction.verdict() == Direction.Verdict.NOT_SHOWN
              ? "open"
              : direction.verdict().toString();
      html.append("<tr><td class=\"text\">").append(escape(direction.claim()));
      html.append("</td><td class=\"").append(style).append("\">").append(direction.verdict());
      html.append("</td><td>").append(direction.intervalText()).append("</td><td>");
      for (double value : direction.margin().values()) {
        html.append(direction.unit().format(new Measurement(List.of(value)))).append(' ');
      }
      html.append("</td></tr>\n");
    }
    html.append("</tbody>\n</table></div>\n<p>");
    html.append(
        String.format(
            Locale.ROOT,
            "Intervals hold %.0f %%, by resampling seeds, classes and images. Shown: all of the"
                + " interval is on the claim's side. Contradicted: all of it is on the other.",
            100 * directions.get(0).interval().level()));
    html.append("</p>\n");
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
