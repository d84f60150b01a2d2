package dev.fgvc.loader;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The samplers that show a fixed set of images, and what they are made of. */
final class Samplers {

  private Samplers() {}

  static Sampler sequential(int size) {
    return new Sampler() {
      @Override
      public int[] epoch(int epoch) {
        requireEpoch(epoch);
        return positions(size);
      }

      @Override
      public int epochSize() {
        return size;
      }
    };
  }

  static Sampler shuffled(int[] positions, long seed) {
    return new Sampler() {
      @Override
      public int[] epoch(int epoch) {
        requireEpoch(epoch);
        int[] order = positions.clone();
        Seeds.shuffle(order, new SplittableRandom(Seeds.mix(seed, epoch)));
        return order;
      }

      @Override
      public int epochSize() {
        return positions.length;
      }
    };
  }

  static int[] positions(int size) {
    int[] positions = new int[size];
    Arrays.setAll(positions, i -> i);
    return positions;
  }

  /** The positions of each class, ascending. */
  static int[][] byClass(int[] labels, int classCount) {
    int[] counts = new int[classCount];
    for (int label : labels) {
      counts[label]++;
    }
    int[][] members = new int[classCount][];
    Arrays.setAll(members, c -> new int[counts[c]]);
    int[] filled = new int[classCount];
    for (int i = 0; i < labels.length; i++) {
      members[labels[i]][filled[labels[i]]++] = i;
    }
    return members;
  }

  static int[] cappedPositions(int[] labels, int classCount, int maximumPerClass, long seed) {
    if (maximumPerClass < 1) {
      throw new IllegalArgumentException(
          "maximum per class " + maximumPerClass + " must be at least 1");
    }
    SplittableRandom random = new SplittableRandom(seed);
    int[] kept = new int[labels.length];
    int size = 0;
    for (int[] members : byClass(labels, classCount)) {
      Seeds.shuffle(members, random);
      int take = Math.min(members.length, maximumPerClass);
      System.arraycopy(members, 0, kept, size, take);
      size += take;
    }
    int[] positions = Arrays.copyOf(kept, size);
    Arrays.sort(positions);
    return positions;
  }

  static void requireEpoch(int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch " + epoch + " is negative");
    }
  }
}
