package dev.fgvc.nets.experiment;

import dev.fgvc.metric.Interval;
import dev.fgvc.nets.eval.Errors;
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
     * A difference with its interval in this unit.
     *
     * @param value the quantity
     * @return estimate, with its sign, and ends
     */
    public String format(Interval value) {
      return value.format(factor, digits);
    }

    /**
     * A number as this unit shows it, such as 12 for a share of 0.12.
     *
     * @param value the quantity
     * @return the number that tables and plots show
     */
    public double scaled(double value) {
      return factor * value;
    }

    private String formatValue(Interval value) {
      String number = "%." + digits + "f";
      return String.format(
          Locale.ROOT,
          number + " [" + number + ", " + number + "]",
          scaled(value.estimate()),
          scaled(value.low()),
          scaled(value.high()));
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
   * @param interval of the quantity, where there is something to resample
   * @param gain the improvement over the row before, shown in brackets as in table 5
   */
  public record Cell(
      Optional<Measurement> value, Optional<Interval> interval, Optional<Interval> gain) {

    /**
     * A value without an interval.
     *
     * @param value the quantity
     * @return the cell
     */
    public static Cell of(Measurement value) {
      return new Cell(Optional.of(value), Optional.empty(), Optional.empty());
    }

    /**
     * A value with its interval.
     *
     * @param value the quantity
     * @param interval what is shown of it; ends that are NaN leave the value alone
     * @return the cell
     */
    public static Cell of(Measurement value, Interval interval) {
      return new Cell(
          Optional.of(value),
          Optional.of(interval).filter(ends -> Double.isFinite(ends.low() + ends.high())),
          Optional.empty());
    }

    /**
     * A top-k error with its interval over seeds, classes and images.
     *
     * @param runs the errors of each seed, at least one
     * @param k how many guesses are allowed
     * @return the cell
     */
    public static Cell error(List<Errors> runs, int k) {
      return ErrorIntervals.error(runs, k, label -> true);
    }

    /**
     * A top-1 accuracy with its interval over seeds, classes and images.
     *
     * @param runs the errors of each seed, at least one
     * @return the cell
     */
    public static Cell accuracy(List<Errors> runs) {
      return ErrorIntervals.accuracy(runs);
    }

    /**
     * Nothing.
     *
     * @return a blank cell
     */
    public static Cell blank() {
      return new Cell(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * The same with an improvement over the row before.
     *
     * @param improvement positive if better
     * @return a new cell
     */
    public Cell withGain(Interval improvement) {
      return new Cell(value, interval, Optional.of(improvement));
    }

    /**
     * The cell as tables print it.
     *
     * @param unit of the column
     * @return the estimate and its interval, or mean and spread where there is none, and the
     *     improvement; a dash for a blank cell
     */
    public String text(Unit unit) {
      return value
          .map(
              measured ->
                  interval.map(unit::formatValue).orElseGet(() -> unit.format(measured))
                      + gain.map(g -> " (" + unit.format(g) + ")").orElse(""))
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
