package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.file.BinaryFormatException;
import dev.fgvc.file.BinaryWriter;
import dev.fgvc.random.SplitMix64;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class ClassMeansTest {

  private static final int DIMENSION = 5;
  private static final int IMAGES = 400;
  private static final int CLASSES = 3;

  private final long seed = System.nanoTime();
  private final FMatrixRMaj features = wildFeatures();
  private final int[] labels = new int[IMAGES];

  ClassMeansTest() {
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % CLASSES;
    }
  }

  /**
   * Returns values of both signs and all sizes that floats have, so that double sums round at every
   * step.
   */
  private FMatrixRMaj wildFeatures() {
    SplitMix64 random = new SplitMix64(seed);
    FMatrixRMaj wild = new FMatrixRMaj(IMAGES, DIMENSION);
    for (int i = 0; i < wild.data.length; i++) {
      float value;
      do {
        value = Float.intBitsToFloat(random.nextInt());
      } while (!Float.isFinite(value));
      wild.data[i] = value;
    }
    return wild;
  }

  private ClassMeans inOrder(List<Integer> images) {
    ClassMeans means = ClassMeans.ofDimension(DIMENSION);
    for (int image : images) {
      FMatrixRMaj one = new FMatrixRMaj(1, DIMENSION);
      System.arraycopy(features.data, image * DIMENSION, one.data, 0, DIMENSION);
      means.add(one, new int[] {labels[image]});
    }
    return means;
  }

  private List<Integer> shuffled() {
    List<Integer> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      images.add(i);
    }
    Collections.shuffle(images, new Random(seed));
    return images;
  }

  @Test
  void sumsAreTheDoublesNearestToTheTrueSums() {
    ClassMeans means = ClassMeans.ofDimension(DIMENSION).add(features, labels);

    for (int label = 0; label < CLASSES; label++) {
      for (int k = 0; k < DIMENSION; k++) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = label; i < IMAGES; i += CLASSES) {
          sum = sum.add(new BigDecimal(features.get(i, k)));
        }
        assertThat(means.sum(label)[k]).as("seed %d", seed).isEqualTo(sum.doubleValue());
      }
    }
    assertThat(means.imageCount(0)).isEqualTo(134);
    assertThat(means.imageCount(CLASSES)).isZero();
    assertThat(means.classCount()).isEqualTo(CLASSES);
  }

  @Test
  void orderAndPartsLeaveNoTrace() {
    byte[] together = ClassMeans.ofDimension(DIMENSION).add(features, labels).toBytes();
    List<Integer> images = shuffled();

    ClassMeans merged = ClassMeans.ofDimension(DIMENSION);
    for (int from = 0; from < IMAGES; from += 50) {
      byte[] part = inOrder(images.subList(from, from + 50)).toBytes();
      merged.merge(ClassMeans.fromBytes(part));
    }

    assertThat(inOrder(images).toBytes()).as("seed %d", seed).isEqualTo(together);
    assertThat(merged.toBytes()).as("seed %d", seed).isEqualTo(together);
    assertThat(merged.toDomain("d").toBytes())
        .isEqualTo(DomainFeatures.fromImages("d", features, labels).toBytes());
  }

  @Test
  void sumsWhereDoublesWouldRound() {
    FMatrixRMaj values = new FMatrixRMaj(new float[][] {{1e20f}, {1}, {-1e20f}, {Float.MIN_VALUE}});
    ClassMeans means = ClassMeans.ofDimension(1).add(values, new int[4]);

    assertThat(means.sum(0)).containsExactly(1 + (double) Float.MIN_VALUE);
    assertThat(means.merge(means).sum(0)).containsExactly(2);
    assertThat(means.imageCount()).isEqualTo(8);
  }

  @Test
  void keepsClassesWithoutImagesOutOfBytes() {
    ClassMeans gap =
        ClassMeans.ofDimension(2).add(new FMatrixRMaj(new float[][] {{1, 2}}), new int[] {900_000});

    assertThat(gap.toBytes()).hasSizeLessThan(100);
    ClassMeans read = ClassMeans.fromBytes(gap.toBytes());
    assertThat(read.sum(900_000)).containsExactly(1, 2);
    assertThat(read.sum(7)).containsExactly(0, 0);
  }

  @Test
  void refusesToMergeAnotherDimension() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassMeans.ofDimension(2).merge(ClassMeans.ofDimension(3)))
        .withMessageContaining("dimension 3 into 2");
    assertThatIllegalArgumentException().isThrownBy(() -> ClassMeans.ofDimension(2).sum(-1));
  }

  @Test
  void refusesDamagedBytes() {
    byte[] whole = ClassMeans.ofDimension(DIMENSION).add(features, labels).toBytes();
    SplitMix64 random = new SplitMix64(seed);
    for (int i = 0; i < 200; i++) {
      byte[] flipped = whole.clone();
      flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> ClassMeans.fromBytes(flipped))
          .as("seed %d", seed)
          .isInstanceOf(BinaryFormatException.class);
    }
    for (int length : new int[] {0, 3, 20, whole.length - 1}) {
      assertThatThrownBy(() -> ClassMeans.fromBytes(java.util.Arrays.copyOf(whole, length)))
          .isInstanceOf(BinaryFormatException.class);
    }
    assertThatThrownBy(() -> DomainFeatures.fromBytes(whole))
        .isInstanceOf(BinaryFormatException.class)
        .hasMessageContaining("expected a domain, found a class means");
  }

  /** With a checksum that fits, as whoever means harm would write it. */
  @Test
  void refusesNumbersThatNoImagesGive() {
    assertRefused("-1 items", writer -> writer.putInt(-1));
    assertRefused("100000000 items", writer -> writer.putInt(100_000_000));
    assertRefused("0 images of label 0", writer -> putClass(writer, 0, 0, 1));
    assertRefused("1 images of label 1000000", writer -> putClass(writer, 1_000_000, 1, 1));
    assertRefused("sums of 8 parts", writer -> putClass(writer, 0, 1, 8));
    assertRefused("is NaN", writer -> putClass(writer, 0, 1, 1, Double.NaN));
    assertRefused("is 1.0E-200", writer -> putClass(writer, 0, 1, 1, 1e-200));
    assertRefused("is 1.0E300", writer -> putClass(writer, 0, 1, 1, 1e300));
    assertRefused("expected 8 bytes", writer -> putClass(writer, 0, 1, 2, 5));
    assertRefused(
        "4 more bytes",
        writer -> {
          putClass(writer, 0, 1, 1, 5);
          writer.putInt(0);
        });
  }

  private static void putClass(
      BinaryWriter writer, int label, long count, int levels, double... sums) {
    writer.putInt(1);
    writer.putInt(label);
    writer.putLong(count);
    writer.putInt(levels);
    writer.putDoubles(sums);
  }

  private static void assertRefused(
      String message, java.util.function.Consumer<BinaryWriter> content) {
    BinaryWriter writer = new BinaryWriter("class means", 1);
    writer.putInt(1);
    content.accept(writer);
    assertThatThrownBy(() -> ClassMeans.fromBytes(writer.toBytes()))
        .isInstanceOf(BinaryFormatException.class)
        .hasMessageContaining(message);
  }
}
