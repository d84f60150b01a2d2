package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import java.util.List;
import java.util.Locale;

/**
 * The domains of a transfer experiment.
 *
 * @param sources two or more to pre-train on, such as ImageNet and iNat in the paper
 * @param combined all sources as one, their classes in the order of the sources
 * @param targets to fine-tune on
 */
public record Domains(
    List<DatasetSplits> sources, DatasetSplits combined, List<DatasetSplits> targets) {

  /** Refuses a combined domain that does not have the classes of the sources. */
  public Domains {
    sources = List.copyOf(sources);
    targets = List.copyOf(targets);
    int classes = sources.stream().mapToInt(DatasetSplits::classCount).sum();
    if (sources.size() < 2 || targets.isEmpty() || combined.classCount() != classes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d sources with %d classes, a combined domain with %d, and %d targets: at least 2 sources, all their classes combined, and 1 target are needed",
              sources.size(),
              classes,
              combined.classCount(),
              targets.size()));
    }
  }

  /**
   * Joins the sources.
   *
   * @param sources two or more
   * @param targets at least one
   * @return the domains
   */
  public static Domains of(List<DatasetSplits> sources, List<DatasetSplits> targets) {
    return new Domains(sources, DatasetSplits.concat(sources), targets);
  }

  /**
   * The source a class of the combined domain comes from.
   *
   * @param label a class of the combined domain
   * @return index of the source
   */
  public int sourceOf(int label) {
    int source = 0;
    int rest = label;
    while (rest >= sources.get(source).classCount()) {
      rest -= sources.get(source).classCount();
      source++;
    }
    return source;
  }
}
