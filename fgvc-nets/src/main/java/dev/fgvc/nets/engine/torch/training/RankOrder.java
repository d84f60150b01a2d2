package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Combines tensors of all processes of a group by operations that are done in the order of the
 * ranks, value by value, so that the result has the bits that one process computes. Each rank
 * combines a part and sends it to the others: whatever the number of processes, each sends at most
 * twice the tensor.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class RankOrder implements AutoCloseable {

  /** Values that are sent in one call: bounds the memory, and fills a network. */
  private static final long SEGMENT = 1 << 22;

  private final ProcessGroup group;

  /** Kept from one exchange to the next, as fresh memory takes time to come by. */
  private final List<Tensor> buffers = new ArrayList<>();

  public RankOrder(ProcessGroup group) {
    this.group = group;
  }

  /** Combines what the processes have at some positions. */
  private interface Combination {

    /**
     * Takes the parts.
     *
     * @param parts what each rank has there
     * @param from the first position in the flat tensors
     * @param length how many of the parts' values are there; any others are padding
     * @param result becomes the combination, of a part's length
     */
    void into(Tensor[] parts, long from, long length, Tensor result);
  }

  /**
   * Adds up what the first ranks have.
   *
   * @param own what this process has, flat; becomes the sum
   * @param before what to begin with, the same on all processes; it begins with rank 0's if absent
   * @param contributing how many ranks, from rank 0 on; what the others have does not count
   */
  public void sum(Tensor own, Optional<Tensor> before, int contributing) {
    combine(
        own,
        own,
        (parts, from, length, sum) -> {
          if (before.isPresent()) {
            slice(before.get(), from, length, sum);
          } else {
            sum.copy_(parts[0]);
          }
          for (int rank = before.isPresent() ? 0 : 1; rank < contributing; rank++) {
            sum.add_(parts[rank]);
          }
        });
  }

  /**
   * Moves the statistics by the batches of the first ranks, one after the other.
   *
   * @param statistics this process's; with those of its batch where it is one of these ranks
   * @param firstBatch the number of rank 0's batch
   * @param contributing how many ranks, from rank 0 on
   */
  public void move(MovingStatistics statistics, long firstBatch, int contributing) {
    combine(
        statistics.ofBatch(),
        statistics.moving().flat(),
        (parts, from, length, moving) -> {
          slice(statistics.moving().flat(), from, length, moving);
          Tensor rates = torch.zeros_like(moving);
          slice(statistics.rates(), from, length, rates);
          for (int rank = 0; rank < contributing; rank++) {
            statistics.move(moving, parts[rank], rates, firstBatch + rank);
          }
        });
  }

  /** Copies some values to the front of a longer tensor on the CPU. */
  private static void slice(Tensor flat, long from, long length, Tensor target) {
    if (length > 0) {
      target.narrow(0, 0, length).copy_(flat.narrow(0, from, length));
    }
  }

  private void combine(Tensor own, Tensor target, Combination combination) {
    int size = group.size();
    for (long from = 0; from < own.numel(); from += SEGMENT) {
      try (PointerScope temporaries = new PointerScope()) {
        long length = Math.min(SEGMENT, own.numel() - from);
        long part = (length + size - 1) / size;
        Tensor all = buffer(0, part * size);
        Tensor received = buffer(1, part * size);
        Tensor result = buffer(2, part);
        all.narrow(0, 0, length).copy_(own.narrow(0, from, length));
        group.allToAll(bytes(all), bytes(received));
        Tensor[] parts = new Tensor[size];
        for (int rank = 0; rank < size; rank++) {
          parts[rank] = received.narrow(0, rank * part, part);
        }
        long mine = group.rank() * part;
        long real = Math.max(0, Math.min(part, length - mine));
        combination.into(parts, from + mine, real, result);
        group.allGather(bytes(result), bytes(all));
        target.narrow(0, from, length).copy_(all.narrow(0, 0, length));
      }
    }
  }

  /** Replaces a flat tensor by rank 0's. */
  public void broadcast(Tensor flat) {
    for (long from = 0; from < flat.numel(); from += SEGMENT) {
      try (PointerScope temporaries = new PointerScope()) {
        Tensor segment = flat.narrow(0, from, Math.min(SEGMENT, flat.numel() - from));
        Tensor values = buffer(0, segment.numel());
        values.copy_(segment);
        group.broadcast(bytes(values));
        segment.copy_(values);
      }
    }
  }

  /** Numbers of all ranks, in their order. */
  public long[][] gather(long... values) {
    ByteBuffer own = ByteBuffer.allocateDirect(Long.BYTES * values.length);
    ByteBuffer all = ByteBuffer.allocateDirect(own.capacity() * group.size());
    own.asLongBuffer().put(values);
    group.allGather(own, all);
    long[][] gathered = new long[group.size()][values.length];
    for (long[] each : gathered) {
      for (int i = 0; i < each.length; i++) {
        each[i] = all.getLong();
      }
    }
    return gathered;
  }

  /** The beginning of a buffer on the CPU, which holds any values. */
  private Tensor buffer(int which, long length) {
    while (buffers.size() <= which) {
      buffers.add(kept(0));
    }
    if (buffers.get(which).numel() < length) {
      buffers.get(which).releaseReference();
      buffers.set(which, kept(length));
    }
    return buffers.get(which).narrow(0, 0, length);
  }

  private static Tensor kept(long length) {
    Tensor buffer = torch.zeros(new long[] {length}, TorchTensors.floats());
    buffer.retainReference();
    return buffer;
  }

  private static ByteBuffer bytes(Tensor onCpu) {
    return new BytePointer(onCpu.data_ptr_float())
        .capacity(Float.BYTES * onCpu.numel())
        .asByteBuffer();
  }

  @Override
  public void close() {
    buffers.forEach(Tensor::releaseReference);
    buffers.clear();
  }
}
