package dev.fgvc.emd;

import dev.fgvc.feature.DomainFeatures;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The similarity of each of some sources to each of some targets, as in figure 5 of the paper.
 *
 * @param sources one row each
 * @param targets one column each
 * @param rows the similarities, a list for each source
 */
public record SimilarityTable(
    List<DomainFeatures> sources, List<DomainFeatures> targets, List<List<Similarity>> rows) {

  static SimilarityTable of(
      DomainSimilarity similarity, List<DomainFeatures> sources, List<DomainFeatures> targets) {
    int columns = targets.size();
    List<Similarity> all =
        IntStream.range(0, sources.size() * columns)
            .parallel()
            .mapToObj(k -> similarity.between(sources.get(k / columns), targets.get(k % columns)))
            .toList();
    List<List<Similarity>> rows =
        IntStream.range(0, sources.size())
            .mapToObj(i -> all.subList(i * columns, (i + 1) * columns))
            .toList();
    return new SimilarityTable(List.copyOf(sources), List.copyOf(targets), rows);
  }

  /**
   * One entry.
   *
   * @param source index of the source
   * @param target index of the target
   * @return their similarity
   * @throws IndexOutOfBoundsException if there is no such source or target
   */
  public Similarity get(int source, int target) {
    return rows.get(source).get(target);
  }

  /**
   * The distances of all pairs, for the choice of a gamma.
   *
   * @return their scale
   * @throws IllegalStateException if there is no pair
   */
  public DistanceScale distanceScale() {
    return DistanceScale.of(rows.stream().flatMap(List::stream).toList());
  }

  /** Similarities to three digits, a line for each source, a column for each target. */
  @Override
  public String toString() {
    String header =
        targets.stream()
            .map(target -> String.format(Locale.ROOT, "%12.12s", target.name()))
            .collect(Collectors.joining());
    String lines =
        IntStream.range(0, sources.size())
            .mapToObj(
                i ->
                    String.format(Locale.ROOT, "%n%-20.20s", sources.get(i).name())
                        + rows.get(i).stream()
                            .map(s -> String.format(Locale.ROOT, "%12.3f", s.similarity()))
                            .collect(Collectors.joining()))
            .collect(Collectors.joining());
    return " ".repeat(20) + header + lines;
  }
}
