package dev.fgvc.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Finds the nearest of many 64-bit fingerprints by multi-index hashing (Norouzi, Punjani and Fleet,
 * CVPR 2012): each is filed under its four parts of 16 bits. Two that differ in at most r bits have
 * one part that differs in at most r / 4, so a search looks at the few files nearby alone.
 *
 * <p>Memory is 16 bytes a fingerprint and 1 MB. Among a million random ones of 63 bits a search
 * within 8 bits looks at 3,100.
 */
final class HashIndex {

  /** The largest distance that a search is made for. */
  static final int MAX_DISTANCE = 15;

  private static final int PARTS = 4;
  private static final int PART_BITS = 16;
  private static final int FILES = 1 << PART_BITS;

  /** Patterns of a part by the number of their bits, up to those that a search needs. */
  private static final int[] PATTERNS =
      IntStream.range(0, FILES)
          .filter(pattern -> Integer.bitCount(pattern) <= MAX_DISTANCE / PARTS)
          .boxed()
          .sorted(Comparator.comparing(Integer::bitCount))
          .mapToInt(Integer::intValue)
          .toArray();

  /** Distinct fingerprints, ascending, and the first position of each. */
  private final long[] hashes;

  private final int[] positions;

  /** Where the members of each file begin in {@link #members}, by part. */
  private final int[][] starts = new int[PARTS][FILES + 1];

  private final int[][] members;

  HashIndex(long[] all) {
    long[] distinct = Arrays.stream(all).sorted().distinct().toArray();
    hashes = distinct;
    positions = new int[distinct.length];
    Arrays.fill(positions, -1);
    for (int i = 0; i < all.length; i++) {
      int at = Arrays.binarySearch(distinct, all[i]);
      if (positions[at] < 0) {
        positions[at] = i;
      }
    }
    members = new int[PARTS][distinct.length];
    for (int part = 0; part < PARTS; part++) {
      int[] start = starts[part];
      for (long hash : distinct) {
        start[part(hash, part) + 1]++;
      }
      for (int file = 0; file < FILES; file++) {
        start[file + 1] += start[file];
      }
      int[] next = start.clone();
      for (int i = 0; i < distinct.length; i++) {
        members[part][next[part(distinct[i], part)]++] = i;
      }
    }
  }

  private static int part(long hash, int part) {
    return (int) (hash >>> part * PART_BITS) & (FILES - 1);
  }

  /**
   * A fingerprint of the index.
   *
   * @param position of the first that is equal
   * @param distance from the one that was searched for
   */
  record Found(int position, int distance) {

    /** Stands for none. */
    static final Found NONE = new Found(-1, Integer.MAX_VALUE);

    boolean isNone() {
      return position < 0;
    }
  }

  /**
   * The nearest fingerprint, of several as near the first.
   *
   * @param maximum the largest distance, at most {@link #MAX_DISTANCE}
   */
  Found nearest(long hash, int maximum) {
    Found best = Found.NONE;
    for (int part = 0; part < PARTS; part++) {
      // If the first r % 4 + 1 parts all differ in more than r / 4 bits, another differs in less.
      int radius = part <= maximum % PARTS ? maximum / PARTS : maximum / PARTS - 1;
      for (int pattern : PATTERNS) {
        if (Integer.bitCount(pattern) > radius) {
          break;
        }
        best = nearest(hash, part, part(hash, part) ^ pattern, maximum, best);
      }
    }
    return best;
  }

  private Found nearest(long hash, int part, int file, int maximum, Found before) {
    Found best = before;
    for (int k = starts[part][file]; k < starts[part][file + 1]; k++) {
      int at = members[part][k];
      int distance = Long.bitCount(hash ^ hashes[at]);
      boolean nearer =
          distance < best.distance()
              || (distance == best.distance() && positions[at] < best.position());
      if (distance <= maximum && nearer) {
        best = new Found(positions[at], distance);
      }
    }
    return best;
  }
}
