package dev.fgvc.data;

import dev.fgvc.data.TextRows.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * FGVC-Aircraft (Maji et al., 2013) as unpacked: {@code data/images/}, {@code data/variants.txt},
 * {@code data/images_variant_trainval.txt} and {@code ..._test.txt}, boxes in {@code
 * data/images_box.txt}. The classes are the 100 variants.
 */
final class FgvcAircraft {

  private FgvcAircraft() {}

  static DatasetSplits read(String name, Path root, SymbolicLinks links) throws IOException {
    Path data = root.resolve("data");
    ImageRoot images = ImageRoot.of(root, links).folder("data").folder("images");
    Path classFile = data.resolve("variants.txt");
    List<Row> classes = TextRows.read(classFile, 1);
    ClassLabels labels = ClassLabels.of(classes, classFile);
    Path boxFile = data.resolve("images_box.txt");
    Map<String, Row> boxes = Files.exists(boxFile) ? TextRows.byKey(boxFile, 5) : new HashMap<>();

    SplitsBuilder splits = new SplitsBuilder(name, root, TextRows.firstColumn(classes));
    for (String part : List.of("trainval", "test")) {
      for (Row row : TextRows.read(data.resolve("images_variant_" + part + ".txt"), 2)) {
        int label = labels.label(row.text(1), "a variant", row.place());
        Path path = images.file(row.text(0) + ".jpg", row.place());
        splits.add(row.place(), part.equals("trainval"), path, label, box(boxes.get(row.text(0))));
      }
    }
    return splits.build();
  }

  /** Corners in pixels counted from 1, both inside. */
  private static Optional<BoundingBox> box(Row row) {
    if (row == null) {
      return Optional.empty();
    }
    float left = row.number(1) - 1;
    float top = row.number(2) - 1;
    try {
      return Optional.of(new BoundingBox(left, top, row.number(3) - left, row.number(4) - top));
    } catch (IllegalArgumentException e) {
      throw row.error("expected two corners, found " + e.getMessage());
    }
  }
}
