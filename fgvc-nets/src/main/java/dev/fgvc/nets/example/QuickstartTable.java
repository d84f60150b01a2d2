package dev.fgvc.nets.example;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The quickstart's result: one row a target. */
final class QuickstartTable {

  private static final int SHOWN_CLASSES = 3;

  /**
   * What was found for one target.
   *
   * @param target its name
   * @param emd Earth Mover's Distance between source and target
   * @param similarity exp(-gamma * emd)
   * @param relativeGap between the distance and its certified lower bound
   * @param selected the most similar source classes, most similar first
   * @param errorFromSource top-1 error after fine-tuning from the whole source
   * @param errorFromSubset top-1 error after fine-tuning from the selected subset
   */
  record Row(
      String target,
      double emd,
      double similarity,
      double relativeGap,
      List<String> selected,
      double errorFromSource,
      double errorFromSubset) {

    // Copies the classes.
    Row {
      selected = List.copyOf(selected);
    }
  }

  private QuickstartTable() {}

  static String render(List<Row> rows) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(
        List.of(
            "target",
            "EMD",
            "similarity",
            "gap",
            "top-1 error, full source",
            "top-1 error, selected",
            "most similar source classes"));
    for (Row row : rows) {
      cells.add(
          List.of(
              row.target(),
              String.format(Locale.ROOT, "%.4f", row.emd()),
              String.format(Locale.ROOT, "%.5f", row.similarity()),
              String.format(Locale.ROOT, "%.0e", row.relativeGap()),
              percent(row.errorFromSource()),
              percent(row.errorFromSubset()),
              shorten(row.selected())));
    }
    return align(cells);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String shorten(List<String> classes) {
    String shown = String.join(", ", classes.subList(0, Math.min(SHOWN_CLASSES, classes.size())));
    return classes.size() > SHOWN_CLASSES
        ? shown + " and " + (classes.size() - SHOWN_CLASSES) + " more"
        : shown;
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
            column == 0 || column == columns - 1
                ? String.format(Locale.ROOT, "%-" + width + "s", row.get(column))
                : String.format(Locale.ROOT, "%" + width + "s", row.get(column)));
        line.append("  ");
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
