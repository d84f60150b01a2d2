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
import java.util.regex.Pattern;

/** A report as one HTML page that needs nothing else: no script, no style sheet, no other file. */
final class Html {

  private static final Pattern ENDS = Pattern.compile("(\\[[^\\]]*\\])");

  /** An SVG document with this rule has colours for dark pages. */
  private static final String DARK = "prefers-color-scheme";

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
    html.append("<style>\n").append(PageStyle.CSS).append("</style>\n</head>\n<body>\n");
    html.append("<h1>").append(escape(report.title())).append("</h1>\n");
    summary(html, report.directions());
    directions(html, "Verdicts", report.directions());
    html.append(
        "<p class=\"caption\">What was run</p>\n<div class=\"wide\"><table class=\"facts\">\n<tbody>\n");
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
      if (figure instanceof Report.Pictures pictures) {
        pictures(html, pictures, thumbnails);
      } else {
        drawing(html, figure.caption(), ReportFiles.svg(figure, thumbnails));
      }
      html.append("<figcaption>").append(escape(figure.caption())).append("</figcaption>\n");
      html.append("</figure>\n");
    }
    choices(html, section.choices());
    directions(html, "Claims looked at here", section.directions());
  }

  private static void drawing(StringBuilder html, String caption, String svg) {
    html.append("<div class=\"wide\"><img alt=\"").append(escape(caption)).append('"');
    html.append(svg.contains(DARK) ? "" : " class=\"paper\"");
    html.append(" src=\"data:image/svg+xml;base64,");
    html.append(base64(svg.getBytes(StandardCharsets.UTF_8))).append("\"></div>\n");
  }

  /** Stands before its table, not in it, so that a table that scrolls does not take it along. */
  private static void caption(StringBuilder html, String text) {
    html.append("<p class=\"caption\">").append(escape(text)).append("</p>\n");
  }

  private static void table(StringBuilder html, ResultTable table) {
    caption(html, table.title());
    html.append("<div class=\"wide\"><table id=\"").append(escape(table.id()));
    html.append("\" aria-label=\"").append(escape(table.title())).append("\">\n<thead>\n");
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
        html.append("<td>").append(withIntervals(text)).append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table></div>\n");
  }

  /** Sets the ends of an interval apart from the number, which is read first. */
  private static String withIntervals(String text) {
    return ENDS.matcher(escape(text)).replaceAll("<span class=\"interval\">$1</span>");
  }

  private static void pictures(StringBuilder html, Report.Pictures pictures, Thumbnails thumbnails)
      throws IOException {
    for (Report.PictureRow row : pictures.rows()) {
      html.append("<p class=\"row\">").append(escape(row.label())).append("</p>\n");
      html.append("<ul class=\"pictures\">\n");
      for (Report.Picture picture : row.pictures()) {
        html.append(picture.group() < 0 ? "<li" : "<li class=\"group" + picture.group() % 3 + '"');
        html.append("><img alt=\"").append(escape(picture.name())).append("\" src=\"");
        html.append(thumbnails.dataUri(picture.file())).append("\">");
        html.append(escape(picture.name())).append("</li>\n");
      }
      html.append("</ul>\n");
    }
  }

  private static void choices(StringBuilder html, List<Choice> choices) {
    if (choices.isEmpty()) {
      return;
    }
    html.append(
        "<p class=\"caption\">Hyper-parameters chosen on held-out training images</p>\n"
            + "<div class=\"wide\"><table>\n");
    html.append(
        "<thead><tr><th>what</th><th>chosen</th><th class=\"text\">tried (error held out)</th></tr>");
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
      html.append(choice.chosen()).append("</td><td class=\"text\">");
      html.append(escape(tried.toString())).append("</td></tr>\n");
    }
    html.append("</tbody>\n</table></div>\n<p class=\"note\">Criterion: ");
    html.append(escape(choices.get(0).criterion())).append(".</p>\n");
  }

  private static void directions(StringBuilder html, String caption, List<Direction> directions) {
    if (directions.isEmpty()) {
      return;
    }
    boolean bySeed = directions.stream().anyMatch(each -> each.margin().values().size() > 1);
    caption(html, caption);
    html.append(
        "<div class=\"wide\"><table class=\"claims\">\n<thead><tr><th>claim</th><th>verdict</th>");
    html.append("<th>margin and its interval</th>").append(bySeed ? "<th>by seed</th>" : "");
    html.append("</tr></thead>\n<tbody>\n");
    for (Direction direction : directions) {
      String style = style(direction.verdict());
      html.append("<tr><td class=\"text\">").append(escape(direction.claim()));
      html.append("</td><td class=\"").append(style).append("\">").append(direction.verdict());
      html.append("</td><td>").append(withIntervals(direction.intervalText()));
      html.append("<span class=\"").append(style).append("\">");
      html.append(Margin.svg(direction, directions)).append("</span></td>");
      if (bySeed) {
        html.append("<td class=\"seeds\">");
        for (double value : direction.margin().values()) {
          html.append(direction.unit().format(new Measurement(List.of(value)))).append(' ');
        }
        html.append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table></div>\n<p class=\"note\">");
    html.append(
        String.format(
            Locale.ROOT,
            "Intervals hold %.0f %%, by resampling %s. Shown: all of the"
                + " interval is on the claim's side. Contradicted: all of it is on the other. The"
                + " dashed line is the least margin that the claim speaks of.",
            100 * directions.get(0).interval().level(),
            bySeed
                ? "seeds, classes and images"
                : "classes and images; one seed does not tell how training scatters"));
    html.append("</p>\n");
  }

  private static String style(Direction.Verdict verdict) {
    return verdict == Direction.Verdict.NOT_SHOWN ? "open" : verdict.toString();
  }

  /** How many claims have which verdict, for a reader who reads one line. */
  private static void summary(StringBuilder html, List<Direction> directions) {
    if (directions.isEmpty()) {
      return;
    }
    html.append("<p class=\"summary\">").append(directions.size());
    html.append(directions.size() == 1 ? " claim:" : " claims:");
    String separator = " ";
    for (Direction.Verdict verdict : Direction.Verdict.values()) {
      long count = directions.stream().filter(each -> each.verdict() == verdict).count();
      html.append(separator).append("<span class=\"").append(style(verdict)).append("\">");
      html.append(count).append(' ').append(verdict).append("</span>");
      separator = ", ";
    }
    html.append(".</p>\n");
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
