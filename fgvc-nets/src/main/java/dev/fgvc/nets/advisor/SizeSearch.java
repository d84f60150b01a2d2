package dev.fgvc.nets.advisor;

import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds how many of the most similar classes to take: the most among those that stay close.
 *
 * @param similarity how to measure
 * @param tolerance how much farther than the closest set a larger one may be
 * @param progress hears of each size
 */
record SizeSearch(DomainSimilarity similarity, double tolerance, Progress progress) {

  private record Pooled(DomainFeatures domain, RankedSourceClass ranked) {}

  /**
   * Searches.
   *
   * @param rankings of the classes of each source, in the order of the sources
   */
  ClassSelection run(
      List<ComparedDomain> sources, List<List<RankedSourceClass>> rankings, ComparedDomain target) {
    List<Pooled> pool = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      DomainFeatures domain = sources.get(i).features();
      rankings.get(i).forEach(ranked -> pool.add(new Pooled(domain, ranked)));
    }
    pool.sort(Comparator.comparingDouble(each -> each.ranked().emd()));
    List<ClassSelection.Size> sizes = new ArrayList<>();
    int[] tried = sizesUpTo(pool.size());
    for (int k : tried) {
      progress.report("sets of the closest classes", sizes.size(), tried.length, "");
      sizes.add(size(pool.subList(0, k), target));
    }
    progress.report("sets of the closest classes", tried.length, tried.length, "");
    double least = sizes.stream().mapToDouble(ClassSelection.Size::emd).min().orElseThrow();
    int k =
        sizes.stream()
            .filter(size -> size.emd() <= least * (1 + tolerance))
            .mapToInt(ClassSelection.Size::k)
            .max()
            .orElseThrow();
    List<RankedSourceClass> classes = pool.subList(0, k).stream().map(Pooled::ranked).toList();
    return new ClassSelection(sizes, k, classes);
  }

  /** The numbers from 1 to a last one, each about a third larger than the one before. */
  private static int[] sizesUpTo(int last) {
    return IntStream.iterate(1, k -> k <= last, k -> k == last ? last + 1 : Math.min(last, next(k)))
        .toArray();
  }

  private static int next(int k) {
    return Math.max(k + 1, k * 4 / 3);
  }

  private ClassSelection.Size size(List<Pooled> classes, ComparedDomain target) {
    DomainFeatures set = select(classes);
    double emd = similarity.between(set, target.features()).emd();
    double images = classes.stream().mapToDouble(each -> each.ranked().images()).sum();
    return new ClassSelection.Size(classes.size(), images, emd, similarity.of(emd));
  }

  /** Classes of one domain after those of another; their order does not matter to a distance. */
  private static DomainFeatures select(List<Pooled> classes) {
    DomainFeatures set = null;
    for (DomainFeatures domain : classes.stream().map(Pooled::domain).distinct().toList()) {
      int[] indices =
          classes.stream()
              .filter(each -> each.domain() == domain)
              .mapToInt(each -> each.ranked().index())
              .toArray();
      DomainFeatures part = domain.select("set", indices);
      set = set == null ? part : set.concat("set", part);
    }
    return set;
  }
}
