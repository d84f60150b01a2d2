package dev.fgvc.nets.train;

import dev.fgvc.nets.engine.ProcessGroup;
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
    return group.map(processes -> processes.allGather(text)).orElse(List.of(text));
  }
}
