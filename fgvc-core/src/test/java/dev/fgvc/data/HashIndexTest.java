package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.random.SplitMix64;
import org.junit.jupiter.api.Test;

class HashIndexTest {

  private static HashIndex.Found byComparingAll(long[] all, long hash, int maximum) {
    HashIndex.Found best = HashIndex.Found.NONE;
    for (int i = 0; i < all.length; i++) {
      int distance = Long.bitCount(hash ^ all[i]);
      if (distance <= maximum && distance < best.distance()) {
        best = new HashIndex.Found(i, distance);
      }
    }
    return best;
  }

  @Test
  void findsWhatComparingAllFinds() {
    long seed = System.nanoTime();
    SplitMix64 random = new SplitMix64(seed);
    long[] all = random.longs(500).toArray();
    for (int i = 100; i < 200; i++) {
      all[i] = all[i - 100]; // copies, of which the first counts
    }
    HashIndex index = new HashIndex(all);

    for (int maximum = 0; maximum <= HashIndex.MAX_DISTANCE; maximum++) {
      for (int search = 0; search < 200; search++) {
        long hash = all[random.nextInt(all.length)];
        int flips = random.nextInt(maximum + 3);
        for (int flip = 0; flip < flips; flip++) {
          hash ^= 1L << random.nextInt(64);
        }

        assertThat(index.nearest(hash, maximum))
            .as("seed %d, maximum %d, search %d", seed, maximum, search)
            .isEqualTo(byComparingAll(all, hash, maximum));
      }
    }
  }

  @Test
  void anEmptyIndexHoldsNothing() {
    assertThat(new HashIndex(new long[0]).nearest(1, 15).isNone()).isTrue();
  }
}
