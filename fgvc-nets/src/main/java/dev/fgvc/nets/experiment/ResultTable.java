package dev.fgvc.nets.experiment;

import dev.fgvc.metric.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A table as the paper prints it, with the values of all seeds beneath each cell.
 *
 * @param id short and unique, such as {@code table-3}
 * @param title what it shows
 * @param rowHeader the heading of the rows' labels; may be empty
 * @param columns from left to right
 * @param rows from top to bottom, each with a cell for each column
 */
public record ResultTable(
    String id, String title, String rowHeader, List<Column> columns, List<Row> rows) {

  /** Refuses rows with too many or too few cells. */
  public ResultTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    for (Row row : rows) {
      if (row.cells().size() != columns.size()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "row '%s' of %s has %d cells for %d columns",
                row.label(),
                id,
                row.cells().size(),
                columns.size()));
      }
    }
  }

  /** In which unit a column prints its values. */
  public enum Unit {
    /** Shares of one as per cent with one digit. */
    PERCENT(100, 1),
    /** Plain numbers with three digits. */
    NUMBER(1, 3),
    /** Counts, as whole numbers. */
    COUNT(1, 0);

    private final double factor;
    private final int digits;

    Unit(double factor, int digits) {
      this.factor = factor;
      this.digits = digits;
    }

    /**
     * A value in this unit.
     *
     * @param value the quantity
     * @return mean and spread
     */
    public String format(Measurement value) {
      return value.format(factor, digits);
    }

    /**
     * An interval in this unit.
     *
     * @param value the quantity
     * @return estimate and ends
     */
    public String format(Interval value) {
      return value.format(factor, digits);
    }

    String formatGain(Measurement gain) {
      double mean = factor * gain.mean();
      return String.format(Locale.ROOT, "(%+." + digits + "f)", mean);
    }
  }

  /**
   * A column.
   *
   * @param group heading over several columns; empty for none
   * @param name its own heading
   * @param unit of its values
   */
  public record Column(String group, String name, Unit unit) {

    /**
     * A column of shares under no common heading.
     *
     * @param name its heading
     * @return the column
     */
    public static Column percent(String name) {
      return new Column("", name, Unit.PERCENT);
    }

    /**
     * A column of shares under a common heading.
     *
     * @param group the common heading
     * @param name its own heading
     * @return the column
     */
    public static Column percent(String group, String name) {
      return new Column(group, name, Unit.PERCENT);
    }

    /**
     * A column of plain numbers.
     *
     * @param name its heading
     * @return the column
     */
    public static Column number(String name) {
      return new Column("", name, Unit.NUMBER);
    }
  }

  /**
   * A row.
   *
   * @param label its heading
   * @param cells one for each column
   */
  public record Row(String label, List<Cell> cells) {

    /** Copies the cells. */
    public Row {
      cells = List.copyOf(cells);
    }

    /**
     * A row of plain values.
     *
     * @param label its heading
     * @param values one for each column
     * @return the row
     */
    public static Row of(String label, Measurement... values) {
      return new Row(label, List.of(values).stream().map(Cell::of).toList());
    }
  }

  /**
   * A cell of a table.
   *
   * @param value the quantity; empty where there is none to show
   * @param gain the improvement over the row before, shown in brackets as in table 5
   */
  public record Cell(Optional<Measurement> value, Optional<Measurement> gain) {

    /**
     * A plain value.
     *
     * @param value the quantity
     * @return the cell
     */
    public static Cell of(Measurement value) {
      return new Cell(Optional.of(value), Optional.empty());
    }

    /**
     * Nothing.
     *
     * @return a blank cell
     */
    public static Cell blank() {
      return new Cell(Optional.empty(), Optional.empty());
    }

    /**
     * A value and its improvement over the row before.
     *
     * @param value the quantity
     * @param gain the improvement, positive if better
     * @return the cell
     */
    public static Cell of(Measurement value, Measurement gain) {
      return new Cell(Optional.of(value), Optional.of(gain));
    }

    /**
     * The cell as tables print it.
     *
     * @param unit of the column
     * @return mean, spread and improvement; a dash for a blank cell
     */
    public String text(Unit unit) {
      return value
          .map(v -> unit.format(v) + gain.map(g -> " " + unit.formatGain(g)).orElse(""))
          .orElse("-");
    }
  }

  /** The table in plain text, columns aligned. */
  @Override
  public String toString() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(cells("", columns.stream().map(Column::group).toList()));
    lines.add(cells(rowHeader, columns.stream().map(Column::name).toList()));
    for (Row row : rows) {
      List<String> texts = new ArrayList<>();
      for (int c = 0; c < columns.size(); c++) {
        texts.add(row.cells().get(c).text(columns.get(c).unit()));
      }
      lines.add(cells(row.label(), texts));
    }
    if (columns.stream().allMatch(column -> column.group().isEmpty())) {
      lines.remove(0);
    }
    int[] widths = new int[columns.size() + 1];
    for (List<String> line : lines) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], line.get(c).length());
      }
    }
    return title
        + System.lineSeparator()
        + lines.stream()
            .map(line -> aligned(line, widths))
            .collect(Collectors.joining(System.lineSeparator()));
  }

  private static List<String> cells(String label, List<String> others) {
    List<String> all = new ArrayList<>(List.of(label));
    all.addAll(others);
    return all;
  }

  private static String aligned(List<String> line, int[] widths) {
    StringBuilder text = new StringBuilder("  ");
    for (int c = 0; c < widths.length; c++) {
      String pad = " ".repeat(widths[c] - line.get(c).length());
      text.append(c == 0 ? line.get(c) + pad : "  " + pad + line.get(c));
    }
    return text.toString().stripTrailing();
  }
}
