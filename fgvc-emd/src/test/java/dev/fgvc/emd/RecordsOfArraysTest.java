package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;

import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class RecordsOfArraysTest {

  private static final float[] FEATURES = {1, 2, 3, Float.NaN};

  @Test
  void selectedSetsOfTheSameNumbersAreEqual() {
    SelectedSet set = new SelectedSet(new int[] {2, 7}, new double[] {0.25, 0.75}, 1.5);
    SelectedSet same = new SelectedSet(new int[] {2, 7}, new double[] {0.25, 0.75}, 1.5);

    assertThat(same).isEqualTo(set).hasSameHashCodeAs(set);
    assertThat(new SelectedSet(new int[] {2, 8}, set.weights(), 1.5)).isNotEqualTo(set);
    assertThat(new SelectedSet(set.classes(), new double[] {0.5, 0.5}, 1.5)).isNotEqualTo(set);
    assertThat(new SelectedSet(set.classes(), set.weights(), 1.25)).isNotEqualTo(set);
  }

  @Test
  void selectedSetsPrintTheirNumbers() {
    assertThat(new SelectedSet(new int[] {2, 7}, new double[] {0.25, 0.75}, 1.5))
        .hasToString("EMD 1.5 of classes [2, 7] with weights [0.25, 0.75]");
  }

  @Test
  void imageDomainsOfTheSameImagesAreEqual() {
    ImageDomain domain = domain("birds", new FMatrixRMaj(2, 2, true, FEATURES), 0, 1);
    // The same rows in a longer array.
    FMatrixRMaj longer = new FMatrixRMaj(3, 2);
    System.arraycopy(FEATURES, 0, longer.data, 0, FEATURES.length);
    longer.data[4] = 5;
    longer.reshape(2, 2);
    ImageDomain same = domain("birds", longer, 0, 1);

    assertThat(same).isEqualTo(domain).hasSameHashCodeAs(domain);
    assertThat(domain("fish", longer, 0, 1)).isNotEqualTo(domain);
    assertThat(domain("birds", longer, 1, 0)).isNotEqualTo(domain);
    assertThat(domain("birds", new FMatrixRMaj(1, 4, true, FEATURES), 0, 1)).isNotEqualTo(domain);
    assertThat(domain("birds", new FMatrixRMaj(2, 2), 0, 1)).isNotEqualTo(domain);
  }

  @Test
  void imageDomainsPrintTheirSizeAndNoFeature() {
    assertThat(domain("birds", new FMatrixRMaj(2, 2, true, FEATURES), 0, 1))
        .hasToString("birds, 2 images, dimension 2");
  }

  private static ImageDomain domain(String name, FMatrixRMaj features, int... labels) {
    return new ImageDomain(name, features, labels);
  }
}
