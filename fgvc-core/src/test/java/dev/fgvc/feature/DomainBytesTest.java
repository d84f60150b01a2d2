package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.file.BinaryFormatException;
import dev.fgvc.file.BinaryWriter;
import dev.fgvc.random.SplitMix64;
import java.nio.FloatBuffer;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class DomainBytesTest {

  private static final DomainFeatures BIRDS =
      DomainFeatures.of(
          "Vögel",
          List.of("wren", "", "🦉"),
          new FMatrixRMaj(new float[][] {{1, -0f}, {Float.MIN_VALUE, 4}, {Float.MAX_VALUE, 6}}),
          new double[] {100, 1e-300, 0.1});

  @Test
  void comesBackFromBytes() {
    DomainFeatures read = DomainFeatures.fromBytes(BIRDS.toBytes());

    assertThat(read.name()).isEqualTo("Vögel");
    assertThat(read.classNames()).isEqualTo(BIRDS.classNames());
    assertThat(read.imageCounts()).isEqualTo(BIRDS.imageCounts());
    assertThat(read.classMeans().data).isEqualTo(BIRDS.classMeans().data);
    assertThat(read.toBytes()).isEqualTo(BIRDS.toBytes());
  }

  @Test
  void refusesDamagedBytes() {
    byte[] bytes = BIRDS.toBytes();
    long seed = System.nanoTime();
    SplitMix64 random = new SplitMix64(seed);
    for (int i = 0; i < 50; i++) {
      byte[] flipped = bytes.clone();
      flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> DomainFeatures.fromBytes(flipped))
          .as("seed %d", seed)
          .isInstanceOf(BinaryFormatException.class)
          .hasMessageContaining("bytes of a domain");
    }
  }

  @Test
  void refusesALaterVersion() {
    byte[] later = new BinaryWriter("domain", 2).toBytes();

    assertThatThrownBy(() -> DomainFeatures.fromBytes(later))
        .isInstanceOf(BinaryFormatException.class)
        .hasMessageContaining("version 2, where this library reads up to 1");
  }

  @Test
  void refusesSizesAndValuesThatAreNotThere() {
    assertRefused(1 << 29, 1 << 29, 1, "536870912 items");
    assertRefused(1, 1 << 29, 1, "536870912 items");
    assertRefused(0, 0, 1, "class means are 0x0");
    assertRefused(1, 1, Double.NaN, "image count NaN");
  }

  private static void assertRefused(int classes, int dimension, double count, String message) {
    BinaryWriter writer = new BinaryWriter("domain", 1);
    writer.putText("d");
    writer.putInt(classes);
    writer.putInt(dimension);
    if (classes == 1) {
      writer.putText("a");
      writer.putDoubles(new double[] {count});
      writer.putFloats(FloatBuffer.wrap(new float[1]));
    }
    assertThatThrownBy(() -> DomainFeatures.fromBytes(writer.toBytes()))
        .isInstanceOf(BinaryFormatException.class)
        .hasMessageContaining(message);
  }
}
