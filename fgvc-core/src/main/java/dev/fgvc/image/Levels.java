package dev.fgvc.image;

import java.util.function.IntUnaryOperator;

/**
 * A whole picture of 8-bit levels.
 *
 * @param rgb three bytes a pixel, row by row; not copied
 */
record Levels(byte[] rgb, int height, int width) {

  /** Maps a level, with the channel it belongs to. */
  interface ChannelMap {
    int level(int channel, int level);
  }

  /** A picture of the same size, all bytes 0. */
  Levels blank() {
    return new Levels(new byte[rgb.length], height, width);
  }

  int at(int index) {
    return rgb[index] & 0xff;
  }

  /** The same map of all levels. */
  Levels mapped(IntUnaryOperator map) {
    return mapped((channel, level) -> map.applyAsInt(level));
  }

  /** Maps levels to levels, channel by channel. */
  Levels mapped(ChannelMap map) {
    byte[][] table = new byte[3][256];
    for (int channel = 0; channel < 3; channel++) {
      for (int level = 0; level < 256; level++) {
        table[channel][level] = (byte) map.level(channel, level);
      }
    }
    Levels result = blank();
    for (int i = 0; i < rgb.length; i++) {
      result.rgb[i] = table[i % 3][at(i)];
    }
    return result;
  }

  /** How often each level stands in a channel. */
  int[] histogram(int channel) {
    int[] counts = new int[256];
    for (int i = channel; i < rgb.length; i += 3) {
      counts[at(i)]++;
    }
    return counts;
  }

  /** The brightness of a pixel by the weights of ITU-R BT.601, in Pillow's fixed point. */
  int grey(int pixel) {
    int red = at(3 * pixel);
    int green = at(3 * pixel + 1);
    int blue = at(3 * pixel + 2);
    return 19595 * red + 38470 * green + 7471 * blue + 0x8000 >> 16;
  }

  /** A value as Pillow makes it a level: without its fraction, and clipped. */
  static byte clipped(double value) {
    return (byte) (value <= 0 ? 0 : value >= 255 ? 255 : (int) value);
  }
}
