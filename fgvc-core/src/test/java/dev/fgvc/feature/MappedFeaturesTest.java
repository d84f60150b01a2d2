package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFeaturesTest {

  @TempDir Path folder;

  private Path features(String name, String shape, double... values) throws IOException {
    return NpyBytes.write(folder.resolve(name), "<f4", false, shape, values);
  }

  private static float[] row(FeatureRows rows, int row) {
    float[] values = new float[rows.dimension()];
    rows.copyRow(row, values, 0);
    return values;
  }

  @Test
  void rowsOfSeveralFilesFollowEachOther() throws IOException {
    MappedFeatures rows =
        MappedFeatures.open(
            List.of(features("a.npy", "(2, 2)", 1, 2, 3, 4), features("b.npy", "(1, 2)", 5, 6)));
    assertThat(rows.count()).isEqualTo(3);
    assertThat(rows.dimension()).isEqualTo(2);
    assertThat(row(rows, 0)).containsExactly(1, 2);
    assertThat(row(rows, 1)).containsExactly(3, 4);
    assertThat(row(rows, 2)).containsExactly(5, 6);
    float[] longer = new float[5];
    rows.copyRow(2, longer, 3);
    assertThat(longer).containsExactly(0, 0, 0, 5, 6);
    for (int none : new int[] {-1, 3}) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> row(rows, none));
    }
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> rows.copyRow(0, longer, 4));
  }

  @Test
  void rowsOfAMatrixAreItsRows() {
    FeatureRows rows = FeatureRows.of(new FMatrixRMaj(2, 3, true, 1, 2, 3, 4, 5, 6));
    assertThat(row(rows, 1)).containsExactly(4, 5, 6);
    assertThat(rows.count()).isEqualTo(2);
  }

  @Test
  void aMatrixHasNoRowsBeyondItsOwnThoughItsArrayIsLonger() {
    FMatrixRMaj matrix = new FMatrixRMaj(3, 1);
    matrix.reshape(2, 1);
    FeatureRows rows = FeatureRows.of(matrix);

    for (int none : new int[] {-1, 2}) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> row(rows, none));
    }
  }

  @Test
  void shardsAreMappedWhereTheyLie() throws IOException {
    FeatureShards shards = FeatureShards.in(folder.resolve("shards"), 2);
    shards.append(new FMatrixRMaj(2, 2, true, 1, 2, 3, 4), new int[] {7, 0});
    shards.append(new FMatrixRMaj(1, 2, true, 5, 6), new int[] {7});
    assertThat(row(shards.mapped(), 2)).containsExactly(5, 6);

    LabeledFeatures domain = LabeledFeatures.mapShards("d", shards);
    assertThat(domain.classNames()).containsExactly("0", "7");
    assertThat(domain.classOf(0)).isEqualTo(1);
    assertThat(domain.classMeans().classMeans().data).containsExactly(3, 4, 3, 4);
    assertThat(domain.classMeans().imageCounts()).containsExactly(1, 2);
    assertThat(domain).hasToString("d, 3 images of 2 classes, dimension 2");
  }

  @Test
  void filesLargerThanAnArrayAreReadToTheirEnd() throws IOException {
    // A sparse file: nothing but its header and its last row takes room on the disk.
    int dimension = 1024;
    int rows = 530_000;
    Path large = NpyBytes.write(folder.resolve("large.npy"), header(rows, dimension), new byte[0]);
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      long end = file.length() + 4L * rows * dimension;
      file.setLength(end);
      file.seek(end - 4);
      file.writeInt(Integer.reverseBytes(Float.floatToIntBits(2.5f)));
    }
    MappedFeatures mapped = MappedFeatures.open(large);
    assertThat(mapped.count()).isEqualTo(rows);
    assertThat(row(mapped, rows - 1)[dimension - 1]).isEqualTo(2.5f);
    assertThat(row(mapped, rows / 2 - 1)).containsOnly(0);
  }

  private static String header(int rows, int columns) {
    return "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
  }

  @Test
  void otherTypesOrdersAndShapesAreNamedWithTheFix() throws IOException {
    refuses(NpyBytes.write(folder.resolve("f8.npy"), "<f8", false, "(1, 2)", 1, 2), "<f4");
    refuses(NpyBytes.write(folder.resolve("big.npy"), ">f4", false, "(1, 2)", 1, 2), "<f4");
    refuses(NpyBytes.write(folder.resolve("i4.npy"), "<i4", false, "(1, 2)", 1, 2), "<f4");
    refuses(
        NpyBytes.write(folder.resolve("f.npy"), "<f4", true, "(2, 2)", 1, 2, 3, 4), "contiguous");
    refuses(features("vector.npy", "(2,)", 1, 2), "matrix");
    refuses(features("empty.npy", "(0, 2)"), "at least one value");
    refuses(features("short.npy", "(2, 2)", 1, 2, 3), "needs a file of");
    refuses(
        NpyBytes.write(folder.resolve("huge.npy"), header(1 << 30, 1 << 30), new byte[8]),
        "needs a file of");
    Path one = features("one.npy", "(1, 2)", 1, 2);
    Path wider = features("wider.npy", "(1, 3)", 1, 2, 3);
    assertThatExceptionOfType(FeatureFileException.class)
        .isThrownBy(() -> MappedFeatures.open(List.of(one, wider)))
        .withMessageContaining("dimension 3")
        .withMessageContaining("wider.npy");
    assertThatIllegalArgumentException().isThrownBy(() -> MappedFeatures.open(List.of()));
  }

  private static void refuses(Path file, String fix) {
    assertThatExceptionOfType(FeatureFileException.class)
        .isThrownBy(() -> MappedFeatures.open(file))
        .withMessageContaining(file.getFileName().toString())
        .withMessageContaining(fix);
  }

  @Test
  void labelsOfAnyTypeNameTheClasses() throws IOException {
    Path features = features("f.npy", "(3, 1)", 1, 3, 8);
    Path labels = NpyBytes.write(folder.resolve("l.npy"), "<i8", false, "(3,)", 9, 2, 9);
    LabeledFeatures domain = LabeledFeatures.mapNpy("d", features, labels);
    assertThat(domain.classNames()).containsExactly("2", "9");
    assertThat(domain.classMeans().classMeans().data)
        .containsExactly(DomainFeatures.fromNpy("d", features, labels).classMeans().data);

    Path fewer = NpyBytes.write(folder.resolve("fewer.npy"), "<i8", false, "(2,)", 9, 2);
    assertThatExceptionOfType(FeatureFileException.class)
        .isThrownBy(() -> LabeledFeatures.mapNpy("d", features, fewer))
        .withMessageContaining("2 labels for 3 rows");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LabeledFeatures.of("d", FeatureRows.of(new FMatrixRMaj(1, 1)), new int[] {-1}))
        .withMessageContaining("label -1 of image 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LabeledFeatures.of("d", FeatureRows.of(new FMatrixRMaj(0, 1)), new int[0]))
        .withMessageContaining("no images");
  }

  @Test
  void aFeatureThatIsNoNumberIsNamedByItsImage() {
    FMatrixRMaj features = new FMatrixRMaj(1500, 1);
    features.data[1400] = Float.POSITIVE_INFINITY;
    LabeledFeatures domain = LabeledFeatures.of("d", FeatureRows.of(features), new int[1500]);
    assertThatIllegalArgumentException()
        .isThrownBy(domain::classMeans)
        .withMessageContaining("image 1400");
  }
}
