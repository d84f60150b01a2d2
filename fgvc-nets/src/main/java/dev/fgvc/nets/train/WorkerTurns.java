package dev.fgvc.nets.train;

import dev.fgvc.random.SplitMix64;
import java.util.stream.IntStream;

/** The order in which asynchronous workers make their updates, drawn from a seed. */
final class WorkerTurns {

  /** Keeps the draws apart from those of other things with the same seed. */
  static final long SALT = 0x6173796e63L;

  private final AsynchronousUpdates setting;
  private final long seed;
  private SplitMix64 random;

  /** For each worker, the updates of others since it read the weights. */
  private int[] age;

  /** All workers, the one that has read last first. */
  private int[] byAge;

  private long next;

  WorkerTurns(AsynchronousUpdates setting, long seed) {
    this.setting = setting;
    this.seed = seed;
    begin();
  }

  private void begin() {
    random = new SplitMix64(seed ^ SALT);
    age = new int[setting.workers()];
    byAge = IntStream.range(0, age.length).toArray();
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
    int youngest = leastAge();
    int oldest = mostAge();
    int[] possible =
        IntStream.range(0, age.length)
            .filter(worker -> age[worker] >= youngest && age[worker] <= oldest)
            .toArray();
    int worker = possible[random.nextInt(possible.length)];
    for (int other = 0; other < age.length; other++) {
      age[other]++;
    }
    age[worker] = 0;
    moveToFront(worker);
    next++;
    return worker;
  }

  /**
   * After a turn the others could do no better than to take theirs by age, the oldest first. A
   * worker that would be too late if a younger one went now sets the least age.
   */
  private int leastAge() {
    for (int place = age.length - 1; place > 0; place--) {
      if (age[byAge[place]] + age.length - place > setting.mostStale()) {
        return age[byAge[place]];
      }
    }
    return 0;
  }

  /** A worker that would be too late even if an older one went now sets the largest age. */
  private int mostAge() {
    for (int place = 0; place < age.length; place++) {
      if (age[byAge[place]] + age.length - 1 - place > setting.mostStale()) {
        return age[byAge[place]];
      }
    }
    return Integer.MAX_VALUE;
  }

  private void moveToFront(int worker) {
    int place = 0;
    while (byAge[place] != worker) {
      place++;
    }
    System.arraycopy(byAge, 0, byAge, 1, place);
    byAge[0] = worker;
  }
}
