package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.nio.ByteBuffer;
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
public final class RankOrder {

  /** Values that are sent in one call: bounds the memory, and fills a network. */
  private static final long SEGMENT = 1 << 22;

  private final ProcessGroup group;

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
     * @return the result, of a part's length
     */
    Tensor of(Tensor[] parts, long from, long length);
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
        (parts, from, length) -> {
          Tensor sum = before.isPresent() ? slice(before.get(), from, length, parts[0]) : parts[0];
          for (int rank = before.isPresent() ? 0 : 1; rank < contributing; rank++) {
            sum.add_(parts[rank]);
          }
          return sum;
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
        (parts, from, length) -> {
          Tensor moving = slice(statistics.moving().flat(), from, length, parts[0]);
          Tensor rates = slice(statistics.rates(), from, length, parts[0]);
          for (int rank = 0; rank < contributing; rank++) {
            statistics.move(moving, parts[rank], rates, firstBatch + rank);
          }
          return moving;
        });
  }

  /** A copy of some values on the CPU, as long as another tensor. */
  private static Tensor slice(Tensor flat, long from, long length, Tensor like) {
    Tensor copy = torch.zeros_like(like);
    if (length > 0) {
      copy.narrow(0, 0, length).copy_(flat.narrow(0, from, length));
    }
    return copy;
  }

  private void combine(Tensor own, Tensor target, Combination combination) {
    int size = group.size();
    for (long from = 0; from < own.numel(); from += SEGMENT) {
      try (PointerScope temporaries = new PointerScope()) {
        long length = Math.min(SEGMENT, own.numel() - from);
        long part = (length + size - 1) / size;
        Tensor all = torch.zeros(new long[] {part * size}, TorchTensors.floats());
        Tensor received = torch.empty_like(all);
        all.narrow(0, 0, length).copy_(own.narrow(0, from, length));
        group.allToAll(bytes(all), bytes(received));
        Tensor[] parts = new Tensor[size];
        for (int rank = 0; rank < size; rank++) {
          parts[rank] = received.narrow(0, rank * part, part);
        }
        long mine = group.rank() * part;
        long real = Math.max(0, Math.min(part, length - mine));
        Tensor result = combination.of(parts, from + mine, real);
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
        Tensor values = torch.zeros(new long[] {segment.numel()}, TorchTensors.floats());
        values.copy_(segment);
        group.broadcast(bytes(values));
        segment.copy_(values);
      }
    }
  }

  /** Numbers of all ranks, in their order. */
  public double[][] gather(double... values) {
    ByteBuffer own = ByteBuffer.allocateDirect(Double.BYTES * values.length);
    ByteBuffer all = ByteBuffer.allocateDirect(own.capacity() * group.size());
    own.asDoubleBuffer().put(values);
    group.allGather(own, all);
    double[][] gathered = new double[group.size()][values.length];
    for (double[] each : gathered) {
      for (int i = 0; i < each.length; i++) {
        each[i] = all.getDouble();
      }
    }
    return gathered;
  }

  private static ByteBuffer bytes(Tensor onCpu) {
    return new BytePointer(onCpu.data_ptr_float())
        .capacity(Float.BYTES * onCpu.numel())
        .asByteBuffer();
  }
}
