package dev.fgvc.nets.arch;

/**
 * The shape of one image's feature map.
 *
 * @param channels depth
 * @param height rows
 * @param width columns
 */
public record MapShape(int channels, int height, int width) {

  /**
   * The number of values.
   *
   * @return channels times height times width
   */
  public long size() {
    return (long) channels * height * width;
  }

  /** Such as {@code 2048x8x8}, channels first. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
