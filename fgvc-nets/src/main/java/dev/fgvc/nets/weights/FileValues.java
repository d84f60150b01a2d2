package dev.fgvc.nets.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Values that stay in their file until they are needed, and are read piece by piece then.
 *
 * <p>The file is read rather than mapped: what is mapped ends the process where native code meets
 * the end of a file that was cut short, and counts as memory of the process once it was looked at.
 *
 * @param file that holds them; a change of it is noticed
 * @param name of the tensor, for messages
 * @param type of the elements in the file
 * @param offset of the first in the file, in bytes
 * @param size how many there are
 * @param order in which they lie
 */
record FileValues(FileBytes file, String name, ElementType type, long offset, int size, Order order)
    implements TensorValues {

  /** Values of a piece. */
  private static final int PIECE = 1 << 14;

  /**
   * The order of a tensor's values in a file.
   *
   * @param outputs 0 where they lie in the order of the tensor; otherwise the length of its last
   *     axis, which comes first in the file
   * @param cells the product of its other axes but the one before the last, which come last in the
   *     file
   */
  record Order(int outputs, int cells) {

    static final Order SAME = new Order(0, 1);

    boolean isSame() {
      return outputs == 0;
    }
  }

  @Override
  public FloatBuffer view() {
    FloatBuffer values =
        ByteBuffer.allocateDirect(Math.multiplyExact(size, Float.BYTES))
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    copyTo(values);
    return values.flip().asReadOnlyBuffer();
  }

  @Override
  public void copyTo(FloatBuffer target) {
    if (order.isSame()) {
      putRows(1, target);
    } else {
      putColumns(fileRow(), target);
    }
  }

  @Override
  public void copyLastAxisFirst(int length, FloatBuffer target) {
    if (order.isSame()) {
      putColumns(length, target);
    } else {
      putRows(fileRow(), target);
    }
  }

  /** The values that the file holds for each index of the last axis, where that comes first. */
  private int fileRow() {
    return size / Math.max(1, order.outputs());
  }

  /** Copies rows of some length as they lie. */
  private void putRows(int row, FloatBuffer target) {
    read(row, (piece, first, count) -> target.put(piece, 0, count));
  }

  /** Copies rows of some length as the columns of the transpose. */
  private void putColumns(int row, FloatBuffer target) {
    FloatBuffer whole = target.slice();
    read(
        row,
        (piece, first, count) ->
            HeapValues.putColumns(piece, 0, count / row, row, whole, first / row, size / row));
    target.position(target.position() + size);
  }

  /** Brings rows [inputs, cells] to [cells, inputs]. */
  private void orderRows(float[] rows, int count, int length, float[] ordered) {
    int cells = order.cells();
    int inputs = length / cells;
    for (int row = 0; row < count; row += length) {
      for (int cell = 0; cell < cells; cell++) {
        for (int input = 0; input < inputs; input++) {
          ordered[row + cell * inputs + input] = rows[row + input * cells + cell];
        }
      }
    }
  }

  /** Takes a piece: some values from the beginning of an array, the first of which is named. */
  private interface Taker {
    void take(float[] piece, int first, int count);
  }

  /** Reads all values in pieces of whole rows, the cells of each row first. */
  private void read(int row, Taker taker) {
    if (size == 0) {
      return;
    }
    int most = Math.min(size, Math.max(1, PIECE / row) * row);
    float[] piece = new float[most];
    float[] ordered = order.cells() == 1 ? piece : new float[most];
    ByteBuffer bytes = ByteBuffer.allocate(most * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int first = 0; first < size; first += most) {
      int count = Math.min(most, size - first);
      bytes.clear().limit(count * type.bytes());
      file.fill(bytes, offset + (long) first * type.bytes(), "tensor '" + name + "'");
      type.toFloats(bytes.flip(), piece);
      if (order.cells() > 1) {
        orderRows(piece, count, row, ordered);
      }
      taker.take(ordered, first, count);
    }
    file.requireUnchanged();
  }
}
