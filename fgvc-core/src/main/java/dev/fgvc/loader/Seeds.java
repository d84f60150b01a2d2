package dev.fgvc.loader;

import dev.fgvc.random.SplitMix64;
import java.util.random.RandomGenerator;

/** Independent random streams from a seed and a place. */
final class Seeds {

  private Seeds() {}

  /** Depends on each bit of both, by the finalizer of splitmix64. */
  static long mix(long seed, long place) {
    long z = seed * 0x9E3779B97F4A7C15L + place + 0x632BE59BD9B4E019L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  static SplitMix64 stream(long seed, int epoch, int position) {
    return new SplitMix64(mix(mix(seed, epoch), position));
  }

  static void shuffle(int[] values, RandomGenerator random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = values[i];
      values[i] = values[j];
      values[j] = swap;
    }
  }
}
