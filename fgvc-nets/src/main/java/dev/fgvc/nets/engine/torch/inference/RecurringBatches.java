package dev.fgvc.nets.engine.torch.inference;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Tensor;

/** The sizes of batches that have been computed, and on how many threads. */
final class RecurringBatches {

  /** Images that threads computed together. */
  private record Shared(long count, int threads) {}

  private final Set<Shared> passed = ConcurrentHashMap.newKeySet();

  void add(int count, int threads) {
    passed.add(new Shared(count, threads));
  }

  /** Whether as many images as an input has came before, on as many threads. */
  boolean include(Tensor input, int threads) {
    return passed.contains(new Shared(input.size(0), threads));
  }
}
