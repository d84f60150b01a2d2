package dev.fgvc.nets.eval;

import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * Logarithms of means of softmax probabilities, in double precision: they keep the order of classes
 * whose probabilities are too small for any number.
 */
final class LogProbabilities {

  private LogProbabilities() {}

  /** The logarithms of nothing but zeros, to be added to. */
  static DMatrixRMaj zeros(int rows, int classes) {
    DMatrixRMaj sum = new DMatrixRMaj(rows, classes);
    sum.fill(Double.NEGATIVE_INFINITY);
    return sum;
  }

  /**
   * Adds the softmax of some logits.
   *
   * @param sum logarithms, changed in place
   * @param logits a fixed number of rows, the views of an image, for each row of the sum
   * @param weight of each view's probabilities
   */
  static void add(DMatrixRMaj sum, FMatrixRMaj logits, double weight) {
    int classes = logits.numCols;
    int views = logits.numRows / sum.numRows;
    for (int i = 0; i < logits.numRows; i++) {
      double offset = Math.log(weight) - logSumExp(logits.data, i * classes, classes);
      for (int c = 0; c < classes; c++) {
        int place = i / views * classes + c;
        sum.data[place] = logAdd(sum.data[place], logits.data[i * classes + c] + offset);
      }
    }
  }

  /**
   * The probabilities of one image.
   *
   * @param logits one row for each image
   * @param temperature what they are divided by
   */
  static double[] softmax(FMatrixRMaj logits, int row, double temperature) {
    int classes = logits.numCols;
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      largest = Math.max(largest, logits.data[row * classes + c]);
    }
    double[] probabilities = new double[classes];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      probabilities[c] = Math.exp((logits.data[row * classes + c] - largest) / temperature);
      sum += probabilities[c];
    }
    for (int c = 0; c < classes; c++) {
      probabilities[c] /= sum;
    }
    return probabilities;
  }

  private static double logSumExp(float[] logits, int from, int count) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < count; c++) {
      largest = Math.max(largest, logits[from + c]);
    }
    double sum = 0;
    for (int c = 0; c < count; c++) {
      sum += Math.exp(logits[from + c] - largest);
    }
    return largest + Math.log(sum);
  }

  private static double logAdd(double a, double b) {
    if (a == Double.NEGATIVE_INFINITY) {
      return b;
    }
    return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  }
}
