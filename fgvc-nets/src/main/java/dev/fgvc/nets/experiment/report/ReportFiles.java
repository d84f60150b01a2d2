package dev.fgvc.nets.experiment.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.fgvc.file.WholeFile;
import dev.fgvc.nets.experiment.Choice;
import dev.fgvc.nets.experiment.Direction;
import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Writes a report: {@code report.html}, {@code report.json}, {@code report.csv} and each figure as
 * an SVG document of its own.
 */
public final class ReportFiles {

  private ReportFiles() {}

  /**
   * Writes all files, each first to a temporary file and then renamed, so that a file of these
   * names is always whole.
   *
   * @param report what to write
   * @param folder where; made if it is not there
   * @return the HTML file
   * @throws IOException if a photo cannot be read or a file cannot be written
   */
  public static Path write(Report report, Path folder) throws IOException {
    Files.createDirectories(folder);
    Path html = folder.resolve("report.html");
    Thumbnails thumbnails = new Thumbnails();
    write(html, Html.of(report, thumbnails));
    write(folder.resolve("report.json"), json(report));
    write(folder.resolve("report.csv"), csv(report));
    for (Report.Section section : report.sections()) {
      for (Report.Figure figure : section.figures()) {
        write(folder.resolve(figure.id() + ".svg"), svg(figure, thumbnails));
      }
    }
    return html;
  }

  private static void write(Path file, String text) throws IOException {
    WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A figure as an SVG document. */
  static String svg(Report.Figure figure, Thumbnails thumbnails) throws IOException {
    if (figure instanceof Report.Drawing drawing) {
      return drawing.svg();
    }
    if (figure instanceof Report.Bars bars) {
      return Plots.bars(bars.table(), bars.categories(), bars.quantity());
    }
    return ContactSheet.svg((Report.Pictures) figure, thumbnails);
  }

  /** One line for each table, row, column and seed: all numbers, for a spreadsheet. */
  static String csv(Report report) {
    StringBuilder csv = new StringBuilder("table,row,group,column,seed,value\n");
    for (Report.Section section : report.sections()) {
      for (ResultTable table : section.tables()) {
        for (ResultTable.Row row : table.rows()) {
          for (int c = 0; c < table.columns().size(); c++) {
            ResultTable.Column column = table.columns().get(c);
            Optional<Measurement> value = row.cells().get(c).value();
            List<Double> values = value.map(Measurement::values).orElse(List.of());
            for (int seed = 0; seed < values.size(); seed++) {
              csv.append(quoted(table.id())).append(',');
              csv.append(quoted(row.label())).append(',');
              csv.append(quoted(column.group())).append(',');
              csv.append(quoted(column.name())).append(',');
              csv.append(seed + 1).append(',').append(values.get(seed)).append('\n');
            }
          }
        }
      }
    }
    return csv.toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  static String json(Report report) {
    Gson gson =
        new GsonBuilder()
            .setPrettyPrinting()
            .serializeSpecialFloatingPointValues()
            .disableHtmlEscaping()
            .create();
    JsonObject root = new JsonObject();
    root.addProperty("title", report.title());
    root.add("circumstances", gson.toJsonTree(report.circumstances()));
    JsonArray sections = new JsonArray();
    for (Report.Section section : report.sections()) {
      JsonObject object = new JsonObject();
      object.addProperty("heading", section.heading());
      object.addProperty("text", section.text());
      JsonArray tables = new JsonArray();
      section.tables().forEach(table -> tables.add(table(gson, table)));
      object.add("tables", tables);
      JsonArray choices = new JsonArray();
      section.choices().forEach(choice -> choices.add(choice(gson, choice)));
      object.add("choices", choices);
      JsonArray directions = new JsonArray();
      section.directions().forEach(direction -> directions.add(direction(gson, direction)));
      object.add("directions", directions);
      JsonArray pictures = new JsonArray();
      section.figures().forEach(figure -> pictures.add(figure(gson, figure)));
      object.add("figures", pictures);
      sections.add(object);
    }
    root.add("sections", sections);
    return gson.toJson(root) + "\n";
  }

  private static JsonObject table(Gson gson, ResultTable table) {
    JsonObject object = new JsonObject();
    object.addProperty("id", table.id());
    object.addProperty("title", table.title());
    object.add("columns", gson.toJsonTree(table.columns()));
    JsonArray rows = new JsonArray();
    for (ResultTable.Row row : table.rows()) {
      JsonObject line = new JsonObject();
      line.addProperty("label", row.label());
      JsonArray cells = new JsonArray();
      for (ResultTable.Cell cell : row.cells()) {
        JsonObject entry = new JsonObject();
        cell.value()
            .ifPresent(
                value -> {
                  entry.add("values", gson.toJsonTree(value.values()));
                  entry.addProperty("mean", value.mean());
                  entry.addProperty("spread", value.spread());
                });
        cell.interval().ifPresent(interval -> entry.add("interval", gson.toJsonTree(interval)));
        cell.gain().ifPresent(gain -> entry.add("gain", gson.toJsonTree(gain)));
        cells.add(entry);
      }
      line.add("cells", cells);
      rows.add(line);
    }
    object.add("rows", rows);
    return object;
  }

  private static JsonObject choice(Gson gson, Choice choice) {
    JsonObject object = gson.toJsonTree(choice).getAsJsonObject();
    object.addProperty("chosen", choice.chosen());
    return object;
  }

  private static JsonObject direction(Gson gson, Direction direction) {
    JsonObject object = gson.toJsonTree(direction).getAsJsonObject();
    object.addProperty("mean", direction.margin().mean());
    object.addProperty("spread", direction.margin().spread());
    object.addProperty("low", direction.interval().low());
    object.addProperty("high", direction.interval().high());
    object.addProperty("verdict", direction.verdict().toString());
    return object;
  }

  /** Pictures by file and name; drawings show what the tables hold. */
  private static JsonObject figure(Gson gson, Report.Figure figure) {
    JsonObject object = new JsonObject();
    object.addProperty("id", figure.id());
    object.addProperty("caption", figure.caption());
    if (figure instanceof Report.Pictures pictures) {
      JsonArray rows = new JsonArray();
      for (Report.PictureRow row : pictures.rows()) {
        JsonObject line = new JsonObject();
        line.addProperty("label", row.label());
        JsonArray names = new JsonArray();
        row.pictures().forEach(picture -> names.add(picture.name()));
        line.add("pictures", names);
        rows.add(line);
      }
      object.add("rows", rows);
    }
    return object;
  }
}
