package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
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

  /** Added to any value, this leaves its bits as they are, which 0 does not: -0 + 0 = 0. */
  private static final double NOTHING = -0.0;

  private final ProcessGroup group;
  private final TensorExchange exchange;

  /** Kept from one exchange to the next, as fresh memory takes time to come by. */
  private final List<Tensor> buffers = new ArrayList<>();

  /**
   * Prepares to combine tensors of the processes of a group.
   *
   * @param device of the tensors
   * @throws IllegalArgumentException as {@link TensorExchange#of}
   */
  public RankOrder(ProcessGroup group, Device device) {
    this.group = group;
    this.exchange = TensorExchange.of(group, device);
  }

  /** Combines what the processes have at some positions. */
  private interface Combination {

    /**
     * Takes the parts.
     *
     * @param parts what each rank has there
     * @param positions of the parts' values in the flat tensors; any other values are padding
     * @param result becomes the combination, of a part's length
     */
    void into(Tensor[] parts, FlatRanges positions, Tensor result);
  }

  /**
   * Adds up what the ranks have.
   *
   * @param flat becomes the sum at some positions
   * @param positions of the values that are added up
   * @param before what to begin with, the same on all processes; it begins with rank 0's if absent
   * @param contributes whether this process has anything there; rank 0 has if there is nothing
   *     before
   */
  public void sum(Tensor flat, FlatRanges positions, Optional<Tensor> before, boolean contributes) {
    combine(
        positions,
        contributes ? Optional.of(flat) : Optional.empty(),
        flat,
        (parts, part, sum) -> {
          if (before.isPresent()) {
            part.read(before.get(), sum);
          } else {
            FlatRanges.all(sum).read(parts[0], sum);
          }
          FlatRanges.eachPiece(
              sum.numel(),
              (from, length) -> {
                for (int rank = before.isPresent() ? 0 : 1; rank < parts.length; rank++) {
                  sum.narrow(0, from, length).add_(parts[rank].narrow(0, from, length));
                }
              });
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
    Tensor flat = statistics.moving().flat();
    combine(
        FlatRanges.all(flat),
        Optional.of(statistics.ofBatch()),
        flat,
        (parts, part, moving) -> {
          part.read(flat, moving);
          Tensor rates = torch.zeros_like(moving);
          part.read(statistics.rates(), rates);
          for (int rank = 0; rank < contributing; rank++) {
            statistics.move(moving, parts[rank], rates, firstBatch + rank);
          }
        });
  }

  private void combine(
      FlatRanges positions, Optional<Tensor> own, Tensor target, Combination combination) {
    int size = group.size();
    long count = positions.count();
    for (long from = 0; from < count; from += SEGMENT) {
      try (PointerScope temporaries = new PointerScope()) {
        long length = Math.min(SEGMENT, count - from);
        FlatRanges segment = positions.part(from, length);
        long part = (length + size - 1) / size;
        Tensor all = buffer(0, part * size);
        Tensor received = buffer(1, part * size);
        Tensor result = buffer(2, part);
        if (own.isPresent()) {
          segment.read(own.get(), all);
        } else {
          all.fill_(new Scalar(NOTHING));
        }
        exchange.allToAll(all, received);
        Tensor[] parts = new Tensor[size];
        for (int rank = 0; rank < size; rank++) {
          parts[rank] = received.narrow(0, rank * part, part);
        }
        long mine = Math.min(length, group.rank() * part);
        combination.into(parts, segment.part(mine, Math.min(part, length - mine)), result);
        exchange.allGather(result, all);
        segment.write(all, target);
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
        exchange.broadcast(values);
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

  /** The beginning of a buffer where tensors are exchanged, which holds any values. */
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

  private Tensor kept(long length) {
    Tensor buffer =
        TorchTensors.to(torch.zeros(new long[] {length}, TorchTensors.floats()), exchange.device());
    buffer.retainReference();
    return buffer;
  }

  @Override
  public void close() {
    buffers.forEach(Tensor::releaseReference);
    buffers.clear();
  }
}
