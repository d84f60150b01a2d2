package dev.fgvc.nets.train;

import dev.fgvc.nets.engine.ProcessGroup;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The share of a run that this process has. The batches of an update are dealt out in rounds, one
 * to each rank in their order; the last round may be for the first ranks alone.
 *
 * @param group the processes; absent, the run is this process's alone
 */
record RunShare(Optional<ProcessGroup> group) {

  int rank() {
    return group.map(ProcessGroup::rank).orElse(0);
  }

  int size() {
    return group.map(ProcessGroup::size).orElse(1);
  }

  /** Whether this process writes checkpoints and tells listeners. */
  boolean leads() {
    return rank() == 0;
  }

  /**
   * The batches of an epoch that this process takes.
   *
   * @param first the batch that comes next, the first of an update
   * @param end the number of batches in the epoch
   */
  int[] batches(int first, int end, int batchesPerUpdate) {
    return IntStream.range(first, end)
        .filter(batch -> (batch - first) % batchesPerUpdate % size() == rank())
        .toArray();
  }

  /** The texts of all processes, in the order of the ranks. */
  List<String> gather(String text) {
    if (group.isEmpty()) {
      return List.of(text);
    }
    byte[] own = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocateDirect(Integer.BYTES).putInt(0, own.length);
    ByteBuffer lengths = ByteBuffer.allocateDirect(Integer.BYTES * size());
    group.get().allGather(length, lengths);
    int longest =
        IntStream.range(0, size()).map(i -> lengths.getInt(Integer.BYTES * i)).max().orElseThrow();
    if (longest == 0) {
      return IntStream.range(0, size()).mapToObj(i -> "").toList();
    }
    ByteBuffer padded = ByteBuffer.allocateDirect(longest).put(0, own);
    ByteBuffer all = ByteBuffer.allocateDirect(longest * size());
    group.get().allGather(padded, all);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < size(); i++) {
      byte[] bytes = new byte[lengths.getInt(Integer.BYTES * i)];
      all.get(longest * i, bytes);
      texts.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return texts;
  }
}
