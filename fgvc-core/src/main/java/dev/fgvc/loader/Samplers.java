package dev.fgvc.loader;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.data.Dataset;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The samplers that show a fixed set of images, and what the weighted ones are made of. */
final class Samplers {

  /** The fractional bits that are kept of repeats that are not integers. */
  private static final int FRACTION_BITS = 16;

  private Samplers() {}

  static Sampler sequential(int size) {
    return new Sampler() {
      @Override
      public int[] epoch(int epoch) {
        requireEpoch(epoch);
        return positions(size);
      }

      @Override
      public int at(int epoch, int position) {
        requirePlace(epoch, position, size);
        return position;
      }

      @Override
      public int epochSize() {
        return size;
      }

      @Override
      public String toString() {
        return "in order";
      }
    };
  }

  static Sampler shuffled(int[] positions, long seed) {
    return new Sampler() {
      @Override
      public int[] epoch(int epoch) {
        requireEpoch(epoch);
        int[] order = KeyedPermutation.all(positions.length, Seeds.mix(seed, epoch));
        for (int i = 0; i < order.length; i++) {
          order[i] = positions[order[i]];
        }
        return order;
      }

      @Override
      public int at(int epoch, int position) {
        requirePlace(epoch, position, positions.length);
        return positions[KeyedPermutation.at(position, positions.length, Seeds.mix(seed, epoch))];
      }

      @Override
      public int epochSize() {
        return positions.length;
      }

      @Override
      public String toString() {
        return "each image once, seed " + seed;
      }
    };
  }

  static int[] positions(int size) {
    int[] positions = new int[size];
    Arrays.setAll(positions, i -> i);
    return positions;
  }

  /** The positions of each class, ascending. */
  static int[][] byClass(Dataset dataset) {
    int[] labels = dataset.labels();
    int[] counts = dataset.imageCounts();
    int[][] members = new int[counts.length][];
    Arrays.setAll(members, c -> new int[counts[c]]);
    int[] filled = new int[counts.length];
    for (int i = 0; i < labels.length; i++) {
      members[labels[i]][filled[labels[i]]++] = i;
    }
    return members;
  }

  static Sampler balanced(Dataset dataset, long seed) {
    long[] weights = new long[dataset.classCount()];
    Arrays.fill(weights, 1);
    return new QuotaSampler(byClass(dataset), weights, dataset.size(), seed);
  }

  /** Returns the root of each count to 15 fractional bits, computed with integers alone. */
  static Sampler squareRoot(Dataset dataset, long seed) {
    long[] weights =
        Arrays.stream(dataset.imageCounts())
            .mapToLong(count -> ((long) count << 30))
            .map(scaled -> BigInteger.valueOf(scaled).sqrt().longValueExact())
            .toArray();
    return new QuotaSampler(byClass(dataset), weights, dataset.size(), seed);
  }

  static Sampler repeatFactor(Dataset dataset, double threshold, long seed) {
    if (!(threshold > 0 && threshold <= 1)) {
      throw new IllegalArgumentException(
          "repeat threshold " + threshold + " must be above 0 and at most 1");
    }
    int[] counts = dataset.imageCounts();
    long[] weights = new long[counts.length];
    long sum = 0;
    for (int c = 0; c < counts.length; c++) {
      double frequency = (double) counts[c] / dataset.size();
      double factor = counts[c] == 0 ? 0 : Math.max(1, Math.sqrt(threshold / frequency));
      weights[c] = Math.round(counts[c] * factor * (1 << FRACTION_BITS));
      sum += weights[c];
    }
    int size = Math.toIntExact((sum + (1 << FRACTION_BITS - 1)) >> FRACTION_BITS);
    return new QuotaSampler(byClass(dataset), weights, size, seed);
  }

  /** A permutation keyed by the class chooses which images of a large class stay. */
  static Sampler capped(Dataset dataset, int maximumPerClass, long seed) {
    if (maximumPerClass < 1) {
      throw new IllegalArgumentException(
          "maximum per class " + maximumPerClass + " must be at least 1");
    }
    BitSet kept = new BitSet(dataset.size());
    int[][] members = byClass(dataset);
    for (int c = 0; c < members.length; c++) {
      int size = members[c].length;
      for (int i = 0; i < Math.min(size, maximumPerClass); i++) {
        kept.set(members[c][KeyedPermutation.at(i, size, Seeds.mix(~seed, c))]);
      }
    }
    return shuffled(kept.stream().toArray(), seed);
  }

  static Sampler subset(Dataset dataset, int[] positions, long seed) {
    BitSet seen = new BitSet(dataset.size());
    for (int position : positions) {
      Objects.checkIndex(position, dataset.size());
      checkArgument(
          !seen.get(position), "image %s of %s is in the subset twice", position, dataset);
      seen.set(position);
    }
    return shuffled(positions.clone(), seed);
  }

  /** Where the images of a part stand in the whole. */
  static int[] positionsOf(Dataset part, Dataset whole) {
    Map<Path, Integer> wanted = new HashMap<>();
    for (int i = 0; i < part.size(); i++) {
      if (wanted.put(part.path(i), i) != null) {
        throw new IllegalArgumentException(part + " holds " + part.path(i) + " twice");
      }
    }
    int[] positions = new int[part.size()];
    Arrays.fill(positions, -1);
    for (int i = 0; i < whole.size(); i++) {
      Integer at = wanted.get(whole.path(i));
      if (at != null) {
        positions[at] = i;
      }
    }
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] < 0) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "%s is in %s but not in %s", part.path(i), part, whole));
      }
    }
    return positions;
  }

  static void requireEpoch(int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch " + epoch + " is negative");
    }
  }

  static void requirePlace(int epoch, int position, int size) {
    requireEpoch(epoch);
    checkArgument(
        position >= 0 && position < size, "position %s of an epoch of %s images", position, size);
  }
}
