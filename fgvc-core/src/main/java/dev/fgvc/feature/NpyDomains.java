package dev.fgvc.feature;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/** Domains from pairs of {@code .npy} files. */
final class NpyDomains {

  private NpyDomains() {}

  static DomainFeatures readMeans(String name, Path meansPath, Path weightsPath)
      throws IOException {
    NpyFile means = matrix(meansPath, "class means");
    NpyFile weights = NpyFile.open(weightsPath);
    if (weights.columns() != 1) {
      throw new FeatureFileException(
          weightsPath, "expected a vector of image counts, found " + shape(weights));
    }
    checkRows(means, weights, "image counts");
    if ((long) means.rows() * means.columns() > Integer.MAX_VALUE - 8) {
      throw new FeatureFileException(meansPath, shape(means) + " is too large for one array");
    }
    double[] counts = new double[weights.rows()];
    weights.forEach(
        (row, column, value) -> {
          if (!(value > 0) || Double.isInfinite(value)) {
            throw new FeatureFileException(
                weightsPath,
                "class " + row + " has image count " + value + "; counts must be positive");
          }
          counts[row] = value;
        });
    FMatrixRMaj values = new FMatrixRMaj(means.rows(), means.columns());
    means.forEach(
        (row, column, value) -> {
          checkFloat(meansPath, row, column, value);
          values.data[row * values.numCols + column] = (float) value;
        });
    List<String> names = new ArrayList<>();
    for (int c = 0; c < counts.length; c++) {
      names.add(Integer.toString(c));
    }
    return DomainFeatures.of(name, names, values, counts);
  }

  static DomainFeatures averageImages(String name, Path featuresPath, Path labelsPath)
      throws IOException {
    NpyFile features = matrix(featuresPath, "image features");
    NpyFile labels = NpyFile.open(labelsPath);
    if (labels.columns() != 1 || !labels.isInteger()) {
      throw new FeatureFileException(
          labelsPath,
          "expected a vector of int32 or int64 labels, found "
              + shape(labels)
              + (labels.isInteger() ? "" : " of floating point"));
    }
    checkRows(features, labels, "labels");
    ClassMeans means = ClassMeans.ofDimension(features.columns());
    int[] classes = new int[labels.rows()];
    labels.forEach(
        (row, column, value) -> {
          if (value < 0 || value >= ClassMeans.MAX_CLASSES) {
            throw new FeatureFileException(
                labelsPath,
                "label "
                    + (long) value
                    + " of image "
                    + row
                    + ": must be from 0 to "
                    + (ClassMeans.MAX_CLASSES - 1));
          }
          classes[row] = (int) value;
        });
    for (int label : classes) {
      means.count(label);
    }
    features.forEach(
        (row, column, value) -> {
          checkFloat(featuresPath, row, column, value);
          means.addValue(classes[row], column, value);
        });
    try {
      return means.toDomain(name);
    } catch (IllegalStateException gap) {
      throw new FeatureFileException(labelsPath, gap.getMessage());
    }
  }

  private static NpyFile matrix(Path path, String what) throws IOException {
    NpyFile file = NpyFile.open(path);
    if (file.rank() != 2 || file.rows() == 0 || file.columns() == 0) {
      throw new FeatureFileException(
          path, "expected a matrix of " + what + ", found " + shape(file));
    }
    return file;
  }

  private static void checkRows(NpyFile matrix, NpyFile vector, String what) {
    if (matrix.rows() != vector.rows()) {
      throw new FeatureFileException(
          vector.path(),
          vector.rows() + " " + what + " for " + matrix.rows() + " rows in " + matrix.path());
    }
  }

  private static void checkFloat(Path path, int row, int column, double value) {
    if (!Float.isFinite((float) value)) {
      throw new FeatureFileException(
          path, "row " + row + ", column " + column + ": " + value + " is not a finite float32");
    }
  }

  private static String shape(NpyFile file) {
    return file.rank() == 1
        ? "a vector of " + file.rows()
        : "a " + file.rows() + "x" + file.columns() + " matrix";
  }
}
