package dev.fgvc.nets.engine.torch.training;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Some positions of flat tensors, as ranges, whose values lie side by side where they are sent.
 *
 * @param ranges in the order of their values; they do not overlap
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
record FlatRanges(List<Range> ranges) {

  /** libtorch shares operations on more values among its threads. */
  private static final long PIECE = (1 << 15) - 1;

  /** Positions next to each other. */
  record Range(long from, long length) {}

  FlatRanges {
    ranges = List.copyOf(ranges);
  }

  /** All positions of a tensor. */
  static FlatRanges all(Tensor flat) {
    return new FlatRanges(List.of(new Range(0, flat.numel())));
  }

  long count() {
    return ranges.stream().mapToLong(Range::length).sum();
  }

  /**
   * A part of them.
   *
   * @param first counted from 0 in their order
   * @param length at most as many as there are after that
   */
  FlatRanges part(long first, long length) {
    List<Range> parts = new ArrayList<>();
    long skipped = first;
    long missing = length;
    for (Range range : ranges) {
      long taken = Math.min(missing, range.length() - skipped);
      if (taken > 0) {
        parts.add(new Range(range.from() + skipped, taken));
        missing -= taken;
      }
      skipped = Math.max(0, skipped - range.length());
    }
    return new FlatRanges(parts);
  }

  /** Copies the values at these positions to the front of another tensor. */
  void read(Tensor flat, Tensor target) {
    long place = 0;
    for (Range range : ranges) {
      copy(flat.narrow(0, range.from(), range.length()), target.narrow(0, place, range.length()));
      place += range.length();
    }
  }

  /** The opposite of {@link #read}. */
  void write(Tensor source, Tensor flat) {
    long place = 0;
    for (Range range : ranges) {
      copy(source.narrow(0, place, range.length()), flat.narrow(0, range.from(), range.length()));
      place += range.length();
    }
  }

  private static void copy(Tensor source, Tensor target) {
    if (source.is_cpu() && target.is_cpu()) {
      eachPiece(
          source.numel(),
          (from, length) -> target.narrow(0, from, length).copy_(source.narrow(0, from, length)));
    } else {
      target.copy_(source);
    }
  }

  /** Works on some positions. */
  interface Task {
    void take(long from, long length);
  }

  /**
   * Goes through positions from 0 on, in pieces so small that libtorch computes them on the calling
   * thread alone: its threads are busy with the way back.
   */
  static void eachPiece(long count, Task task) {
    long most = torch.get_num_threads() == 1 ? Long.MAX_VALUE : PIECE;
    for (long from = 0; from < count; from += Math.min(most, count - from)) {
      try (PointerScope temporaries = new PointerScope()) {
        task.take(from, Math.min(most, count - from));
      }
    }
  }
}
