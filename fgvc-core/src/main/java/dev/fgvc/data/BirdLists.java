package dev.fgvc.data;

import dev.fgvc.data.TextRows.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The layout that CUB-200-2011 and NABirds share: {@code images/} and text lists that are joined by
 * an image identifier ({@code images.txt}, {@code image_class_labels.txt}, {@code
 * train_test_split.txt}, {@code bounding_boxes.txt}) and a class number ({@code classes.txt}).
 *
 * <p>NABirds numbers the inner nodes of its hierarchy among the classes; only numbers with images
 * become classes here, in ascending order.
 */
final class BirdLists {

  private BirdLists() {}

  static DatasetSplits read(String name, Path root, SymbolicLinks links) throws IOException {
    ImageRoot images = ImageRoot.of(root, links).folder("images");
    Path labelFile = root.resolve("image_class_labels.txt");
    Path splitFile = root.resolve("train_test_split.txt");
    Path boxFile = root.resolve("bounding_boxes.txt");
    Map<String, Row> classOf = TextRows.byKey(labelFile, 2);
    Map<String, Row> partOf = TextRows.byKey(splitFile, 2);
    Map<String, Row> boxOf = Files.exists(boxFile) ? TextRows.byKey(boxFile, 5) : new HashMap<>();
    Map<Integer, Integer> labels = new HashMap<>();
    List<String> names = classNames(root.resolve("classes.txt"), classOf, labels);

    SplitsBuilder splits = new SplitsBuilder(name, root, names);
    Set<String> listed = new HashSet<>();
    for (Row row : TextRows.read(root.resolve("images.txt"), 2)) {
      String id = row.text(0);
      listed.add(id);
      Path path = images.file(row.text(1), row.place());
      int number = TextRows.required(classOf, labelFile, id).integer(1);
      Row part = TextRows.required(partOf, splitFile, id);
      if (part.integer(1) != 0 && part.integer(1) != 1) {
        throw part.error("expected 1 (train) or 0 (test), found " + part.text(1));
      }
      splits.add(row.place(), part.integer(1) == 1, path, labels.get(number), box(boxOf.get(id)));
    }
    requireListed(classOf, listed);
    requireListed(partOf, listed);
    return splits.build();
  }

  /** Refuses rows of images that are not listed: images.txt is not whole then. */
  private static void requireListed(Map<String, Row> rows, Set<String> listed) {
    for (Row row : rows.values()) {
      if (!listed.contains(row.text(0))) {
        throw row.error("expected an image of images.txt, found " + row.text(0));
      }
    }
  }

  /** Names of the numbers in use; fills in which label each number gets. */
  private static List<String> classNames(
      Path file, Map<String, Row> classOf, Map<Integer, Integer> labels) throws IOException {
    Map<String, Row> names = TextRows.byKey(file, 2);
    TreeMap<Integer, String> used = new TreeMap<>();
    for (Row row : classOf.values()) {
      used.computeIfAbsent(
          row.integer(1), number -> TextRows.required(names, file, number.toString()).text(1));
    }
    used.keySet().forEach(number -> labels.put(number, labels.size()));
    return new ArrayList<>(used.values());
  }

  private static Optional<BoundingBox> box(Row row) {
    if (row == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new BoundingBox(row.number(1), row.number(2), row.number(3), row.number(4)));
    } catch (IllegalArgumentException e) {
      throw row.error("expected left, top, width and height, found " + e.getMessage());
    }
  }
}
