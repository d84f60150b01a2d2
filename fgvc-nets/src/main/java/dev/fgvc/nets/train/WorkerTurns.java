package dev.fgvc.nets.train;

import dev.fgvc.random.SplitMix64;
import java.util.stream.IntStream;

/** The order in which asynchronous workers make their updates, drawn from a seed. */
final class WorkerTurns {

  /** Keeps the draws apart from those of other things with the same seed. */
  private static final long SALT = 0x6173796e63L;

  private final AsynchronousUpdates setting;
  private final long seed;
  private SplitMix64 random;

  /** For each worker, the updates of others since it read the weights. */
  private int[] age;

  private long next;

  WorkerTurns(AsynchronousUpdates setting, long seed) {
    this.setting = setting;
    this.seed = seed;
    begin();
  }

  private void begin() {
    random = new SplitMix64(seed ^ SALT);
    age = new int[setting.workers()];
    next = 0;
  }

  int count() {
    return setting.workers();
  }

  /**
   * The worker that makes an update. Quick for the one after the last that was asked for.
   *
   * @param update counted from 0
   */
  int at(long update) {
    if (update < next) {
      begin();
    }
    int worker;
    do {
      worker = draw();
    } while (next <= update);
    return worker;
  }

  /** One of the workers after whose turn all others can keep the largest staleness. */
  private int draw() {
    int[] possible = IntStream.range(0, age.length).filter(this::isPossible).toArray();
    int worker = possible[random.nextInt(possible.length)];
    for (int other = 0; other < age.length; other++) {
      age[other]++;
    }
    age[worker] = 0;
    next++;
    return worker;
  }

  /** The others could do no better than to take their turns by age. */
  private boolean isPossible(int worker) {
    int[] others =
        IntStream.range(0, age.length).filter(i -> i != worker).map(i -> age[i]).sorted().toArray();
    for (int i = 0; i < others.length; i++) {
      int updatesBefore = others.length - i;
      if (others[i] + updatesBefore > setting.mostStale()) {
        return false;
      }
    }
    return true;
  }
}
