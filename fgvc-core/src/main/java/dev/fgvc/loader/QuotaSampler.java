package dev.fgvc.loader;

import java.util.Arrays;
import java.util.Locale;

/**
 * A share of the epoch for each class, in proportion to whole numbers and exact in them.
 *
 * <p>The weights are laid end to end on a line of length W. An epoch of N places puts points on it,
 * N a line length, evenly spaced by W / N after an offset that each epoch draws; a point belongs to
 * the class it falls on. So class c gets N w_c / W places, rounded down or up, and just that on
 * average over the offsets (systematic sampling). All of it is computed in 64-bit integers: point s
 * lies at {@code (s W + u) / N} with u drawn from {@code 0 .. W - 1}.
 *
 * <p>Within a class its places go through its images in shuffled rounds, so that no image is shown
 * twice before each was shown once. Any place costs one binary search over the classes.
 */
final class QuotaSampler implements Sampler {

  private final int size;
  private final int[][] members;
  private final long[] ends;
  private final long seed;

  /**
   * Classes without images are left out.
   *
   * @param members the images of each class
   * @param weights what each class's share is in proportion to, none negative; those of classes
   *     with images not all 0
   * @param size images of an epoch, at least 1
   * @param seed chooses images and orders
   */
  QuotaSampler(int[][] members, long[] weights, int size, long seed) {
    this.members = members;
    this.size = size;
    this.seed = seed;
    this.ends = new long[members.length];
    int shift = excessBits(weights, size);
    long sum = 0;
    for (int c = 0; c < members.length; c++) {
      boolean shown = members[c].length > 0 && weights[c] > 0;
      sum += shown ? Math.max(1, weights[c] >> shift) : 0;
      ends[c] = sum;
    }
    if (size < 1 || sum < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a sampler by class needs at least one image: epoch size %d, sum of the weights %d",
              size,
              sum));
    }
  }

  /** How many of their last bits the weights must lose so that every product fits into 64 bits. */
  private static int excessBits(long[] weights, int size) {
    double sum = Arrays.stream(weights).asDoubleStream().sum();
    int shift = 0;
    while (Math.scalb(sum, -shift) + weights.length > 0x1p62 / size) {
      shift++;
    }
    return shift;
  }

  @Override
  public int epochSize() {
    return size;
  }

  @Override
  public int at(int epoch, int position) {
    Samplers.requirePlace(epoch, position, size);
    return image(epoch, KeyedPermutation.at(position, size, Seeds.mix(seed, epoch)));
  }

  @Override
  public int[] epoch(int epoch) {
    Samplers.requireEpoch(epoch);
    int[] order = KeyedPermutation.all(size, Seeds.mix(seed, epoch));
    for (int position = 0; position < size; position++) {
      order[position] = image(epoch, order[position]);
    }
    return order;
  }

  /** The image at one point of the line. */
  private int image(int epoch, int point) {
    long lineLength = ends[ends.length - 1];
    long epochKey = Seeds.mix(~seed, epoch);
    long offset = Long.remainderUnsigned(Seeds.mix(epochKey, 0), lineLength);
    int c = classAt((point * lineLength + offset) / size);
    long start = c == 0 ? 0 : ends[c - 1];
    // The class's first point is the least s with (s W + u) / N >= start.
    long first = Math.max(0, -Math.floorDiv(offset - start * size, lineLength));
    int nth = (int) (point - first);
    int[] images = members[c];
    long roundKey = Seeds.mix(Seeds.mix(epochKey, 1 + c), nth / images.length);
    return images[KeyedPermutation.at(nth % images.length, images.length, roundKey)];
  }

  /** The class whose stretch of the line, which may be empty, holds this place. */
  private int classAt(long place) {
    int found = Arrays.binarySearch(ends, place + 1);
    if (found < 0) {
      return -found - 1;
    }
    // The end of one class is shared by the empty ones after it; the stretch is the first's.
    while (found > 0 && ends[found - 1] == ends[found]) {
      found--;
    }
    return found;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "by class with shares #%08x, seed %d", Arrays.hashCode(ends), seed);
  }
}
