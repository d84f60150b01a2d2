package dev.fgvc.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the classes of a data set stand in a tree, such as that of life: for each class its taxa
 * from the highest rank to the lowest. Immutable.
 *
 * <p>Two classes are in the same taxon of a rank if their lineages agree down to that rank: a name
 * alone does not tell, for Oenanthe is a genus of birds and one of plants.
 */
public final class Taxonomy {

  private final List<String> ranks;
  private final List<List<String>> lineages;
  private final int[][] groups;

  private Taxonomy(List<String> ranks, List<List<String>> lineages, int[][] groups) {
    this.ranks = ranks;
    this.lineages = lineages;
    this.groups = groups;
  }

  /**
   * A taxonomy of given lineages.
   *
   * @param ranks names of the ranks, such as kingdom to species, the highest first; at least one
   * @param lineages for each class, in the order of the labels, one taxon for each rank
   * @return the taxonomy
   * @throws IllegalArgumentException if there is no rank or no class, a rank comes twice, or a
   *     lineage has another length
   */
  public static Taxonomy of(List<String> ranks, List<List<String>> lineages) {
    checkArgument(
        !ranks.isEmpty()
            && !lineages.isEmpty()
            && ranks.stream().distinct().count() == ranks.size(),
        "a taxonomy of %s classes with the ranks %s: at least one class and one rank are needed,"
            + " each rank once",
        lineages.size(),
        ranks);
    int[][] groups = new int[ranks.size()][lineages.size()];
    List<List<String>> copies = new ArrayList<>(lineages.size());
    for (int c = 0; c < lineages.size(); c++) {
      if (lineages.get(c).size() != ranks.size()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "class %d has the lineage %s; one taxon for each of %s is needed",
                c,
                lineages.get(c),
                ranks));
      }
      copies.add(List.copyOf(lineages.get(c)));
    }
    for (int rank = 0; rank < ranks.size(); rank++) {
      Map<List<String>, Integer> numbers = new HashMap<>();
      for (int c = 0; c < copies.size(); c++) {
        int next = numbers.size();
        groups[rank][c] =
            numbers.computeIfAbsent(copies.get(c).subList(0, rank + 1), taxon -> next);
      }
    }
    return new Taxonomy(List.copyOf(ranks), List.copyOf(copies), groups);
  }

  /**
   * The names of the ranks.
   *
   * @return the highest first
   */
  public List<String> ranks() {
    return ranks;
  }

  /**
   * The number of classes.
   *
   * @return at least 1
   */
  public int classCount() {
    return lineages.size();
  }

  /**
   * The taxa of a class.
   *
   * @param label of the class
   * @return one for each rank, the highest first
   */
  public List<String> lineage(int label) {
    return lineages.get(label);
  }

  /**
   * The taxon of each class at a rank, as a number: equal numbers are one taxon.
   *
   * @param rank one of {@link #ranks}
   * @return a new array: numbers from 0 on in the order in which the taxa first occur
   * @throws IllegalArgumentException if there is no such rank
   */
  public int[] groups(String rank) {
    return groups[position(rank)].clone();
  }

  /**
   * The taxa of a rank, by the numbers that {@link #groups} gives.
   *
   * @param rank one of {@link #ranks}
   * @return their names; one may come twice, for taxa of different lineages
   * @throws IllegalArgumentException if there is no such rank
   */
  public List<String> taxa(String rank) {
    int at = position(rank);
    List<String> names = new ArrayList<>();
    for (int c = 0; c < lineages.size(); c++) {
      if (groups[at][c] == names.size()) {
        names.add(lineages.get(c).get(at));
      }
    }
    return List.copyOf(names);
  }

  /**
   * The rank at which two classes part.
   *
   * @param label of one class
   * @param other of another
   * @return how many ranks they share from the highest on: 0 to the number of ranks
   */
  public int sharedRanks(int label, int other) {
    int shared = 0;
    while (shared < ranks.size() && groups[shared][label] == groups[shared][other]) {
      shared++;
    }
    return shared;
  }

  /** The taxonomy of some classes, in another order. */
  Taxonomy select(int[] classes) {
    return of(ranks, Arrays.stream(classes).mapToObj(lineages::get).toList());
  }

  /** The classes of several taxonomies of the same ranks, one after the other. */
  static Taxonomy concat(List<Taxonomy> parts) {
    return of(parts.get(0).ranks, parts.stream().flatMap(part -> part.lineages.stream()).toList());
  }

  private int position(String rank) {
    int at = ranks.indexOf(rank);
    if (at < 0) {
      throw new IllegalArgumentException("no rank " + rank + " in " + ranks);
    }
    return at;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Taxonomy that
        && ranks.equals(that.ranks)
        && lineages.equals(that.lineages);
  }

  @Override
  public int hashCode() {
    return 31 * ranks.hashCode() + lineages.hashCode();
  }

  /** Such as {@code 8142 classes by kingdom, phylum, class}. */
  @Override
  public String toString() {
    return lineages.size() + " classes by " + String.join(", ", ranks);
  }
}
