package dev.fgvc.nets.advisor;

import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds how many of the most similar classes to take: the most among those that stay close.
 *
 * @param similarity how to measure
 * @param tolerance how much farther than the closest set a larger one may be
 * @param examples images to name of each class
 * @param progress hears of each size
 */
record SizeSearch(DomainSimilarity similarity, double tolerance, int examples, Progress progress) {

  private record Pooled(DomainFeatures domain, RankedSourceClass ranked) {}

  ClassSelection run(List<ComparedDomain> sources, ComparedDomain target) {
    List<Pooled> pool = new ArrayList<>();
    for (ComparedDomain source : sources) {
      source
          .ranked(similarity, target, examples)
          .forEach(ranked -> pool.add(new Pooled(source.features(), ranked)));
    }
    pool.sort(Comparator.comparingDouble(each -> each.ranked().emd()));
    List<ClassSelection.Size> sizes = new ArrayList<>();
    int[] tried = SourceAdvisor.sizesUpTo(pool.size());
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
