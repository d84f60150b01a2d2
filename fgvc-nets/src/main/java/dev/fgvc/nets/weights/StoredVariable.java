package dev.fgvc.nets.weights;

import dev.fgvc.file.ProtoReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The entry of one variable in a checkpoint's index.
 *
 * @param name full name
 * @param typeCode number of its type in TensorFlow's {@code types.proto}
 * @param shape sizes of the axes; their product fits one array
 */
record StoredVariable(String name, long typeCode, List<Integer> shape) {

  /** TensorFlow's own bound. */
  private static final int MAX_RANK = 254;

  private static final int MAX_SLICES = 4096;

  /** A part of a variable and where it lies in it. */
  record Part(TensorSlice slice, ByteBuffer bytes) {}

  Optional<ElementType> type() {
    return ElementType.ofTensorFlow(typeCode);
  }

  ElementType requireType(Path file) {
    return type()
        .orElseThrow(
            () ->
                new WeightsFormatException(
                    file,
                    String.format(
                        Locale.ROOT,
                        "variable '%s' is of TensorFlow's type %d%s, which holds no weights and"
                            + " cannot be read",
                        name,
                        typeCode,
                        typeCode == 7 ? " (string)" : "")));
  }

  long values() {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
  }

  /** Decodes a TensorShapeProto. */
  static List<Integer> shape(ProtoReader message) {
    List<Integer> shape = new ArrayList<>();
    long values = 1;
    while (message.next()) {
      switch (message.field()) {
        case 2 -> {
          long side = side(message.nested("an axis"));
          if (side < 0 || side > Integer.MAX_VALUE || shape.size() == MAX_RANK) {
            throw message.damaged("a shape", side + " along axis " + shape.size());
          }
          shape.add((int) side);
          values = Math.min(Math.max(values, 1) * Math.max(side, 1), Long.MAX_VALUE >> 32);
        }
        case 3 -> {
          if (message.number() != 0) {
            throw message.damaged("a known rank", "an unknown one");
          }
        }
        default -> message.skip();
      }
    }
    if (values > Integer.MAX_VALUE / 8) {
      throw message.damaged("a tensor of at most 2^28 values", "shape " + shape);
    }
    return shape;
  }

  private static long side(ProtoReader axis) {
    long side = 0;
    while (axis.next()) {
      if (axis.field() == 1) {
        side = axis.number();
      } else {
        axis.skip();
      }
    }
    return side;
  }

  /** Puts a variable together; the whole is allocated only once the parts are known to fill it. */
  RawTensor join(Path file, List<Part> parts) {
    ElementType type = requireType(file);
    if (parts.size() == 1 && parts.get(0).slice().shape(shape).equals(shape)) {
      return new RawTensor(type, shape, parts.get(0).bytes());
    }
    long bytes = parts.stream().mapToLong(part -> part.bytes().remaining()).sum();
    requireDisjoint(file, parts.stream().map(Part::slice).toList());
    if (bytes != values() * type.bytes()) {
      throw new WeightsFormatException(
          file,
          String.format(
              Locale.ROOT,
              "variable '%s' of %s %s: expected slices of %d bytes in all, found %d",
              name,
              type,
              shape,
              values() * type.bytes(),
              bytes));
    }
    ByteBuffer whole = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    parts.forEach(part -> part.slice().copy(part.bytes(), whole, shape, type.bytes()));
    return new RawTensor(type, shape, whole);
  }

  private void requireDisjoint(Path file, List<TensorSlice> slices) {
    if (slices.size() > MAX_SLICES) {
      throw new WeightsFormatException(
          file, "variable '" + name + "' is cut into " + slices.size() + " slices");
    }
    for (int i = 0; i < slices.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (slices.get(i).overlaps(slices.get(j), shape)) {
          throw new WeightsFormatException(
              file,
              String.format(
                  Locale.ROOT, "variable '%s': slices %d and %d of %s overlap", name, j, i, shape));
        }
      }
    }
  }
}
