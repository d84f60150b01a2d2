package dev.fgvc.nets.engine.torch.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.testing.ThreadedGroup;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankOrderTest {

  /** More than one segment, and in no part of equal size for any group here. */
  private static final long VALUES = (1 << 22) + 100_003;

  /** Counts the bytes that a process sends to others. */
  private static final class Counted implements ProcessGroup {

    private final ProcessGroup group;
    private long bytes;

    Counted(ProcessGroup group) {
      this.group = group;
    }

    @Override
    public int rank() {
      return group.rank();
    }

    @Override
    public int size() {
      return group.size();
    }

    @Override
    public void allToAll(ByteBuffer send, ByteBuffer receive) {
      bytes += (long) send.remaining() / size() * (size() - 1);
      group.allToAll(send, receive);
    }

    /** In a ring each process sends, or passes on, all parts but its right neighbour's. */
    @Override
    public void allGather(ByteBuffer send, ByteBuffer receive) {
      bytes += (long) send.remaining() * (size() - 1);
      group.allGather(send, receive);
    }

    @Override
    public void broadcast(ByteBuffer values) {
      throw new UnsupportedOperationException();
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

                new RankOrder(counted).sum(own, Optional.empty(), size);

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
}
