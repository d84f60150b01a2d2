package dev.fgvc.loader;

import java.util.Arrays;
import java.util.SplittableRandom;

/** An equal share of the epoch for each class that has images; exact in integers. */
final class BalancedSampler implements Sampler {

  private final int size;
  private final int[][] members;
  private final long seed;

  BalancedSampler(int[] labels, int classCount, long seed) {
    if (labels.length == 0) {
      throw new IllegalArgumentException("a balanced sampler needs at least one image");
    }
    this.size = labels.length;
    this.members =
        Arrays.stream(Samplers.byClass(labels, classCount))
            .filter(images -> images.length > 0)
            .toArray(int[][]::new);
    this.seed = seed;
  }

  @Override
  public int[] epoch(int epoch) {
    Samplers.requireEpoch(epoch);
    SplittableRandom random = new SplittableRandom(Seeds.mix(seed, epoch));
    int[] classes = Samplers.positions(members.length);
    Seeds.shuffle(classes, random);
    int share = size / members.length;
    int classesWithOneMore = size % members.length;
    int[] order = new int[size];
    int filled = 0;
    for (int rank = 0; rank < classes.length; rank++) {
      int count = share + (rank < classesWithOneMore ? 1 : 0);
      draw(members[classes[rank]], count, random, order, filled);
      filled += count;
    }
    Seeds.shuffle(order, random);
    return order;
  }

  @Override
  public int epochSize() {
    return size;
  }

  /** Whole rounds through the class as often as they fit, then some images of one more round. */
  private static void draw(int[] images, int count, SplittableRandom random, int[] to, int from) {
    int[] round = images.clone();
    for (int drawn = 0; drawn < count; drawn += round.length) {
      Seeds.shuffle(round, random);
      System.arraycopy(round, 0, to, from + drawn, Math.min(round.length, count - drawn));
    }
  }
}
