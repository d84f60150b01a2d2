package dev.fgvc.nets.weights;

import dev.fgvc.file.NarrowFloats;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The type of a tensor's elements in a file, with its code in each format that has one. */
public enum ElementType {

  /** IEEE 754 binary32. */
  FLOAT32(4, 1, "F32"),
  /** IEEE 754 binary64. */
  FLOAT64(8, 2, "F64"),
  /** IEEE 754 binary16. */
  FLOAT16(2, 19, "F16"),
  /** The upper half of a binary32. */
  BFLOAT16(2, 14, "BF16"),
  /** Signed 8 bits. */
  INT8(1, 6, "I8"),
  /** Unsigned 8 bits. */
  UINT8(1, 4, "U8"),
  /** Signed 16 bits. */
  INT16(2, 5, "I16"),
  /** Unsigned 16 bits. */
  UINT16(2, 17, "U16"),
  /** Signed 32 bits. */
  INT32(4, 3, "I32"),
  /** Unsigned 32 bits. */
  UINT32(4, 22, "U32"),
  /** Signed 64 bits. */
  INT64(8, 9, "I64"),
  /** Unsigned 64 bits. */
  UINT64(8, 23, "U64"),
  /** One byte, 0 or 1. */
  BOOL(1, 10, "BOOL");

  private final int bytes;
  private final int tensorFlowCode;
  private final String safetensorsName;

  ElementType(int bytes, int tensorFlowCode, String safetensorsName) {
    this.bytes = bytes;
    this.tensorFlowCode = tensorFlowCode;
    this.safetensorsName = safetensorsName;
  }

  /** By the number in TensorFlow's {@code types.proto}. */
  static Optional<ElementType> ofTensorFlow(long code) {
    return Arrays.stream(values()).filter(type -> type.tensorFlowCode == code).findFirst();
  }

  /** By the name in a safetensors header. */
  static Optional<ElementType> ofSafetensors(String name) {
    return Arrays.stream(values()).filter(type -> type.safetensorsName.equals(name)).findFirst();
  }

  /**
   * The size of one value in a file.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Whether values can become weights; whole numbers and booleans are counters and flags.
   *
   * @return true for the four floating types
   */
  public boolean isFloating() {
    return ordinal() <= BFLOAT16.ordinal();
  }

  /** Values as float32; float64 is rounded. Only for floating types. */
  float[] toFloats(ByteBuffer littleEndian) {
    float[] values = new float[littleEndian.remaining() / bytes];
    toFloats(littleEndian, values);
    return values;
  }

  /** The same into the beginning of an array. */
  void toFloats(ByteBuffer littleEndian, float[] values) {
    int start = littleEndian.position();
    int count = littleEndian.remaining() / bytes;
    switch (this) {
      case FLOAT32 -> littleEndian.asFloatBuffer().get(values, 0, count);
      case FLOAT64 -> {
        for (int i = 0; i < count; i++) {
          values[i] = (float) littleEndian.getDouble(start + 8 * i);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          values[i] = NarrowFloats.fromHalf(littleEndian.getShort(start + 2 * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          values[i] = NarrowFloats.fromBfloat16(littleEndian.getShort(start + 2 * i));
        }
      }
      default -> throw new IllegalArgumentException(this + " holds no weights");
    }
  }

  /** The name in lower case, as NumPy has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
