package dev.fgvc.nets.weights;

import dev.fgvc.file.ProtoReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * The values of a tensor in a message (tensorflow/core/framework/tensor.proto): a list of numbers
 * in the field of its type, or all bytes in one field.
 */
final class TensorProto {

  private static final int CONTENT = 4;
  private static final int FLOATS = 5;
  private static final int DOUBLES = 6;
  private static final int INTS = 7;
  private static final int LONGS = 10;
  private static final int BOOLEANS = 11;
  private static final int HALVES = 13;
  private static final int UNSIGNED_INTS = 16;
  private static final int UNSIGNED_LONGS = 17;

  private static final Map<ElementType, Integer> FIELDS =
      Map.ofEntries(
          Map.entry(ElementType.FLOAT32, FLOATS),
          Map.entry(ElementType.FLOAT64, DOUBLES),
          Map.entry(ElementType.FLOAT16, HALVES),
          Map.entry(ElementType.BFLOAT16, HALVES),
          Map.entry(ElementType.INT8, INTS),
          Map.entry(ElementType.UINT8, INTS),
          Map.entry(ElementType.INT16, INTS),
          Map.entry(ElementType.UINT16, INTS),
          Map.entry(ElementType.INT32, INTS),
          Map.entry(ElementType.UINT32, UNSIGNED_INTS),
          Map.entry(ElementType.INT64, LONGS),
          Map.entry(ElementType.UINT64, UNSIGNED_LONGS),
          Map.entry(ElementType.BOOL, BOOLEANS));

  private TensorProto() {}

  /**
   * The values, little-endian.
   *
   * @param count how many there should be; memory is taken only for what the message can hold
   */
  static ByteBuffer values(ProtoReader message, ElementType type, int count) {
    int field = FIELDS.get(type);
    Target target = new Target(type, count);
    while (message.next()) {
      if (message.field() == CONTENT) {
        return message.bytes();
      } else if (message.field() != field) {
        message.skip();
      } else if (!message.isPacked()) {
        target.add(message, single(message, field));
      } else if (field == FLOATS || field == DOUBLES) {
        target.addAll(message, message.bytes());
      } else {
        ByteBuffer packed = message.bytes();
        while (packed.hasRemaining()) {
          target.add(
              message,
              ProtoReader.varint(packed)
                  .orElseThrow(() -> message.damaged("a number", "no end of it")));
        }
      }
    }
    return target.bytes();
  }

  private static long single(ProtoReader message, int field) {
    return switch (field) {
      case FLOATS -> message.fixed32();
      case DOUBLES -> message.fixed64();
      default -> message.number();
    };
  }

  /** Collects values; grows with what the message really holds. */
  private static final class Target {

    private final ElementType type;
    private final long limit;
    private ByteBuffer bytes;

    Target(ElementType type, int count) {
      this.type = type;
      this.limit = (long) count * type.bytes();
      this.bytes = ByteBuffer.allocate((int) Math.min(limit, 256)).order(ByteOrder.LITTLE_ENDIAN);
    }

    void addAll(ProtoReader message, ByteBuffer values) {
      reserve(message, values.remaining());
      bytes.put(values);
    }

    void add(ProtoReader message, long value) {
      reserve(message, type.bytes());
      switch (type.bytes()) {
        case 1 -> bytes.put((byte) value);
        case 2 -> bytes.putShort((short) value);
        case 4 -> bytes.putInt((int) value);
        default -> bytes.putLong(value);
      }
    }

    private void reserve(ProtoReader message, int more) {
      long wanted = (long) bytes.position() + more;
      if (wanted > limit) {
        throw message.damaged("at most " + limit + " bytes of " + type, wanted + " bytes");
      }
      if (wanted > bytes.capacity()) {
        int capacity = (int) Math.min(limit, Math.max(wanted, 2L * bytes.capacity()));
        ByteBuffer larger = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
        bytes = larger.put(bytes.flip());
      }
    }

    ByteBuffer bytes() {
      return bytes.flip();
    }
  }
}
