package dev.fgvc.nets.weights;

import dev.fgvc.file.ProtoReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A box of a tensor that is saved in parts (tensorflow/core/framework/tensor_slice.proto).
 *
 * @param starts first index along each axis
 * @param lengths extent along each axis; {@link #FULL} for the whole axis
 */
record TensorSlice(List<Long> starts, List<Long> lengths) {

  static final long FULL = -1;

  static TensorSlice read(ProtoReader message) {
    List<Long> starts = new ArrayList<>();
    List<Long> lengths = new ArrayList<>();
    while (message.next()) {
      if (message.field() != 1) {
        message.skip();
        continue;
      }
      ProtoReader extent = message.nested("a slice's extent");
      long start = 0;
      long length = FULL;
      while (extent.next()) {
        switch (extent.field()) {
          case 1 -> start = extent.number();
          case 2 -> length = extent.number();
          default -> extent.skip();
        }
      }
      starts.add(start);
      lengths.add(length);
    }
    return new TensorSlice(starts, lengths);
  }

  /** Whether the slice is a box inside a tensor. */
  boolean fits(List<Integer> shape) {
    boolean fits = starts.size() == shape.size();
    for (int axis = 0; fits && axis < shape.size(); axis++) {
      long length = lengths.get(axis);
      long start = starts.get(axis);
      long side = shape.get(axis);
      fits =
          length == FULL
              ? start == 0
              : start >= 0 && length >= 0 && start <= side && length <= side - start;
    }
    return fits;
  }

  /** The slice's own shape. */
  List<Integer> shape(List<Integer> whole) {
    List<Integer> shape = new ArrayList<>();
    for (int axis = 0; axis < whole.size(); axis++) {
      shape.add(lengths.get(axis) == FULL ? whole.get(axis) : lengths.get(axis).intValue());
    }
    return shape;
  }

  /** Whether two slices of one tensor share a cell. */
  boolean overlaps(TensorSlice other, List<Integer> whole) {
    List<Integer> mine = shape(whole);
    List<Integer> others = other.shape(whole);
    for (int axis = 0; axis < whole.size(); axis++) {
      long start = Math.max(starts.get(axis), other.starts.get(axis));
      long end =
          Math.min(starts.get(axis) + mine.get(axis), other.starts.get(axis) + others.get(axis));
      if (start >= end) {
        return false;
      }
    }
    return true;
  }

  /** Copies the slice's bytes to their places in the whole tensor. */
  void copy(ByteBuffer part, ByteBuffer target, List<Integer> whole, int bytesPerValue) {
    copy(part.duplicate(), target, whole, shape(whole), 0, 0, bytesPerValue);
  }

  private void copy(
      ByteBuffer part,
      ByteBuffer target,
      List<Integer> whole,
      List<Integer> shape,
      int axis,
      long offset,
      int bytesPerValue) {
    if (axis >= whole.size() - 1) { // the last axis lies in one run; a scalar is a run of one
      boolean scalar = whole.isEmpty();
      int run = scalar ? bytesPerValue : shape.get(axis) * bytesPerValue;
      long at = scalar ? 0 : (offset * whole.get(axis) + starts.get(axis)) * bytesPerValue;
      target.put((int) at, part, part.position(), run);
      part.position(part.position() + run);
      return;
    }
    for (int i = 0; i < shape.get(axis); i++) {
      long inner = offset * whole.get(axis) + starts.get(axis) + i;
      copy(part, target, whole, shape, axis + 1, inner, bytesPerValue);
    }
  }

  /**
   * The key under which both formats store a slice: zero, the name, the rank and each axis' start
   * and length in an order-preserving code (tensorflow/core/util/saved_tensor_slice_util.cc,
   * tensorflow/core/lib/strings/ordered_code.cc).
   */
  byte[] key(String name) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    key.write(0); // the number 0: no bytes follow
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      key.write(b);
      if (b == 0 || b == -1) {
        key.write(~b);
      }
    }
    key.write(0);
    key.write(1);
    int rank = starts.size();
    key.write(rank == 0 ? 0 : 1); // how many bytes follow
    if (rank > 0) {
      key.write(rank);
    }
    for (int axis = 0; axis < rank; axis++) {
      writeSigned(key, starts.get(axis));
      writeSigned(key, lengths.get(axis));
    }
    return key.toByteArray();
  }

  /**
   * Writes as many leading ones as there are bytes, then the number; complemented where negative.
   */
  private static void writeSigned(ByteArrayOutputStream key, long value) {
    int bits = 64 - Long.numberOfLeadingZeros(value < 0 ? ~value : value);
    int length = bits / 7 + 1;
    int header = 0xff00 >> length & 0xff;
    for (int i = length - 1; i >= 0; i--) {
      int next = (int) (value >> 8 * i) & 0xff;
      key.write(i == length - 1 ? next ^ header : next);
    }
  }
}
