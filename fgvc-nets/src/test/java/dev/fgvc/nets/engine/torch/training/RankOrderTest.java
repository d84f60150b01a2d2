package dev.fgvc.nets.engine.torch.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.testing.ForwardingGroup;
import dev.fgvc.nets.testing.ThreadedGroup;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankOrderTest {

  /** More than one segment, and in no part of equal size for any group here. */
  private static final long VALUES = (1 << 22) + 100_003;

  /** Counts the bytes that a process sends to others. */
  private static final class Counted extends ForwardingGroup {

    private long bytes;

    Counted(ProcessGroup group) {
      super(group);
    }

    @Override
    public void allToAll(ByteBuffer send, ByteBuffer receive) {
      bytes += (long) send.remaining() / size() * (size() - 1);
      super.allToAll(send, receive);
    }

    /** In a ring each process sends, or passes on, all parts but its right neighbour's. */
    @Override
    public void allGather(ByteBuffer send, ByteBuffer receive) {
      bytes += (long) send.remaining() * (size() - 1);
      super.allGather(send, receive);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7})
  @SuppressWarnings("try") // the pointer scope is opened for what its closing does
  void sumsSendAtMostTwiceTheTensor(int size) throws Throwable {
    List<Long> sent =
        ThreadedGroup.run(
            size,
            group -> {
              Counted counted = new Counted(group);
              try (PointerScope temporaries = new PointerScope()) {
                Tensor own =
                    torch
                        .zeros(new long[] {VALUES}, TorchTensors.floats())
                        .fill_(new Scalar(group.rank() + 1.0));

                new RankOrder(counted, Device.cpu())
                    .sum(own, FlatRanges.all(own), Optional.empty(), true);

                assertThat(own.min().item_float()).isEqualTo(size * (size + 1) / 2f);
                assertThat(own.max().item_float()).isEqualTo(size * (size + 1) / 2f);
              }
              return counted.bytes;
            });

    double gradients = (double) Float.BYTES * VALUES;
    assertThat(sent)
        .allSatisfy(
            bytes ->
                assertThat(bytes / gradients)
                    .isBetween(2.0 * (size - 1) / size, 2.0001 * (size - 1) / size));
  }

  /** Zeros would turn a negative zero to a positive one. */
  @Test
  @SuppressWarnings("try") // the pointer scope is opened for what its closing does
  void ranksWithoutAPartChangeNoBit() throws Throwable {
    float[] values = {-0f, 0f, Float.MIN_VALUE, -1, Float.POSITIVE_INFINITY, Float.NaN};

    List<float[]> sums =
        ThreadedGroup.run(
            3,
            group -> {
              try (PointerScope temporaries = new PointerScope()) {
                Tensor own = TorchTensors.of(values, new long[] {values.length}, Device.cpu());
                if (group.rank() > 0) {
                  own.fill_(new Scalar(1));
                }

                new RankOrder(group, Device.cpu())
                    .sum(own, FlatRanges.all(own), Optional.empty(), group.rank() == 0);

                return TorchTensors.values(own);
              }
            });

    assertThat(sums).allSatisfy(sum -> assertThat(bits(sum)).containsExactly(bits(values)));
  }

  private static int[] bits(float[] values) {
    return IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i])).toArray();
  }
}
