package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.testing.InOtherLocales;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@InOtherLocales
class TensorSliceTest {

  /** Keys that TensorFlow 2.21 wrote for partitioned variables. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p/rows | 600 0 | 600 7 | 00702f726f777300010102c258c2588087",
        "p/rows | 2400 0 | 600 7 | 00702f726f777300010102c960c2588087",
        "p/cols | 0 525 | 5 175 | 00702f636f6c73000101028085c20dc0af",
        "p/long | 1000000 0 | 1000000 1 | 00702f6c6f6e6700010102ef4240ef42408081",
        "p/long | 2000000 0 | 1000000 1 | 00702f6c6f6e6700010102f01e8480ef42408081",
        "p/last | 0 0 0 65 | 2 3 4 65 | 00702f6c61737400010104808280838084c041c041"
      })
  void keysAreThoseOfTensorFlow(String name, String starts, String lengths, String key) {
    TensorSlice slice = new TensorSlice(longs(starts), longs(lengths));

    assertThat(HexFormat.of().formatHex(slice.key(name))).isEqualTo(key);
  }

  @Test
  void boxesOfTwoAxesJoinToTheWhole() {
    StoredVariable variable = new StoredVariable("v", 1, List.of(2, 4, 3));
    List<StoredVariable.Part> parts =
        List.of(
            part(List.of(0L, 0L, 0L), List.of(TensorSlice.FULL, 1L, 2L), 0, 1, 12, 13),
            part(List.of(0L, 0L, 2L), List.of(2L, 1L, 1L), 2, 14),
            part(
                List.of(0L, 1L, 0L),
                List.of(2L, 3L, TensorSlice.FULL),
                3,
                4,
                5,
                6,
                7,
                8,
                9,
                10,
                11,
                15,
                16,
                17,
                18,
                19,
                20,
                21,
                22,
                23));

    float[] whole = variable.join(Path.of("x"), parts).toWeights().toArray();

    for (int i = 0; i < 24; i++) {
      assertThat(whole[i]).isEqualTo(i);
    }
    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> variable.join(Path.of("x"), parts.subList(1, 3)))
        .withMessageContaining("'v'")
        .withMessageContaining("expected slices of 96 bytes in all, found 80");
  }

  private static StoredVariable.Part part(List<Long> starts, List<Long> lengths, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new StoredVariable.Part(new TensorSlice(starts, lengths), bytes);
  }

  private static List<Long> longs(String numbers) {
    return Arrays.stream(numbers.trim().split(" ")).map(Long::valueOf).toList();
  }
}
