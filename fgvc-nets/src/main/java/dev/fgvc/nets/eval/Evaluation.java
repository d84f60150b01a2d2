package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.Taxonomy;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.metric.Calibration;
import dev.fgvc.metric.ClassErrors;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.metric.TaxonomyErrors;
import dev.fgvc.metric.TopKError;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * How well networks tell the classes of a data set apart. What is scored is the mean of softmax
 * probabilities, first over the views of an image (one central crop, or the 12 of table 5), then
 * over the networks of an ensemble; classes are ranked by its logarithm in double precision, and
 * those of one network on one view by the logits themselves. Ties and NaN count as {@link
 * TopKError} says. Immutable; each {@code with} method returns a new evaluation.
 *
 * <p>Networks of an ensemble may differ in everything but their classes, their resolutions
 * included. Time is one forward pass for each network, view and image; memory a few batches for
 * each transform.
 *
 * <pre>{@code
 * Errors errors =
 *     Evaluation.of(inceptionV4, Resolution.square(560))
 *         .and(Evaluation.of(inceptionResNetV2, Resolution.square(448)))
 *         .errors(splits.validation());
 * }</pre>
 */
public final class Evaluation {

  private record Member(Network network, List<ImageTransform> transforms) {

    int views() {
      return transforms.stream().mapToInt(ImageTransform::views).sum();
    }
  }

  private final List<Member> members;
  private final Progress progress;

  private Evaluation(List<Member> members, Progress progress) {
    this.members = List.copyOf(members);
    this.progress = progress;
  }

  /**
   * An evaluation of one network on central crops of photos as they are stored, as the authors'
   * evaluation takes them: their EXIF orientation is not applied, unlike by {@link
   * FeatureExtraction}.
   *
   * @param network stays the caller's to close
   * @param resolution of the central crops, which need not be the one of the training
   * @return the evaluation
   */
  public static Evaluation of(Network network, Resolution resolution) {
    return of(network, CentralCrop.of(resolution));
  }

  /**
   * An evaluation of one network on the views that a transform makes of each image, such as {@link
   * dev.fgvc.image.TwelveCrops}.
   *
   * @param network stays the caller's to close
   * @param transform decodes each file once for all its views
   * @return the evaluation
   */
  public static Evaluation of(Network network, ImageTransform transform) {
    return of(network, List.of(transform));
  }

  /**
   * An evaluation of one network on the views of several transforms, all with equal weight.
   *
   * @param network stays the caller's to close
   * @param transforms at least one; each decodes each file
   * @return the evaluation
   * @throws IllegalArgumentException if there is no transform
   */
  public static Evaluation of(Network network, List<? extends ImageTransform> transforms) {
    if (transforms.isEmpty()) {
      throw new IllegalArgumentException(
          "no view of the images for " + network.graph().name() + "; give at least one transform");
    }
    return new Evaluation(List.of(new Member(network, List.copyOf(transforms))), Progress.none());
  }

  /**
   * An ensemble of the networks of this evaluation and those of another, all with equal weight. A
   * transform that both use is decoded once.
   *
   * @param other an evaluation of networks with as many classes
   * @return a new evaluation, with this one's listener
   * @throws IllegalArgumentException if the numbers of classes differ
   */
  public Evaluation and(Evaluation other) {
    int classes = classCount();
    if (other.classCount() != classes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "an ensemble of a network of %d classes and one of %d",
              classes,
              other.classCount()));
    }
    List<Member> all = new ArrayList<>(members);
    all.addAll(other.members);
    return new Evaluation(all, progress);
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of every batch
   * @return a new evaluation
   */
  public Evaluation withProgress(Progress listener) {
    return new Evaluation(members, listener);
  }

  /**
   * Counts right and wrong guesses, class by class.
   *
   * @param dataset the validation images
   * @param k guesses allowed; the paper reports 1 and 5
   * @return the top-k errors
   * @throws IllegalArgumentException if networks and data set differ in their classes, or the data
   *     set is empty
   */
  public ClassErrors topKError(Dataset dataset, int k) {
    requireClassesOf(dataset);
    TopKError errors = TopKError.create(k, dataset.classCount());
    forEachBatch(dataset, this::scores, (scores, labels) -> errors.add(scores.data, labels));
    return errors.result();
  }

  /**
   * Top-1 and top-5 errors in one pass, with the outcome of each image.
   *
   * @param dataset the validation images
   * @return the errors, overall, by class and for head and tail
   * @throws IllegalArgumentException if networks and data set differ in their classes, or the data
   *     set is empty
   */
  public Errors errors(Dataset dataset) {
    requireClassesOf(dataset);
    List<Outcomes> parts = new ArrayList<>();
    forEachBatch(
        dataset,
        this::scores,
        (scores, labels) -> parts.add(Outcomes.of(scores.data, labels, dataset.classCount())));
    return new Errors(Outcomes.concat(parts));
  }

  /**
   * The mean probabilities themselves. Here the data set may have other classes than the networks,
   * as when a network of a source domain looks at a target domain. They are no measure to rank by:
   * those below 1e-45 are all 0.
   *
   * @param dataset the images; memory is 4 bytes for each image and class of the networks
   * @return the probabilities, in the order of the data set
   * @throws IllegalArgumentException if the data set is empty
   */
  public Predictions predict(Dataset dataset) {
    FMatrixRMaj all = new FMatrixRMaj(dataset.size(), classCount());
    int[] filled = {0};
    forEachBatch(
        dataset,
        this::logProbabilities,
        (logarithms, labels) -> {
          for (double logarithm : logarithms.data) {
            all.data[filled[0]++] = (float) Math.exp(logarithm);
          }
        });
    return new Predictions(all, dataset.labels());
  }

  /**
   * Fits a temperature to held-out images; its {@link Calibration#temperature} is what {@link
   * dev.fgvc.nets.weights.SavedNetwork#withTemperature} takes. The mean probabilities of several
   * views or networks are scaled as logits are: by their logarithms.
   *
   * @param heldOut images that were not trained on, nor are used for the final errors; memory is 8
   *     bytes for each image and class
   * @return the calibration of these images at that temperature
   * @throws IllegalArgumentException if networks and data set differ in their classes, or the data
   *     set is empty
   */
  public Calibration calibrate(Dataset heldOut) {
    return Calibration.fit(allScores(heldOut), heldOut.labels(), classCount());
  }

  /**
   * Measures how well calibrated the probabilities are.
   *
   * @param dataset the validation images; memory is 8 bytes for each image and class
   * @param temperature 1 for the networks as they are, or a fitted one
   * @return their calibration
   * @throws IllegalArgumentException if networks and data set differ in their classes, the data set
   *     is empty, or the temperature is not positive and finite
   */
  public Calibration calibration(Dataset dataset, double temperature) {
    return Calibration.of(allScores(dataset), dataset.labels(), classCount(), temperature);
  }

  /**
   * Counts top-1 errors at each rank of the data set's taxonomy, in which a wrong species of the
   * right genus is no error of the genus.
   *
   * @param dataset the validation images; memory is 8 bytes for each image and class
   * @return the errors from the highest rank to the lowest
   * @throws IllegalArgumentException if the data set has no taxonomy or no image, or other classes
   *     than the networks
   */
  public TaxonomyErrors taxonomyErrors(Dataset dataset) {
    Taxonomy taxonomy =
        dataset
            .taxonomy()
            .orElseThrow(
                () -> new IllegalArgumentException(dataset + " has no taxonomy of its classes"));
    return TaxonomyErrors.of(taxonomy, allScores(dataset), dataset.labels());
  }

  private double[] allScores(Dataset dataset) {
    requireClassesOf(dataset);
    DMatrixRMaj all = new DMatrixRMaj(dataset.size(), classCount());
    int[] filled = {0};
    forEachBatch(
        dataset,
        this::scores,
        (scores, labels) -> {
          System.arraycopy(scores.data, 0, all.data, filled[0], scores.getNumElements());
          filled[0] += scores.getNumElements();
        });
    return all.data;
  }

  private int classCount() {
    return members.get(0).network().graph().classes();
  }

  private void requireClassesOf(Dataset dataset) {
    if (classCount() != dataset.classCount()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s tells %d classes apart, data set '%s' has %d",
              members.get(0).network().graph().name(),
              classCount(),
              dataset.name(),
              dataset.classCount()));
    }
  }

  /**
   * Turns a batch into scores.
   *
   * @param images of each transform
   * @param transforms in the same order
   */
  private interface Scoring {
    DMatrixRMaj of(List<Images> images, List<ImageTransform> transforms);
  }

  private void forEachBatch(
      Dataset dataset, Scoring scoring, BiConsumer<DMatrixRMaj, int[]> consumer) {
    if (dataset.size() == 0) {
      throw new IllegalArgumentException(dataset + " has no image to evaluate on");
    }
    List<ImageTransform> transforms =
        members.stream().flatMap(member -> member.transforms().stream()).distinct().toList();
    BatchedInference.run(
        "evaluating on " + dataset.name(),
        dataset,
        transforms,
        progress,
        images -> scoring.of(images, transforms),
        consumer);
  }

  /** The scores that classes are ranked by: logits, where there is nothing to take a mean of. */
  private DMatrixRMaj scores(List<Images> images, List<ImageTransform> transforms) {
    if (members.size() > 1 || members.get(0).views() > 1) {
      return logProbabilities(images, transforms);
    }
    FMatrixRMaj logits = members.get(0).network().logits(images.get(0));
    DMatrixRMaj scores = new DMatrixRMaj(logits.numRows, logits.numCols);
    for (int i = 0; i < logits.getNumElements(); i++) {
      scores.data[i] = logits.data[i];
    }
    return scores;
  }

  private DMatrixRMaj logProbabilities(List<Images> images, List<ImageTransform> transforms) {
    int files = images.get(0).count() / transforms.get(0).views();
    DMatrixRMaj mean = LogProbabilities.zeros(files, classCount());
    for (Member member : members) {
      double weight = 1.0 / (members.size() * member.views());
      for (ImageTransform transform : member.transforms()) {
        Images views = images.get(transforms.indexOf(transform));
        LogProbabilities.add(mean, member.network().logits(views), weight);
      }
    }
    return mean;
  }
}
