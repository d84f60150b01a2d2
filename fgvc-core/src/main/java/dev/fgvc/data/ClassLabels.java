package dev.fgvc.data;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.data.TextRows.Row;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The labels of classes that lists call by name: their positions among the names. */
final class ClassLabels {

  private final Map<String, Integer> labels = new HashMap<>();
  private final String origin;

  private ClassLabels(String origin) {
    this.origin = origin;
  }

  /**
   * Classes that a list names, one a line.
   *
   * @throws DatasetFormatException if a name comes twice
   */
  static ClassLabels of(List<Row> rows, Path list) {
    ClassLabels classes = new ClassLabels(list.getFileName().toString());
    for (Row row : rows) {
      if (classes.labels.put(row.text(0), classes.labels.size()) != null) {
        throw row.error("expected each class once, found " + row.text(0) + " again");
      }
    }
    return classes;
  }

  /** Classes of known, distinct names. */
  static ClassLabels of(List<String> names, String origin) {
    ClassLabels classes = new ClassLabels(origin);
    names.forEach(name -> classes.labels.put(name, classes.labels.size()));
    return classes;
  }

  /**
   * The label of a class.
   *
   * @param what the kind of class, for the complaint
   * @param place where the name stands
   */
  int label(String name, String what, ListPlace place) {
    Integer label = labels.get(name);
    if (label == null) {
      throw place.error(
          lenientFormat(
              "expected %s of %s, found \"%s\"%s",
              what,
              origin,
              ImageRoot.shorten(name),
              Spelling.twin(name, labels.keySet())
                  .map(twin -> "; " + Spelling.told(name, twin))
                  .orElse("")));
    }
    return label;
  }
}
