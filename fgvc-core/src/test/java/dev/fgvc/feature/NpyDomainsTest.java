package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyDomainsTest {

  @TempDir Path folder;
  private Path means;
  private Path weights;

  @BeforeEach
  void writeGoodWeights() throws IOException {
    means = folder.resolve("birds.npy");
    weights = NpyBytes.write(folder.resolve("birds_weight.npy"), "<i8", false, "(2,)", 10, 30);
  }

  @ParameterizedTest
  @CsvSource({"<f4", "<f8", "<i4", "<i8", ">f4", ">f8", ">i4", ">i8"})
  void readsEachTypeInBothOrders(String descr) throws IOException {
    NpyBytes.write(means, descr, false, "(2, 3)", 1, 2, 3, 4, 5, 6);
    assertThat(read().classMeans().data).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(read().imageCounts()).containsExactly(10, 30);
    NpyBytes.write(means, descr, true, "(2, 3)", 1, 4, 2, 5, 3, 6);
    assertThat(read().classMeans().data).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void averagesImagesFromFilesInBothOrders() throws IOException {
    Path labels = NpyBytes.write(folder.resolve("birds_label.npy"), "<i8", false, "(3,)", 0, 1, 0);
    NpyBytes.write(means, "<f4", false, "(3, 2)", 1, 2, 3, 4, 5, 6);
    DomainFeatures rowMajor = DomainFeatures.fromNpy("birds", means, labels);
    assertThat(rowMajor.classMeans().data).containsExactly(3, 4, 3, 4);
    assertThat(rowMajor.imageCounts()).containsExactly(2, 1);
    NpyBytes.write(means, "<f8", true, "(3, 2)", 1, 3, 5, 2, 4, 6);
    DomainFeatures columnMajor = DomainFeatures.fromNpy("birds", means, labels);
    assertThat(columnMajor.classMeans().data).containsExactly(3, 4, 3, 4);
  }

  @Test
  void readsFilesLargerThanItsBuffer() throws IOException {
    double[] values = new double[2 * 100_000];
    Arrays.setAll(values, k -> k);
    NpyBytes.write(means, "<f8", false, "(2, 100000)", values);
    assertThat(read().classMeans().get(1, 99_999)).isEqualTo(199_999);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': __import__('os').system('true'), }",
        "{'descr': '<f4', 'fortran_order': 1, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }",
        "not a header at all"
      })
  void refusesAHeaderThatIsNotNumpys(String header) throws IOException {
    NpyBytes.write(means, header, new byte[24]);
    assertThatThrownBy(this::read)
        .isInstanceOf(FeatureFileException.class)
        .hasMessageContaining("birds.npy: expected a header");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(999999999999, 2048)",
        "(999999999999999999, 999999999999999999)",
        "(2147483647, 2147483647)",
        "(2, 4)",
        "(2, 2)"
      })
  void refusesAShapeThatTheFileDoesNotHold(String shape) throws IOException {
    NpyBytes.write(
        means, "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", new byte[24]);
    assertThatThrownBy(this::read)
        .isInstanceOf(FeatureFileException.class)
        .hasMessageContaining("birds.npy: shape [");
  }

  @Test
  void refusesOtherTypesByName() throws IOException {
    NpyBytes.write(means, "|u1", false, "(2, 3)", 1, 2, 3, 4, 5, 6);
    assertThatThrownBy(this::read).hasMessageContaining("'|u1'; expected float32");
    NpyBytes.write(
        means, "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", new byte[24]);
    assertThatThrownBy(this::read).hasMessageContaining("'|O'; expected float32");
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    NpyBytes.write(means, "<f4", false, "(2, 3)", 1, 2, 3, 4, 5, 6);
    byte[] whole = Files.readAllBytes(means);
    for (int length = 0; length < whole.length; length++) {
      Files.write(means, Arrays.copyOf(whole, length));
      assertThatThrownBy(this::read).isInstanceOf(FeatureFileException.class);
    }
  }

  @Test
  void refusesAHugeHeaderBeforeTakingMemory() throws IOException {
    byte[] bytes = {
      (byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, '{'
    };
    Files.write(means, bytes);
    assertThatThrownBy(this::read).hasMessageContaining("a header of 2147483647 bytes");
  }

  @Test
  void refusesFilesThatDisagree() throws IOException {
    NpyBytes.write(means, "<f4", false, "(3, 1)", 1, 2, 3);
    assertThatThrownBy(this::read).hasMessageContaining("2 image counts for 3 rows");
    NpyBytes.write(means, "<f4", false, "(6,)", 1, 2, 3, 4, 5, 6);
    assertThatThrownBy(this::read)
        .hasMessageContaining("expected a matrix of class means, found a vector of 6");
  }

  @Test
  void refusesBadValuesByPlace() throws IOException {
    NpyBytes.write(means, "<f8", false, "(2, 2)", 1, 2, 1e300, 4);
    assertThatThrownBy(this::read).hasMessageContaining("row 1, column 0: 1.0E300");
    NpyBytes.write(means, "<f4", false, "(2, 2)", 1, Double.NaN, 3, 4);
    assertThatThrownBy(this::read).hasMessageContaining("row 0, column 1: NaN");
    NpyBytes.write(means, "<f4", false, "(2, 2)", 1, 2, 3, 4);
    NpyBytes.write(weights, "<f8", false, "(2,)", 1, 0);
    assertThatThrownBy(this::read).hasMessageContaining("class 1 has image count 0.0");
  }

  @Test
  void refusesLabelsThatDoNotFit() throws IOException {
    Path labels = folder.resolve("birds_label.npy");
    NpyBytes.write(means, "<f4", false, "(2, 1)", 1, 2);
    NpyBytes.write(labels, "<i4", false, "(2,)", 0, 2);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("class 1 (1) of domain birds has no images");
    NpyBytes.write(labels, "<i8", false, "(2,)", 0, -7);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("label -7 of image 1");
    NpyBytes.write(labels, "<f4", false, "(2,)", 0, 1);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("expected a vector of int32 or int64 labels");
  }

  @Test
  void reportsAMissingFile() {
    assertThatThrownBy(this::read).isInstanceOf(NoSuchFileException.class);
  }

  private DomainFeatures read() throws IOException {
    return DomainFeatures.readNpy("birds", means, weights);
  }
}
