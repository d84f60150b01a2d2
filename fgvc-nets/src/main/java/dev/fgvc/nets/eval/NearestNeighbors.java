package dev.fgvc.nets.eval;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * Classification by the k nearest training images in feature space: a measure of features that fits
 * nothing. Each of the k nearest votes for its class with the same weight; among classes with as
 * many votes the one whose nearest image is nearer wins, and of images at the same distance the
 * earlier one is nearer. Distances are Euclidean, or between features scaled to norm 1, whose order
 * is that of the cosine.
 *
 * <p>Time is images x training images x dimension multiply-adds, on all threads of the common pool;
 * memory is that of the training features. Immutable; each {@code with} method returns a new
 * classifier.
 */
public final class NearestNeighbors implements FeatureClassifier {

  private static final int DEFAULT_NEIGHBORS = 5;

  private final ImageFeatures training;
  private final int classes;
  private final int neighbors;
  private final boolean cosine;

  private NearestNeighbors(ImageFeatures training, int classes, int neighbors, boolean cosine) {
    this.training = training;
    this.classes = classes;
    this.neighbors = neighbors;
    this.cosine = cosine;
  }

  /**
   * A classifier by the {@value #DEFAULT_NEIGHBORS} nearest images in Euclidean distance.
   *
   * @param training features to compare with; not copied
   * @param classes how many there are; each needs an image
   * @return the classifier
   * @throws IllegalArgumentException if a class has no image, a label is out of range or a feature
   *     is not finite
   */
  public static NearestNeighbors of(ImageFeatures training, int classes) {
    training.requireForTraining(classes);
    return new NearestNeighbors(training, classes, DEFAULT_NEIGHBORS, false);
  }

  /**
   * The same with another number of votes.
   *
   * @param k at least 1; all training images where there are fewer
   * @return a new classifier
   */
  public NearestNeighbors withNeighbors(int k) {
    if (k < 1) {
      throw new IllegalArgumentException(k + " neighbors: at least 1 is needed");
    }
    return new NearestNeighbors(training, classes, k, cosine);
  }

  /**
   * The same by the angle between features in place of their distance.
   *
   * @param value whether lengths of features do not count; a feature of zeros is at distance 1 from
   *     all others
   * @return a new classifier
   */
  public NearestNeighbors withCosine(boolean value) {
    return new NearestNeighbors(training, classes, neighbors, value);
  }

  @Override
  public int classCount() {
    return classes;
  }

  /** Votes, and less than half a vote by the place of the nearest image of the class. */
  @Override
  public DMatrixRMaj scores(FMatrixRMaj features) {
    ImageFeatures.requireFinite(features, training.features().numCols);
    double[] trainingFactors = factors(training.features());
    double[] factors = factors(features);
    DMatrixRMaj scores = new DMatrixRMaj(features.numRows, classes);
    IntStream.range(0, features.numRows)
        .parallel()
        .forEach(i -> vote(distances(features, i, factors[i], trainingFactors), scores, i));
    return scores;
  }

  /** Returns the factors of features before they are compared. */
  private double[] factors(FMatrixRMaj features) {
    return IntStream.range(0, features.numRows)
        .mapToDouble(
            i -> {
              if (!cosine) {
                return 1;
              }
              double norm = norm(features.data, i, features.numCols);
              return norm == 0 ? 0 : 1 / norm;
            })
        .toArray();
  }

  /** Squared distances of an image to all training images. */
  private double[] distances(FMatrixRMaj features, int image, double factor, double[] factors) {
    int dimension = features.numCols;
    double[] distances = new double[factors.length];
    for (int t = 0; t < distances.length; t++) {
      double sum = 0;
      for (int j = 0; j < dimension; j++) {
        double difference =
            factor * features.data[image * dimension + j]
                - factors[t] * training.features().data[t * dimension + j];
        sum += difference * difference;
      }
      distances[t] = sum;
    }
    return distances;
  }

  private void vote(double[] distances, DMatrixRMaj scores, int image) {
    int[] labels = training.labels();
    boolean[] taken = new boolean[distances.length];
    int votes = Math.min(neighbors, distances.length);
    for (int vote = 0; vote < votes; vote++) {
      int nearest = -1;
      for (int t = 0; t < distances.length; t++) {
        if (!taken[t] && (nearest < 0 || distances[t] < distances[nearest])) {
          nearest = t;
        }
      }
      taken[nearest] = true;
      int place = image * classes + labels[nearest];
      double first = scores.data[place] == 0 ? 0.5 * (votes - vote) / (votes + 1) : 0;
      scores.data[place] += 1 + first;
    }
  }

  private static double norm(float[] data, int row, int dimension) {
    double sum = 0;
    for (int j = 0; j < dimension; j++) {
      double value = data[row * dimension + j];
      sum += value * value;
    }
    return Math.sqrt(sum);
  }
}
