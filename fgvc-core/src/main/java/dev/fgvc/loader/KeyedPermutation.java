package dev.fgvc.loader;

/**
 * A shuffled order of {@code 0 .. size - 1} in which any place can be asked for by itself: no list
 * is made and no random state is replayed, so an epoch resumes at any position in constant time.
 *
 * <p>It is the swap-or-not shuffle of Hoang, Morris and Rogaway (CRYPTO 2012): in each round a
 * number is paired with its mirror at a random point, and a random bit of the pair says whether the
 * two swap. A number that swaps once is anywhere with equal chance; after 40 rounds one in 10^12
 * has not. That is a good shuffle, not a cipher.
 */
final class KeyedPermutation {

  private static final int ROUNDS = 40;

  private KeyedPermutation() {}

  /**
   * One place of the order.
   *
   * @param place from 0 to {@code size} less 1
   * @param size how many numbers are shuffled, at least 1
   * @param key chooses the order
   * @return the number at that place, from 0 to {@code size} less 1
   */
  static int at(int place, int size, long key) {
    int x = place;
    for (int round = 0; round < ROUNDS; round++) {
      long roundKey = Seeds.mix(key, round);
      // The high half of a 32 by 31 bit product: uniform up to one part in 2^32 / size.
      int mirror = (int) (((roundKey >>> 32) * size) >>> 32);
      int partner = mirror - x;
      if (partner < 0) {
        partner += size;
      }
      if ((Seeds.mix(roundKey, Math.max(x, partner)) & 1) == 1) {
        x = partner;
      }
    }
    return x;
  }

  /** All places in order. */
  static int[] all(int size, long key) {
    int[] order = new int[size];
    for (int place = 0; place < size; place++) {
      order[place] = at(place, size, key);
    }
    return order;
  }
}
