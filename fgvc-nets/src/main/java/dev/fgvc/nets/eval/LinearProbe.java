package dev.fgvc.nets.eval;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;

/**
 * A linear probe: multinomial logistic regression on the features of a frozen network. It minimizes
 * the mean cross-entropy over the images plus half the penalty times the squared norm of the
 * weights, biases not penalized:
 *
 * <pre>  1/n sum_i -log softmax(W x_i + b)[y_i]  +  penalty/2 |W|^2 </pre>
 *
 * <p>That is scikit-learn's {@code LogisticRegression} with {@code C = 1 / (penalty * n)}. The
 * function is convex, so the result depends on no start and no seed; L-BFGS in double precision, on
 * one thread, gives the same bits each time. Features are standardized first, as by scikit-learn's
 * {@code StandardScaler}, unless that is switched off.
 *
 * <p>Time is a few hundred times images x dimension x classes multiply-adds; with fewer images than
 * features, images x images x classes, since the best weights are combinations of the images.
 * Memory is 16 bytes for each image and feature. Immutable; each {@code with} method returns a new
 * probe.
 */
public final class LinearProbe {

  private static final double DEFAULT_PENALTY = 0.01;
  private static final double GRADIENT_TOLERANCE = 1e-6;
  private static final int MOST_ITERATIONS = 2000;

  private static final LinearProbe DEFAULT = new LinearProbe(DEFAULT_PENALTY, true);

  private final double penalty;
  private final boolean standardized;

  private LinearProbe(double penalty, boolean standardized) {
    this.penalty = penalty;
    this.standardized = standardized;
  }

  /**
   * A probe on standardized features with a penalty of {@value #DEFAULT_PENALTY}.
   *
   * @return the probe
   */
  public static LinearProbe create() {
    return DEFAULT;
  }

  /**
   * The same with another penalty.
   *
   * @param value above 0 and finite; larger for fewer or noisier images
   * @return a new probe
   */
  public LinearProbe withPenalty(double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("penalty " + value + " must be above 0 and finite");
    }
    return new LinearProbe(value, standardized);
  }

  /**
   * The same with or without standardized features.
   *
   * @param value whether each feature is shifted to mean 0 and scaled to standard deviation 1 over
   *     the training images; constant ones are only shifted
   * @return a new probe
   */
  public LinearProbe withStandardization(boolean value) {
    return new LinearProbe(penalty, value);
  }

  /**
   * The same with the penalty that does best in cross-validation on the training images: the i-th
   * image of a class is held out by fold i modulo the number of folds, the only image of a class by
   * none. The measure is the mean cross-entropy of held-out images, which tells more from few
   * images than errors do; of equal penalties the larger is taken.
   *
   * @param training images to choose with
   * @param classes their number of classes
   * @param penalties to choose from, at least one, each above 0 and finite
   * @param folds at least 2
   * @return a new probe
   * @throws IllegalArgumentException if there are fewer than 2 folds or no penalty, a penalty is
   *     out of range, a class has no image, no class has two, a label is out of range or a feature
   *     is not finite
   */
  public LinearProbe tunedOn(
      ImageFeatures training, int classes, List<Double> penalties, int folds) {
    if (folds < 2 || penalties.isEmpty()) {
      throw new IllegalArgumentException(
          folds + " folds and penalties " + penalties + ": at least 2 and at least 1 are needed");
    }
    training.requireForTraining(classes);
    int[] fold = folds(training.labels(), classes, folds);
    double best = Double.POSITIVE_INFINITY;
    LinearProbe chosen = this;
    for (double each : penalties.stream().sorted((a, b) -> Double.compare(b, a)).toList()) {
      LinearProbe probe = withPenalty(each);
      double sum = 0;
      for (int f = 0; f < folds; f++) {
        int held = f;
        int[] out = positions(fold, place -> place == held);
        if (out.length > 0) {
          LinearClassifier fitted =
              probe.fit(training.select(positions(fold, place -> place != held)), classes);
          sum += fitted.crossEntropy(training.select(out)) * out.length;
        }
      }
      if (sum < best) {
        best = sum;
        chosen = probe;
      }
    }
    return chosen;
  }

  /** The fold that holds each image out; -1 for the only image of a class. */
  private static int[] folds(int[] labels, int classes, int folds) {
    int[] seen = new int[classes];
    int[] fold = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      fold[i] = seen[labels[i]]++ % folds;
    }
    boolean some = false;
    for (int i = 0; i < labels.length; i++) {
      if (seen[labels[i]] == 1) {
        fold[i] = -1;
      } else {
        some = true;
      }
    }
    if (!some) {
      throw new IllegalArgumentException("no class has two images, so none can be held out");
    }
    return fold;
  }

  private static int[] positions(int[] fold, IntPredicate kept) {
    return IntStream.range(0, fold.length).filter(i -> kept.test(fold[i])).toArray();
  }

  /**
   * The penalty of the weights.
   *
   * @return above 0
   */
  public double penalty() {
    return penalty;
  }

  /**
   * Fits the probe.
   *
   * @param training features of the training images
   * @param classes how many there are; each needs an image
   * @return the classifier
   * @throws IllegalArgumentException if a class has no image, a label is out of range or a feature
   *     is not finite
   */
  public LinearClassifier fit(ImageFeatures training, int classes) {
    training.requireForTraining(classes);
    FMatrixRMaj features = training.features();
    int dimension = features.numCols;
    double[] mean = new double[dimension];
    double[] scale = new double[dimension];
    Arrays.fill(scale, 1);
    if (standardized) {
      standardize(features, mean, scale);
    }
    DMatrixRMaj images = LinearClassifier.standardized(features, mean, scale);
    DMatrixRMaj coordinates = images;
    DMatrixRMaj basis = null;
    if (images.numRows < dimension) {
      // With images' = Q R, the weights are Z Q' for some Z of the same norm.
      QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(dimension, images.numRows);
      if (!qr.decompose(CommonOps_DDRM.transpose(images, null))) {
        throw new ArithmeticException(
            "no QR decomposition of " + images.numRows + "x" + dimension + " features");
      }
      basis = qr.getQ(null, true);
      coordinates = CommonOps_DDRM.transpose(qr.getR(null, true), null);
    }
    CrossEntropy objective = new CrossEntropy(coordinates, training.labels(), classes, penalty);
    Lbfgs.Minimum minimum =
        Lbfgs.minimize(
            objective,
            new double[classes * (coordinates.numCols + 1)],
            GRADIENT_TOLERANCE,
            MOST_ITERATIONS);
    DMatrixRMaj weights = objective.weights(minimum.point());
    if (basis != null) {
      weights = CommonOps_DDRM.multTransB(weights, basis, null);
    }
    return new LinearClassifier(
        weights,
        objective.biases(minimum.point()),
        mean,
        scale,
        minimum.value(),
        minimum.converged());
  }

  /** Means and one over the standard deviations, as StandardScaler has them. */
  private static void standardize(FMatrixRMaj features, double[] mean, double[] scale) {
    int images = features.numRows;
    int dimension = features.numCols;
    for (int i = 0; i < features.getNumElements(); i++) {
      mean[i % dimension] += features.data[i] / (double) images;
    }
    double[] variance = new double[dimension];
    for (int i = 0; i < features.getNumElements(); i++) {
      double difference = features.data[i] - mean[i % dimension];
      variance[i % dimension] += difference * difference / images;
    }
    for (int j = 0; j < dimension; j++) {
      // Below this, what is left of a constant feature is the rounding of its mean.
      boolean constant = variance[j] <= 1e-24 * mean[j] * mean[j] + Double.MIN_NORMAL;
      scale[j] = constant ? 1 : 1 / Math.sqrt(variance[j]);
    }
  }

  /** The function to minimize; a point holds the weights class by class, then the biases. */
  private static final class CrossEntropy implements Lbfgs.Objective {

    private final DMatrixRMaj images;
    private final DMatrixRMaj transposed;
    private final int[] labels;
    private final int classes;
    private final double penalty;
    private final DMatrixRMaj weights;
    private final DMatrixRMaj weightGradient;

    /** Logits of [classes, images], then their gradients. */
    private final DMatrixRMaj logits;

    CrossEntropy(DMatrixRMaj images, int[] labels, int classes, double penalty) {
      this.images = images;
      this.transposed = CommonOps_DDRM.transpose(images, null);
      this.labels = labels;
      this.classes = classes;
      this.penalty = penalty;
      this.weights = new DMatrixRMaj(classes, images.numCols);
      this.weightGradient = new DMatrixRMaj(classes, images.numCols);
      this.logits = new DMatrixRMaj(classes, images.numRows);
    }

    DMatrixRMaj weights(double[] point) {
      int size = classes * images.numCols;
      return new DMatrixRMaj(classes, images.numCols, true, Arrays.copyOf(point, size));
    }

    double[] biases(double[] point) {
      return Arrays.copyOfRange(point, classes * images.numCols, point.length);
    }

    @Override
    public double evaluate(double[] point, double[] gradient) {
      int size = weights.getNumElements();
      System.arraycopy(point, 0, weights.data, 0, size);
      CommonOps_DDRM.mult(weights, transposed, logits);
      double loss = 0;
      Arrays.fill(gradient, size, gradient.length, 0);
      for (int i = 0; i < labels.length; i++) {
        loss += softmax(i, point, gradient);
      }
      CommonOps_DDRM.mult(logits, images, weightGradient);
      double squares = 0;
      for (int w = 0; w < size; w++) {
        squares += point[w] * point[w];
        gradient[w] = weightGradient.data[w] + penalty * point[w];
      }
      return loss / labels.length + penalty / 2 * squares;
    }

    /** The loss of one image; its logits become their gradients of the mean loss. */
    private double softmax(int image, double[] point, double[] gradient) {
      int count = labels.length;
      int biases = weights.getNumElements();
      double largest = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        logits.data[c * count + image] += point[biases + c];
        largest = Math.max(largest, logits.data[c * count + image]);
      }
      double own = logits.data[labels[image] * count + image] - largest;
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        double power = Math.exp(logits.data[c * count + image] - largest);
        logits.data[c * count + image] = power;
        sum += power;
      }
      for (int c = 0; c < classes; c++) {
        double share = logits.data[c * count + image] / sum - (c == labels[image] ? 1 : 0);
        logits.data[c * count + image] = share / count;
        gradient[biases + c] += share / count;
      }
      return Math.log(sum) - own;
    }
  }
}
