package dev.fgvc.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The categories of a file in COCO's form, in the order of their numbers. */
final class CocoCategories {

  /** The ranks that iNaturalist gives beside the name, which is the species. */
  static final List<String> RANKS =
      List.of("kingdom", "phylum", "class", "order", "family", "genus");

  /**
   * One category.
   *
   * @param ranks one taxon for each of {@link #RANKS}; empty texts where the file has none
   */
  record Category(String name, String superCategory, List<String> ranks) {}

  private final Path file;
  private final TreeMap<Long, Category> byNumber = new TreeMap<>();

  CocoCategories(Path file) {
    this.file = file;
  }

  void add(long number, Category category) {
    if (byNumber.put(number, category) != null) {
      throw new DatasetFormatException(
          file, "expected each category once, found " + number + " again");
    }
  }

  boolean isEmpty() {
    return byNumber.isEmpty();
  }

  int size() {
    return byNumber.size();
  }

  Collection<Long> numbers() {
    return List.copyOf(byNumber.keySet());
  }

  List<String> names() {
    return byNumber.values().stream().map(Category::name).toList();
  }

  List<String> superCategories() {
    return byNumber.values().stream().map(Category::superCategory).toList();
  }

  /** Empty unless each category has all ranks. */
  Optional<Taxonomy> taxonomy() {
    if (byNumber.values().stream().anyMatch(each -> each.ranks().contains(""))) {
      return Optional.empty();
    }
    List<String> ranks = new ArrayList<>(RANKS);
    ranks.add("species");
    List<List<String>> lineages = new ArrayList<>();
    for (Category each : byNumber.values()) {
      List<String> lineage = new ArrayList<>(each.ranks());
      lineage.add(each.name());
      lineages.add(lineage);
    }
    return Optional.of(Taxonomy.of(ranks, lineages));
  }

  /** These categories as another file describes them, which may have more. */
  CocoCategories namedBy(CocoCategories other) {
    CocoCategories named = new CocoCategories(other.file);
    for (Map.Entry<Long, Category> each : byNumber.entrySet()) {
      Category description = other.byNumber.get(each.getKey());
      if (description == null) {
        throw new DatasetFormatException(
            other.file, "expected all categories of " + file + ", found no " + each.getKey());
      }
      named.add(each.getKey(), description);
    }
    return named;
  }
}
