package dev.fgvc.loader;

/** How the images of a batch lie in its buffer. */
public enum PixelLayout {
  /**
   * Float32 [size, 3, height, width], red first, from -1 to 1: what a network reads. Twelve bytes a
   * pixel.
   */
  FLOATS(Float.BYTES),

  /**
   * Unsigned bytes [size, height, width, 3], red first, levels x that stand for x / 127.5 - 1.
   * Three bytes a pixel, for engines that scale on the device.
   */
  BYTES(Byte.BYTES);

  private final int valueBytes;

  PixelLayout(int valueBytes) {
    this.valueBytes = valueBytes;
  }

  /** The size of one channel of one pixel. */
  int valueBytes() {
    return valueBytes;
  }
}
