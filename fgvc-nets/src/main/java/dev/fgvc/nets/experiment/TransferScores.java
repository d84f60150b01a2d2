package dev.fgvc.nets.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.eval.Predictions;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * Estimates of how well a network will do on a target after fine-tuning, from one pass over the
 * target's training images. They judge a <em>network</em> for a target, so comparing sources by
 * them takes one pre-trained network for each source; the paper's domain similarity judges the data
 * and needs only one network for all. Larger is better; only the order of networks for one target
 * means something.
 */
public final class TransferScores {

  private static final int MOST_ITERATIONS = 100;
  private static final double SETTLED = 1e-3;
  private static final double TINY = 1e-5;

  private TransferScores() {}

  /**
   * LogME (You et al., ICML 2021, algorithm 1): the logarithm of the evidence of a Bayesian linear
   * regression from features to each class's indicator, with the best variances of prior and noise,
   * as a mean over classes and images. Time is that of a singular value decomposition of the
   * feature matrix.
   *
   * @param target features of the target's images
   * @param classes of the target
   * @return the score
   */
  public static double logMe(ImageFeatures target, int classes) {
    int n = target.features().numRows;
    int dimension = target.features().numCols;
    DMatrixRMaj features = new DMatrixRMaj(n, dimension);
    for (int i = 0; i < features.data.length; i++) {
      features.data[i] = target.features().data[i];
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(n, dimension, true, false, true);
    if (!svd.decompose(features)) {
      throw new ArithmeticException(
          "the singular values of " + n + "x" + dimension + " features cannot be found");
    }
    double[] sigma =
        Arrays.stream(svd.getSingularValues(), 0, svd.numberOfSingularValues())
            .map(s -> s * s)
            .toArray();
    DMatrixRMaj left = svd.getU(null, false);
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      DMatrixRMaj indicator = new DMatrixRMaj(1, n);
      int members = 0;
      for (int i = 0; i < n; i++) {
        if (target.labels()[i] == c) {
          indicator.data[i] = 1;
          members++;
        }
      }
      DMatrixRMaj projected = new DMatrixRMaj(1, sigma.length);
      CommonOps_DDRM.mult(indicator, left, projected);
      sum += Evidence.largest(sigma, projected.data, members, n, dimension).perImage();
    }
    return sum / classes;
  }

  /**
   * The evidence of one regression at its best variances.
   *
   * @param alpha one over the variance of the prior of the weights
   * @param beta one over the variance of the noise
   * @param perImage logarithm of the evidence over the number of images
   */
  record Evidence(double alpha, double beta, double perImage) {

    /**
     * MacKay's fixed-point iteration for the best variances.
     *
     * @param sigma squared singular values of the features
     * @param projected the targets in the left singular vectors' basis
     * @param norm squared norm of the targets
     */
    static Evidence largest(
        double[] sigma, double[] projected, double norm, int images, int dimension) {
      double inside = Arrays.stream(projected).map(x -> x * x).sum();
      double outside = Math.max(0, norm - inside);
      double alpha = 1;
      double beta = 1;
      double weights = 0;
      double residual = 0;
      double ratio = 0;
      for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
        double before = ratio;
        ratio = alpha / beta;
        double effective = 0;
        weights = 0;
        residual = outside;
        for (int k = 0; k < sigma.length; k++) {
          double shrunk = ratio + sigma[k];
          double square = projected[k] * projected[k];
          effective += sigma[k] / shrunk;
          weights += sigma[k] * square / (shrunk * shrunk);
          residual += square * ratio * ratio / (shrunk * shrunk);
        }
        if (iteration > 0 && Math.abs(ratio - before) <= SETTLED * before) {
          break;
        }
        alpha = effective / (weights + TINY);
        beta = (images - effective) / (residual + TINY);
      }
      double determinant = (dimension - sigma.length) * Math.log(alpha);
      for (double s : sigma) {
        determinant += Math.log(alpha + beta * s);
      }
      double evidence =
          (dimension * Math.log(alpha)
                  + images * Math.log(beta / (2 * Math.PI))
                  - determinant
                  - beta * residual
                  - alpha * weights)
              / 2;
      return new Evidence(alpha, beta, evidence / images);
    }
  }

  /**
   * LEEP (Nguyen et al., ICML 2020, equation 2): the mean log likelihood of the target's labels
   * when they are guessed from the source classes that the network sees in the images, by their
   * empirical joint distribution.
   *
   * @param predictions of the source's network on the target's images
   * @param classes of the target
   * @return the score, at most 0
   */
  public static double leep(Predictions predictions, int classes) {
    int images = predictions.probabilities().numRows;
    int sources = predictions.probabilities().numCols;
    float[] theta = predictions.probabilities().data;
    double[][] joint = new double[classes][sources];
    double[] marginal = new double[sources];
    for (int i = 0; i < images; i++) {
      for (int z = 0; z < sources; z++) {
        double share = (double) theta[i * sources + z] / images;
        joint[predictions.labels()[i]][z] += share;
        marginal[z] += share;
      }
    }
    double sum = 0;
    for (int i = 0; i < images; i++) {
      double likelihood = 0;
      for (int z = 0; z < sources; z++) {
        if (marginal[z] > 0) {
          likelihood += joint[predictions.labels()[i]][z] / marginal[z] * theta[i * sources + z];
        }
      }
      sum += Math.log(likelihood);
    }
    return sum / images;
  }

  /**
   * Spearman's rank correlation, with mean ranks for equal values.
   *
   * @param a at least two values
   * @param b as many
   * @return from -1 to 1; NaN if all values of one are equal
   */
  public static double rankCorrelation(double[] a, double[] b) {
    checkArgument(
        a.length == b.length && a.length >= 2,
        "rank correlation of %s with %s values; at least 2 of each",
        a.length,
        b.length);
    double[] ranksA = ranks(a);
    double[] ranksB = ranks(b);
    double mean = (a.length + 1) / 2.0;
    double covariance = 0;
    double varianceA = 0;
    double varianceB = 0;
    for (int i = 0; i < a.length; i++) {
      covariance += (ranksA[i] - mean) * (ranksB[i] - mean);
      varianceA += (ranksA[i] - mean) * (ranksA[i] - mean);
      varianceB += (ranksB[i] - mean) * (ranksB[i] - mean);
    }
    return covariance / Math.sqrt(varianceA * varianceB);
  }

  private static double[] ranks(double[] values) {
    return Arrays.stream(values)
        .map(
            value -> {
              long below = Arrays.stream(values).filter(other -> other < value).count();
              long equal = Arrays.stream(values).filter(other -> other == value).count();
              return below + (equal + 1) / 2.0;
            })
        .toArray();
  }
}
