package dev.fgvc.emd.internal.start;

import java.util.Random;

/** Draws without replacement, each set of nodes alike (Fisher and Yates). */
public final class RandomDraw {

  private RandomDraw() {}

  /**
   * Brings nodes drawn at random to the front, in the order in which they are drawn.
   *
   * @param nodes are put in another order
   * @param size the number of the first nodes, from which are drawn
   * @param drawn the number to draw, at most {@code size}
   */
  public static void toFront(int[] nodes, int size, int drawn, Random random) {
    for (int k = 0; k < drawn; k++) {
      int other = k + random.nextInt(size - k);
      int moved = nodes[other];
      nodes[other] = nodes[k];
      nodes[k] = moved;
    }
  }
}
