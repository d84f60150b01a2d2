package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@InOtherLocales
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
    for (String other : List.of("|O", "<c8", "<f16", "|V8", "<M8[s]", "<i3", "<U0", "<U9999")) {
      NpyBytes.write(
          means,
          "{'descr': '" + other + "', 'fortran_order': False, 'shape': (2, 3), }",
          new byte[24]);
      assertThatThrownBy(this::read)
          .isInstanceOf(FeatureFileException.class)
          .hasMessageContaining("'" + other + "'; expected float32");
    }
    NpyBytes.write(
        means, "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", new byte[9]);
    assertThatThrownBy(this::read).hasMessageContaining("pickled Python objects");
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
    NpyBytes.write(labels, "<i8", false, "(2,)", 0, -7);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("label -7 of image 1");
    NpyBytes.write(labels, "<f4", false, "(2,)", 0, 1.5);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("birds_label.npy: label 1.5 of image 1: must be a whole number");
    NpyBytes.write(labels, "<f8", false, "(2,)", 0, Double.NaN);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("label NaN of image 1");
    NpyBytes.write(labels, "<u8", false, "(2,)", 0, -1);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("label 18446744073709551616 of image 1: must be from 0 to 2^53 - 1");
    NpyBytes.write(labels, "<i8", false, "(2,)", 0, 0x1p53);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("label 9007199254740992 of image 1");
    NpyBytes.write(labels, "<i8", false, "(2, 2)", 0, 1, 1, 0);
    assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", means, labels))
        .hasMessageContaining("4 labels for 2 rows");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "|i1", "|u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4", "<i8", ">i8", "<u8",
        ">u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<V2"
      })
  void readsFeaturesAndLabelsOfEveryTypeOfNumbers(String descr) throws IOException {
    Path labels = folder.resolve("birds_label.npy");
    NpyBytes.write(labels, descr, false, "(4,)", 5, 0, 5, 100);
    NpyBytes.write(means, descr, false, "(4, 2)", 1, 2, 3, 4, 5, 6, 7, 100);

    DomainFeatures birds = DomainFeatures.fromNpy("birds", means, labels);

    assertThat(birds.classNames()).containsExactly("0", "5", "100");
    assertThat(birds.imageCounts()).containsExactly(1, 2, 1);
    assertThat(birds.classMeans().data).containsExactly(3, 4, 3, 4, 7, 100);
  }

  @Test
  void readsNarrowFloatsToTheLastBit() throws IOException {
    Path labels = folder.resolve("l.npy");
    short[] halves = {0x3555, 0x0001, 0x7bff, (short) 0x8000};
    NpyBytes.write(labels, "|u1", false, "(4,)", 0, 1, 2, 3);
    NpyBytes.write(
        means, "{'descr': '<f2', 'fortran_order': False, 'shape': (4, 1), }", of(halves));
    assertThat(DomainFeatures.fromNpy("birds", means, labels).classMeans().data)
        .containsExactly(0.333251953125f, 0x1p-24f, 65504, 0);
    short[] bfloats = {0x3eab, 0x0001, 0x7f7f, (short) 0xbf80};
    NpyBytes.write(
        means, "{'descr': '<V2', 'fortran_order': False, 'shape': (4, 1), }", of(bfloats));
    assertThat(DomainFeatures.fromNpy("birds", means, labels).classMeans().data)
        .containsExactly(0.333984375f, 0x1p-133f, 0x1.fep127f, -1);
  }

  private static byte[] of(short... values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(values);
    return bytes.array();
  }

  @Test
  void labelsMayBeBooleansColumnsRowsOrTexts() throws IOException {
    Path labels = folder.resolve("birds_label.npy");
    NpyBytes.write(means, "<f4", false, "(3, 1)", 1, 2, 3);
    NpyBytes.write(labels, "|b1", false, "(3,)", 1, 0, 1);
    assertThat(DomainFeatures.fromNpy("birds", means, labels).classMeans().data)
        .containsExactly(2, 2);
    for (String shape : List.of("(3, 1)", "(1, 3)", "(3, 1, 1)")) {
      NpyBytes.write(labels, "<i8", false, shape, 1, 0, 1);
      assertThat(DomainFeatures.fromNpy("birds", means, labels).imageCounts())
          .containsExactly(1, 2);
    }
    NpyBytes.write(
        labels,
        "{'descr': '|S4', 'fortran_order': False, 'shape': (3,), }",
        "wrenowl\0wren".getBytes(StandardCharsets.US_ASCII));
    DomainFeatures birds = DomainFeatures.fromNpy("birds", means, labels);
    assertThat(birds.classNames()).containsExactly("owl", "wren");
    assertThat(birds.classMeans().data).containsExactly(2, 2);
    NpyBytes.write(
        labels,
        "{'descr': '>U2', 'fortran_order': False, 'shape': (3,), }",
        "b\u00e9a\0b\u00e9".getBytes(Charset.forName("UTF-32BE")));
    assertThat(DomainFeatures.fromNpy("birds", means, labels).classNames())
        .containsExactly("a", "b\u00e9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }",
        "{'descr':'<f4','fortran_order':False,'shape':(2,3)}",
        "{\"shape\": (2, 3), \"fortran_order\": False, \"descr\": \"<f4\"}",
        "  { 'shape' :\t( 2 ,3, ) , 'descr' : '<f4' , 'fortran_order' : False }\n\0",
        "{'descr': '=f4', 'fortran_order': False, 'shape': (2, 3, 1, 1), }",
        "{'descr': 'f4', 'fortran_order': False, 'shape': (2, 1, 3), }"
      })
  void readsEverySpellingOfAHeader(String header) throws IOException {
    NpyBytes.write(means, header, NpyBytes.data("<f4", 1, 2, 3, 4, 5, 6));
    assertThat(read().classMeans().data).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void refusesFeaturesThatAreMaps() throws IOException {
    NpyBytes.write(means, "<f4", false, "(2, 1, 1, 3, 4)", new double[24]);
    assertThatThrownBy(this::read).hasMessageContaining("pool maps of features first");
  }

  @Test
  void readsArchivesStoredAndDeflated() throws IOException {
    NpyBytes.write(means, "<f4", false, "(3, 1)", 1, 2, 3);
    Path labels = NpyBytes.write(folder.resolve("l.npy"), "<i8", false, "(3,)", 7, 2, 7);
    for (int method : new int[] {ZipEntry.STORED, ZipEntry.DEFLATED}) {
      Path archive = folder.resolve("birds.npz");
      Files.write(
          archive,
          NpyBytes.archive(
              method,
              Map.of("features", Files.readAllBytes(means), "labels", Files.readAllBytes(labels))));

      DomainFeatures birds = DomainFeatures.fromNpz("birds", archive, "features", "labels");

      assertThat(birds.classNames()).containsExactly("2", "7");
      assertThat(birds.classMeans().data).containsExactly(2, 2);
      assertThat(DomainFeatures.readNpz("birds", archive, "features", "labels").imageCounts())
          .containsExactly(7, 2, 7);
      assertThatThrownBy(() -> DomainFeatures.fromNpz("birds", archive, "x", "labels"))
          .isInstanceOf(FeatureFileException.class)
          .hasMessageContaining("expected an array 'x'")
          .hasMessageContaining("features");
      assertThatThrownBy(() -> DomainFeatures.fromNpy("birds", archive, archive))
          .hasMessageContaining("birds.npz: an .npz archive")
          .hasMessageContaining("fromNpz");
      byte[] damaged = Files.readAllBytes(archive);
      damaged[damaged.length / 4] ^= 1;
      Files.write(archive, damaged);
      assertThatThrownBy(() -> DomainFeatures.fromNpz("birds", archive, "features", "labels"))
          .isInstanceOf(FeatureFileException.class);
    }
  }

  @Test
  void aSmallLabelFileDoesNotAskForMemory() throws IOException {
    NpyBytes.write(means, "<f4", false, "(1, 4096)", new double[4096]);
    Path labels = NpyBytes.write(folder.resolve("l.npy"), "<i8", false, "(1,)", 999_999);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    DomainFeatures.fromNpy("birds", means, labels);
    long before = threads.getCurrentThreadAllocatedBytes();

    assertThat(DomainFeatures.fromNpy("birds", means, labels).classNames())
        .containsExactly("999999");
    ClassMeans collected =
        ClassMeans.ofDimension(4096).add(new FMatrixRMaj(1, 4096), new int[] {999_999});
    assertThat(collected.toDomain("birds").classNames()).containsExactly("999999");

    // Means of a million classes would take 16 GB.
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(150L << 20);
  }

  /** Megabytes of zeros deflate to kilobytes. */
  @Test
  void deflatedArraysTakeMemoryInProportion() throws IOException {
    byte[] wide = npy("|u1", "(2, 40000000)", 80_000_000);
    byte[] long1 = npy("|u1", "(40000000,)", 40_000_000);
    byte[] two = npy("|u1", "(2,)", 2);
    byte[] tall = npy("|u1", "(40000000, 1)", 40_000_000);
    Path archive = folder.resolve("dense.npz");
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    Files.write(archive, archive(wide, two));
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> DomainFeatures.fromNpz("birds", archive, "features", "labels"))
        .isInstanceOf(FeatureFileException.class)
        .hasMessageContaining("dense.npz")
        .hasMessageContaining("array 'features': 80000128 bytes, deflated to ")
        .hasMessageContaining("numpy.savez");
    assertThatThrownBy(() -> DomainFeatures.readNpz("birds", archive, "features", "labels"))
        .hasMessageContaining("would take 960000000 bytes");
    Files.write(archive, archive(tall, long1));
    assertThatThrownBy(() -> DomainFeatures.fromNpz("birds", archive, "features", "labels"))
        .hasMessageContaining("array 'labels'");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(300L << 20);

    // Features are read as a stream, so many equal ones of few classes are no harm.
    byte[] half = npy("|u1", "(3000000, 10)", 30_000_000);
    Files.write(archive, archive(half, npy("|u1", "(3000000,)", 3_000_000)));
    assertThat(DomainFeatures.fromNpz("birds", archive, "features", "labels").imageCounts())
        .containsExactly(3_000_000);
  }

  private byte[] npy(String descr, String shape, int zeros) throws IOException {
    String header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
    return Files.readAllBytes(NpyBytes.write(folder.resolve("zeros.npy"), header, new byte[zeros]));
  }

  private static byte[] archive(byte[] features, byte[] labels) {
    return NpyBytes.archive(
        java.util.zip.ZipEntry.DEFLATED, java.util.Map.of("features", features, "labels", labels));
  }

  @Test
  void reportsAMissingFile() {
    assertThatThrownBy(this::read).isInstanceOf(NoSuchFileException.class);
  }

  private DomainFeatures read() throws IOException {
    return DomainFeatures.readNpy("birds", means, weights);
  }
}
