package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.emd.testing.Instances;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

/** Tests what class means leave out: the spread of images within their classes (section 4.1). */
class ImageLevelTest {

  @Test
  void classMeansAreOffByAtMostTheSpreadWithinClasses() {
    Random random = new Random(21);
    ImageDomain source = images("source", 20, 900, random);
    ImageDomain target = images("target", 12, 600, random);
    double classes =
        DomainSimilarity.create().between(source.classMeans(), target.classMeans()).emd();
    TransportPlan images =
        ExactEmd.create()
            .solveEuclidean(ones(900), ones(600), source.features(), target.features());
    assertThat(images.relativeGap()).isLessThan(1e-12);
    // The triangle inequality by way of the means; the two distances may differ either way.
    assertThat(Math.abs(images.distance() - classes))
        .isPositive()
        .isLessThanOrEqualTo(spread(source) + spread(target));
  }

  /** The mean distance of an image to the mean of its class. */
  private static double spread(ImageDomain domain) {
    FMatrixRMaj means = domain.classMeans().classMeans();
    double sum = 0;
    for (int i = 0; i < domain.labels().length; i++) {
      double square = 0;
      for (int k = 0; k < means.numCols; k++) {
        double difference = domain.features().get(i, k) - means.get(domain.labels()[i], k);
        square += difference * difference;
      }
      sum += Math.sqrt(square);
    }
    return sum / domain.labels().length;
  }

  private static ImageDomain images(String name, int classes, int count, Random random) {
    FMatrixRMaj centres = Instances.gaussianPoints(classes, 16, random);
    FMatrixRMaj features = Instances.gaussianPoints(count, 16, random);
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % classes;
      for (int k = 0; k < 16; k++) {
        features.data[i * 16 + k] += 2 * centres.get(labels[i], k);
      }
    }
    return new ImageDomain(name, features, labels);
  }

  private static double[] ones(int size) {
    double[] ones = new double[size];
    Arrays.fill(ones, 1);
    return ones;
  }
}
