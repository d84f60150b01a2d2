package dev.fgvc.nets.arch;

import dev.fgvc.random.SplitMix64;

/**
 * A count sketch (Charikar, Chen and Farach-Colton, ICALP 2002): each channel has a bucket and a
 * sign, and the sketch of x holds in each bucket the signed sum of its channels.
 */
public final class CountSketch {

  private final int[] buckets;
  private final boolean[] negative;

  private CountSketch(int[] buckets, boolean[] negative) {
    this.buckets = buckets;
    this.negative = negative;
  }

  /** Draws bucket and sign of one channel after another, uniformly. */
  static CountSketch draw(SplitMix64 random, int channels, int dimension) {
    CountSketch sketch = new CountSketch(new int[channels], new boolean[channels]);
    for (int c = 0; c < channels; c++) {
      sketch.buckets[c] = random.nextInt(dimension);
      sketch.negative[c] = random.nextBoolean();
    }
    return sketch;
  }

  /**
   * The number of channels that are sketched.
   *
   * @return at least 1
   */
  public int channels() {
    return buckets.length;
  }

  /**
   * The bucket of a channel.
   *
   * @param channel from 0
   * @return from 0 to below the dimension of the sketch
   */
  public int bucket(int channel) {
    return buckets[channel];
  }

  /**
   * The sign of a channel in its bucket.
   *
   * @param channel from 0
   * @return 1 or -1
   */
  public int sign(int channel) {
    return negative[channel] ? -1 : 1;
  }
}
