package dev.fgvc.nets.advisor;

import dev.fgvc.emd.DistanceScale;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.ImageDomain;
import dev.fgvc.emd.Similarity;
import dev.fgvc.emd.SimilarityInterval;
import dev.fgvc.emd.SimilarityTable;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Answers which source domain, and which of its classes, a network should be trained on before it
 * is fine-tuned on a target (section 4 of Cui et al., CVPR 2018), in one call from folders.
 *
 * <p>Features are kept in a folder, a subfolder and an {@code .npz} file for each domain, so that
 * each domain is extracted once: a call that was interrupted goes on where it ended, and one that
 * was finished only compares again. Progress counts the images of all domains, from the first
 * moment on. Memory is that of the class means and, for intervals, of the image features of two
 * domains. Immutable; each {@code with} method returns a new advisor.
 *
 * <pre>{@code
 * SourceAdvice advice =
 *     SourceAdvisor.of(backbone, Path.of("features"))
 *         .withProgress(ConsoleProgress.to(System.err))
 *         .advise(Candidate.folder(birds), List.of(Candidate.folder(flowers), Candidate.folder(cars)));
 * System.out.print(advice.toText());
 * advice.write(Path.of("advice"));
 * }</pre>
 */
public final class SourceAdvisor {

  /** Domains of more images get no interval: each replicate copies the features of both sides. */
  private static final int MOST_IMAGES_FOR_INTERVALS = 50_000;

  private static final int EXAMPLES = 3;

  private final AdvisorSettings settings;

  private SourceAdvisor(AdvisorSettings settings) {
    this.settings = settings;
  }

  /**
   * An advisor with a backbone that knows its own transform: the 10 closest classes of each source,
   * 95 % intervals from 100 replicates, a tolerance of 5 %.
   *
   * @param backbone whose features are compared; stays the caller's to close
   * @param folder for features, of this backbone alone; made if it is not there
   * @return the advisor
   * @throws IllegalArgumentException if the backbone knows no transform
   */
  public static SourceAdvisor of(Backbone backbone, Path folder) {
    return of(
        backbone,
        backbone
            .transform()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        backbone + " says nothing of its images: give a transform too")),
        folder);
  }

  /**
   * The same with a given transform.
   *
   * @param backbone whose features are compared; stays the caller's to close
   * @param transform that makes its input of an image file: one view, nothing random
   * @param folder for features, of this backbone and transform alone; made if it is not there
   * @return the advisor
   */
  public static SourceAdvisor of(Backbone backbone, ImageTransform transform, Path folder) {
    return new SourceAdvisor(
        new AdvisorSettings(new KeptDomains(backbone, transform, folder, DamagedImages.fail())));
  }

  private SourceAdvisor with(Consumer<AdvisorSettings> change) {
    return new SourceAdvisor(settings.with(change));
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of images, intervals and sizes
   * @return a new advisor
   */
  public SourceAdvisor withProgress(Progress listener) {
    return with(changed -> changed.progress = listener);
  }

  /**
   * The same with damaged images left out, which otherwise end a call.
   *
   * @param policy how many at most, of each domain
   * @return a new advisor
   */
  public SourceAdvisor withDamagedImages(DamagedImages policy) {
    return with(changed -> changed.kept = changed.kept.withDamagedImages(policy));
  }

  /**
   * The same with another number of classes told of each source.
   *
   * @param classes at least 1
   * @return a new advisor
   * @throws IllegalArgumentException if it is less than 1
   */
  public SourceAdvisor withClosest(int classes) {
    if (classes < 1) {
      throw new IllegalArgumentException(classes + " closest classes: must be at least 1");
    }
    return with(changed -> changed.closest = classes);
  }

  /**
   * The same with other intervals, or none. Domains of kept features, and those of more than
   * {@value #MOST_IMAGES_FOR_INTERVALS} images, have no interval in any case.
   *
   * @param replicates how often to resample each pair of domains, at least 20, or 0 for none
   * @param level the share of resampled values inside, between 0 and 1
   * @return a new advisor
   * @throws IllegalArgumentException if a value is out of range
   */
  public SourceAdvisor withIntervals(int replicates, double level) {
    if (replicates != 0 && replicates < 20 || !(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          replicates
              + " replicates at level "
              + level
              + ": at least 20, or 0 for no intervals, and a level between 0 and 1 are needed");
    }
    return with(
        changed -> {
          changed.replicates = replicates;
          changed.level = level;
        });
  }

  /**
   * The same with another tolerance of {@link ClassSelection}.
   *
   * @param tolerance how much farther than the closest set a larger one may be, at least 0
   * @return a new advisor
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public SourceAdvisor withTolerance(double tolerance) {
    if (!(tolerance >= 0) || Double.isInfinite(tolerance)) {
      throw new IllegalArgumentException(
          "tolerance " + tolerance + ": must be finite and at least 0");
    }
    return with(changed -> changed.tolerance = tolerance);
  }

  /**
   * The same with another seed of the resampling.
   *
   * @param seed any number
   * @return a new advisor
   */
  public SourceAdvisor withSeed(long seed) {
    return with(changed -> changed.seed = seed);
  }

  /**
   * Compares candidates with a target. Time: a pass of the backbone over all images that are not
   * kept yet, a fraction of a second for each exact distance, and as many distances as replicates
   * for each interval.
   *
   * @param target the domain to fine-tune on
   * @param sources the domains to choose from, at least one, with names of their own
   * @return the answer
   * @throws IOException if images or kept features cannot be read or written
   * @throws IllegalArgumentException if there is no source, two domains share a name, a class has
   *     no image, features differ in their dimension, or what is kept in the folder belongs to
   *     other images or another backbone
   * @throws dev.fgvc.image.ImageFormatException if an image is damaged and none may be left out
   */
  public SourceAdvice advise(Candidate target, List<Candidate> sources) throws IOException {
    requireNames(target, sources);
    List<Candidate> all = new ArrayList<>(List.of(target));
    all.addAll(sources);
    List<ComparedDomain> domains = settings.kept.extract(all, settings.progress);
    ComparedDomain to = domains.get(0);
    List<ComparedDomain> from = domains.subList(1, domains.size());

    settings.progress.report("comparing sources", 0, from.size(), "");
    SimilarityTable table =
        DomainSimilarity.create()
            .table(from.stream().map(ComparedDomain::features).toList(), List.of(to.features()));
    settings.progress.report("comparing sources", from.size(), from.size(), "");
    DistanceScale scale = table.distanceScale();
    DomainSimilarity similarity = DomainSimilarity.create().withGamma(gamma(scale));
    List<List<RankedSourceClass>> rankings =
        from.stream().map(source -> source.ranked(similarity, to, EXAMPLES)).toList();
    List<Optional<SimilarityInterval>> intervals = intervals(similarity, from, to);
    List<ComparedSource> comparisons = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      comparisons.add(
          compare(similarity, from.get(i), table.get(i, 0), intervals.get(i), rankings.get(i)));
    }
    comparisons.sort(Comparator.comparingDouble(ComparedSource::emd));
    return new SourceAdvice(
        to.name(),
        to.features().classCount(),
        to.imageCount(),
        settings.kept.described(),
        scale,
        similarity.gamma(),
        settings.level,
        comparisons,
        new SizeSearch(similarity, settings.tolerance, settings.progress).run(from, rankings, to));
  }

  private static void requireNames(Candidate target, List<Candidate> sources) {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("no source to compare " + target.name() + " with");
    }
    Set<String> names = new HashSet<>(Set.of(KeptDomains.fileName(target.name())));
    for (Candidate source : sources) {
      if (!names.add(KeptDomains.fileName(source.name()))) {
        throw new IllegalArgumentException(
            "two domains are called '"
                + source.name()
                + "', or alike: rename one by Dataset.named");
      }
    }
  }

  private static double gamma(DistanceScale scale) {
    return Double.isFinite(1 / scale.median())
        ? scale.suggestedGamma()
        : DomainSimilarity.PAPER_GAMMA;
  }

  private ComparedSource compare(
      DomainSimilarity similarity,
      ComparedDomain source,
      Similarity found,
      Optional<SimilarityInterval> interval,
      List<RankedSourceClass> ranking) {
    return new ComparedSource(
        source.name(),
        source.features().classCount(),
        source.imageCount(),
        found.emd(),
        similarity.of(found.emd()),
        interval,
        ranking.stream().limit(settings.closest).toList());
  }

  /** Reads the target's images once, and only where a source needs them. */
  private List<Optional<SimilarityInterval>> intervals(
      DomainSimilarity similarity, List<ComparedDomain> sources, ComparedDomain target)
      throws IOException {
    Optional<ImageDomain> to = Optional.empty();
    List<Optional<SimilarityInterval>> intervals = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      ComparedDomain source = sources.get(i);
      settings.progress.report("intervals", i, sources.size(), source.name());
      Optional<ImageDomain> from = Optional.empty();
      if (mayHaveInterval(source) && mayHaveInterval(target)) {
        from = source.images();
        to = to.isPresent() ? to : target.images();
      }
      intervals.add(
          from.isPresent() && to.isPresent()
              ? Optional.of(
                  SimilarityInterval.bootstrap(
                      similarity,
                      from.get(),
                      to.get(),
                      settings.replicates,
                      settings.level,
                      settings.seed))
              : Optional.empty());
    }
    settings.progress.report("intervals", sources.size(), sources.size(), "");
    return intervals;
  }

  private boolean mayHaveInterval(ComparedDomain domain) {
    return settings.replicates > 0
        && domain.shards().isPresent()
        && domain.imageCount() <= MOST_IMAGES_FOR_INTERVALS;
  }
}
