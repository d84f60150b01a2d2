package dev.fgvc.emd;

import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureRows;
import dev.fgvc.feature.LabeledFeatures;
import java.util.Arrays;
import java.util.List;

/**
 * The similarity of two domains (section 4.1 of Cui et al., CVPR 2018): {@code exp(-gamma EMD(S,
 * T))}, where the Earth Mover's Distance moves class means by their Euclidean distance and each
 * class weighs its share of the domain's images.
 *
 * <p>The scale of a domain, its number of images, does not count, as in the paper, unless a {@link
 * ScaleFactor} is set. Immutable, and safe for use by several threads.
 *
 * <pre>{@code
 * Similarity birds = DomainSimilarity.create().between(iNat, cub200);
 * System.out.printf("%.3f (gap %.0e)%n", birds.similarity(), birds.plan().relativeGap());
 * }</pre>
 */
public final class DomainSimilarity {

  /** The gamma of all experiments in the paper (equation 3). */
  public static final double PAPER_GAMMA = 0.01;

  private static final DomainSimilarity DEFAULT =
      new DomainSimilarity(
          PAPER_GAMMA, GroundDistances.ejml(), ExactEmd.create(), ScaleFactor.none());

  private final double gamma;
  private final GroundDistance groundDistance;
  private final ExactEmd solver;
  private final ScaleFactor scaleFactor;

  private DomainSimilarity(
      double gamma, GroundDistance groundDistance, ExactEmd solver, ScaleFactor scaleFactor) {
    this.gamma = gamma;
    this.groundDistance = groundDistance;
    this.solver = solver;
    this.scaleFactor = scaleFactor;
  }

  /**
   * The paper's similarity: gamma {@value #PAPER_GAMMA}, Euclidean ground distance.
   *
   * @return the similarity
   */
  public static DomainSimilarity create() {
    return DEFAULT;
  }

  /**
   * The same with another gamma. Features of another scale than the paper's need one of their own
   * for similarities to spread over (0, 1); their order stays the same.
   *
   * @param gamma positive and finite, in one over the unit of the features
   * @return a new similarity
   * @throws IllegalArgumentException if gamma is not positive and finite
   */
  public DomainSimilarity withGamma(double gamma) {
    if (!(gamma > 0) || Double.isInfinite(gamma)) {
      throw new IllegalArgumentException("gamma " + gamma + ": must be positive and finite");
    }
    return new DomainSimilarity(gamma, groundDistance, solver, scaleFactor);
  }

  /**
   * The same with another ground distance.
   *
   * @param groundDistance the cost of moving one class mean to another
   * @return a new similarity
   */
  public DomainSimilarity withGroundDistance(GroundDistance groundDistance) {
    return new DomainSimilarity(gamma, groundDistance, solver, scaleFactor);
  }

  /**
   * The same with another solver.
   *
   * @param solver computes the Earth Mover's Distance
   * @return a new similarity
   */
  public DomainSimilarity withSolver(ExactEmd solver) {
    return new DomainSimilarity(gamma, groundDistance, solver, scaleFactor);
  }

  /**
   * The same with a factor for the number of images.
   *
   * @param scaleFactor multiplied with each similarity; 1 unless set
   * @return a new similarity
   */
  public DomainSimilarity withScaleFactor(ScaleFactor scaleFactor) {
    return new DomainSimilarity(gamma, groundDistance, solver, scaleFactor);
  }

  /**
   * The gamma in use.
   *
   * @return positive and finite
   */
  public double gamma() {
    return gamma;
  }

  /**
   * The ground distance in use.
   *
   * @return Euclidean unless set
   */
  public GroundDistance groundDistance() {
    return groundDistance;
  }

  /**
   * Distance, similarity and transport plan of two domains. Memory is 8 bytes for each pair of
   * classes and about as much again while solving.
   *
   * @param source the domain to move from
   * @param target the domain to move to
   * @return the similarity; the plan's sources and targets are class indices
   * @throws IllegalArgumentException if the dimensions of the features differ, or the heap cannot
   *     hold the distances of all pairs of classes
   */
  public Similarity between(DomainFeatures source, DomainFeatures target) {
    TransportPlan plan =
        solver.solve(
            source.imageCounts(),
            target.imageCounts(),
            groundDistance.between(source.classMeans(), target.classMeans()));
    return similarity(
        plan, Arrays.stream(source.imageCounts()).sum(), Arrays.stream(target.imageCounts()).sum());
  }

  /**
   * The same image by image: every image of the source moves to images of the target, at the
   * Euclidean distance of their features, which need not be in memory. Class means are compared
   * first; they tell where the result can lie.
   *
   * <p>Features are read about nine times; time is that of {@link ExactEmd#solveEuclidean(double[],
   * double[], FeatureRows, FeatureRows)}. Memory is 4 bytes for each value of the target, 1.5 kB
   * for each image of the source and 0.5 kB for each of the target: let the larger domain be the
   * source. The solver's {@linkplain ExactEmd.Builder#progress progress} hears of images and of the
   * bounds, and its {@linkplain ExactEmd.Builder#cancelWhen cancellation} stops the work.
   *
   * <pre>{@code
   * ExactEmd solver = ExactEmd.builder().progress(ConsoleProgress.to(System.err)).build();
   * ImageSimilarity similarity =
   *     DomainSimilarity.create()
   *         .withSolver(solver)
   *         .ofImages(
   *             LabeledFeatures.mapShards("iNat", FeatureShards.in(iNatFolder, 2048)),
   *             LabeledFeatures.mapNpy("CUB200", cubFeatures, cubLabels));
   * }</pre>
   *
   * @param source the images to move from
   * @param target the images to move to
   * @return both levels and their bounds
   * @throws IllegalArgumentException if the dimensions differ or a feature is NaN or infinite
   * @throws IllegalStateException if the ground distance is not one of {@link GroundDistances}, or
   *     the solver matches partially
   */
  public ImageSimilarity ofImages(LabeledFeatures source, LabeledFeatures target) {
    requireImageLevel();
    return ImageTransport.between(this, solver, source, target);
  }

  /**
   * The same for domains in memory.
   *
   * @param source the images to move from
   * @param target the images to move to
   * @return both levels and their bounds
   * @throws IllegalArgumentException if labels do not fit the features, the dimensions differ, or a
   *     feature is NaN or infinite
   * @throws IllegalStateException if the ground distance is not one of {@link GroundDistances}, or
   *     the solver matches partially
   */
  public ImageSimilarity ofImages(ImageDomain source, ImageDomain target) {
    return ofImages(source.labeledFeatures(), target.labeledFeatures());
  }

  private void requireImageLevel() {
    if (!GroundDistances.isEuclidean(groundDistance)) {
      throw new IllegalStateException(
          "images move at the Euclidean distance, and another ground distance is set: compute the"
              + " costs and call ExactEmd.solve");
    }
    if (solver.matchesPartially()) {
      throw new IllegalStateException(
          "the solver matches partially, but class means bound the distance of images only where"
              + " all mass moves: call ExactEmd.solveEuclidean");
    }
  }

  /** The similarity of a plan between domains of some numbers of images. */
  Similarity similarity(TransportPlan plan, double sourceImages, double targetImages) {
    double scale = scaleFactor.of(sourceImages, targetImages);
    return new Similarity(plan.distance(), scale * of(plan.distance()), plan);
  }

  /**
   * All sources against all targets, in parallel.
   *
   * @param sources the domains to move from
   * @param targets the domains to move to, of the same dimension
   * @return a similarity for each pair
   * @throws IllegalArgumentException if the dimensions of the features differ
   */
  public SimilarityTable table(List<DomainFeatures> sources, List<DomainFeatures> targets) {
    return SimilarityTable.of(this, sources, targets);
  }

  /**
   * The similarity that belongs to a distance (equation 3), without a scale factor.
   *
   * @param emd an Earth Mover's Distance, at least 0
   * @return {@code exp(-gamma emd)}
   */
  public double of(double emd) {
    return Math.exp(-gamma * emd);
  }

  /** The similarity of two domains if their distance were another, with the same scale factor. */
  double scaled(Similarity measured, double emd) {
    return measured.similarity() * Math.exp(-gamma * (emd - measured.emd()));
  }
}
