package dev.fgvc.nets.arch;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A sliding window of a convolution or a pooling.
 *
 * @param height rows of the kernel, at least 1
 * @param width columns of the kernel, at least 1
 * @param stride step along both axes, at least 1
 * @param padding treatment of the border
 */
public record Window(int height, int width, int stride, Padding padding) {

  /** Refuses sizes below 1. */
  public Window {
    checkArgument(
        height >= 1 && width >= 1 && stride >= 1,
        "window %sx%s stride %s: all must be at least 1",
        height,
        width,
        stride);
  }

  /**
   * A square window.
   *
   * @param side rows and columns
   * @param stride step along both axes
   * @param padding treatment of the border
   * @return the window
   */
  public static Window square(int side, int stride, Padding padding) {
    return new Window(side, side, stride, padding);
  }

  /**
   * Whether each output cell is read from the one input cell in its place.
   *
   * @return true for a window of one cell with a stride of 1
   */
  public boolean isPointwise() {
    return height == 1 && width == 1 && stride == 1;
  }

  /**
   * The border that the window adds to an activation of a given size.
   *
   * @param mapHeight rows of the activation
   * @param mapWidth columns of the activation
   * @return the cells on each side
   */
  public Border border(int mapHeight, int mapWidth) {
    int top = padding.before(mapHeight, height, stride);
    int left = padding.before(mapWidth, width, stride);
    return new Border(
        top,
        padding.total(mapHeight, height, stride) - top,
        left,
        padding.total(mapWidth, width, stride) - left);
  }

  /**
   * Where the window can lie on a column of an activation.
   *
   * @param mapHeight rows of the activation, at least 1
   * @return rows of the output, less than 1 if the window does not fit
   */
  public int outputHeight(int mapHeight) {
    return output(mapHeight, height);
  }

  /**
   * Where the window can lie on a row of an activation.
   *
   * @param mapWidth columns of the activation, at least 1
   * @return columns of the output, less than 1 if the window does not fit
   */
  public int outputWidth(int mapWidth) {
    return output(mapWidth, width);
  }

  private int output(int side, int kernel) {
    return Math.floorDiv(side + padding.total(side, kernel, stride) - kernel, stride) + 1;
  }

  /**
   * Cells that a window adds around an activation.
   *
   * @param top rows above
   * @param bottom rows below
   * @param left columns to the left
   * @param right columns to the right
   */
  public record Border(int top, int bottom, int left, int right) {

    /**
     * Whether both axes are padded alike before and after.
     *
     * @return true if top equals bottom and left equals right
     */
    public boolean isSymmetric() {
      return top == bottom && left == right;
    }
  }

  /** Such as {@code 3x3/2 SAME}. */
  @Override
  public String toString() {
    return height + "x" + width + "/" + stride + " " + padding;
  }
}
