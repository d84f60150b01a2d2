package dev.fgvc.nets.eval;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** A fitted {@link LinearProbe}. Immutable. */
public final class LinearClassifier implements FeatureClassifier {

  private final DMatrixRMaj weights;
  private final double[] biases;
  private final double[] mean;
  private final double[] scale;
  private final double trainingLoss;
  private final boolean converged;

  /**
   * A classifier of standardized features.
   *
   * @param weights [classes, dimension]
   * @param mean taken from each feature
   * @param scale each feature is multiplied with then
   */
  LinearClassifier(
      DMatrixRMaj weights,
      double[] biases,
      double[] mean,
      double[] scale,
      double trainingLoss,
      boolean converged) {
    this.weights = weights;
    this.biases = biases;
    this.mean = mean;
    this.scale = scale;
    this.trainingLoss = trainingLoss;
    this.converged = converged;
  }

  static DMatrixRMaj standardized(FMatrixRMaj features, double[] mean, double[] scale) {
    int dimension = features.numCols;
    DMatrixRMaj result = new DMatrixRMaj(features.numRows, dimension);
    for (int i = 0; i < features.getNumElements(); i++) {
      int j = i % dimension;
      result.data[i] = (features.data[i] - mean[j]) * scale[j];
    }
    return result;
  }

  @Override
  public int classCount() {
    return weights.numRows;
  }

  /** Logits. */
  @Override
  public DMatrixRMaj scores(FMatrixRMaj features) {
    ImageFeatures.requireFinite(features, weights.numCols);
    DMatrixRMaj scores =
        CommonOps_DDRM.multTransB(standardized(features, mean, scale), weights, null);
    for (int i = 0; i < scores.getNumElements(); i++) {
      scores.data[i] += biases[i % biases.length];
    }
    return scores;
  }

  /**
   * The mean cross-entropy of images whose classes are known.
   *
   * @param images such as held-out ones
   * @return at least 0
   * @throws IllegalArgumentException if the dimension is another, a feature is not finite or a
   *     label is out of range
   */
  public double crossEntropy(ImageFeatures images) {
    DMatrixRMaj scores = scores(images.features());
    double sum = 0;
    for (int i = 0; i < scores.numRows; i++) {
      int label = images.label(i, classCount());
      int from = i * classCount();
      double[] row = Arrays.copyOfRange(scores.data, from, from + classCount());
      double largest = Arrays.stream(row).max().orElseThrow();
      double powers = Arrays.stream(row).map(logit -> Math.exp(logit - largest)).sum();
      sum += largest + Math.log(powers) - row[label];
    }
    return sum / scores.numRows;
  }

  /**
   * The value that was minimized: the mean cross-entropy of the training images and the penalty.
   *
   * @return at least 0
   */
  public double trainingLoss() {
    return trainingLoss;
  }

  /**
   * Whether the minimum was reached, to 1e-6 in each component of the gradient.
   *
   * @return false if the iterations ran out, as with a tiny penalty and separable classes
   */
  public boolean hasConverged() {
    return converged;
  }
}
