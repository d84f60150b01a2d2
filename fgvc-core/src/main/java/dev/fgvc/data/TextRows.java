package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Text of a fixed number of columns between blanks; the last one takes the rest of the line, blanks
 * and all. No line may be empty.
 */
final class TextRows {

  /** One line and where it stands. */
  record Row(ListPlace place, String[] columns) {

    String text(int column) {
      return columns[column];
    }

    int integer(int column) {
      try {
        return Integer.parseInt(columns[column]);
      } catch (NumberFormatException e) {
        throw error("expected a whole number, found \"" + shortened(column) + "\"");
      }
    }

    float number(int column) {
      try {
        return Float.parseFloat(columns[column]);
      } catch (NumberFormatException e) {
        throw error("expected a number, found \"" + shortened(column) + "\"");
      }
    }

    private String shortened(int column) {
      return ImageRoot.shorten(columns[column]);
    }

    DatasetFormatException error(String problem) {
      return place.error(problem);
    }
  }

  private TextRows() {}

  static List<Row> read(Path file, int columns) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DatasetFormatException(file, "expected this file of the layout, found none");
    }
    List<Row> rows = new ArrayList<>();
    TextLines.forEach(
        file,
        (line, place) -> {
          String[] found = line.strip().split("\\s+", columns);
          if (found.length != columns || found[0].isEmpty()) {
            throw place.error(
                String.format(
                    Locale.ROOT,
                    "expected %d columns, found \"%s\"",
                    columns,
                    ImageRoot.shorten(line)));
          }
          rows.add(new Row(place, found));
        });
    if (rows.isEmpty()) {
      throw new DatasetFormatException(file, "expected at least one line, found none");
    }
    return rows;
  }

  /** The first text of each row. */
  static List<String> firstColumn(List<Row> rows) {
    return rows.stream().map(row -> row.text(0)).toList();
  }

  /** The rows by their first column, each key once, in the order of the file. */
  static Map<String, Row> byKey(Path file, int columns) throws IOException {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Row row : read(file, columns)) {
      if (rows.put(row.text(0), row) != null) {
        throw row.error("expected each key once, found " + row.text(0) + " again");
      }
    }
    return rows;
  }

  /** The row of a key that another list uses. */
  static Row required(Map<String, Row> rows, Path file, String key) {
    Row row = rows.get(key);
    if (row == null) {
      throw new DatasetFormatException(file, "expected a line for " + key + ", found none");
    }
    return row;
  }
}
