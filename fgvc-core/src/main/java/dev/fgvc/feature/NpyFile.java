package dev.fgvc.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A NumPy {@code .npy} file of format version 1, 2 or 3 holding one array of float32, float64,
 * int32 or int64.
 *
 * <p>The header is Python source. It is matched against the one form that NumPy writes and never
 * interpreted, so that nothing in it can run. Opening reads the header alone and compares the size
 * that it claims with the size of the file; values are then read through a fixed buffer.
 */
final class NpyFile {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy pads headers to a multiple of 64 bytes; a few hundred bytes hold any two dimensions. */
  private static final int MAX_HEADER = 1 << 12;

  private static final int BUFFER = 1 << 18;

  private static final Pattern HEADER =
      Pattern.compile(
          "\\{ ?'descr': ?'([<>|=]?[A-Za-z][0-9]*)', ?'fortran_order': ?(True|False),"
              + " ?'shape': ?\\(([0-9, ]*)\\),? ?\\}[ \\x00]*\\n?");

  private static final Pattern SHAPE = Pattern.compile(" ?[0-9]{1,18}(, ?[0-9]{1,18})*,? ?");

  /** Receives the values of a file in the order in which they are stored. */
  @FunctionalInterface
  interface ValueConsumer {
    /**
     * Takes one value.
     *
     * @param row index on the first axis
     * @param column index on the second axis, 0 in a vector
     * @param value the value; an integer beyond 2^53 is rounded
     */
    void accept(int row, int column, double value);
  }

  private enum Type {
    F4(4),
    F8(8),
    I4(4),
    I8(8);

    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  private final Path path;
  private final Type type;
  private final ByteOrder order;
  private final boolean fortran;
  private final int rank;
  private final int rows;
  private final int columns;
  private final long dataOffset;

  private NpyFile(
      Path path, Type type, ByteOrder order, boolean fortran, long[] shape, long dataOffset) {
    this.path = path;
    this.type = type;
    this.order = order;
    this.fortran = fortran;
    this.rank = shape.length;
    this.rows = side(path, shape[0]);
    this.columns = rank == 1 ? 1 : side(path, shape[1]);
    this.dataOffset = dataOffset;
  }

  /**
   * Reads and checks the header.
   *
   * @param path a file with an array of one or two dimensions
   * @return the description of the array
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if it is not such an array, or is longer or shorter than its
   *     header says
   */
  static NpyFile open(Path path) throws IOException {
    long size = Files.size(path);
    try (FileChannel channel = FileChannel.open(path)) {
      ByteBuffer start = read(channel, path, 10, "the magic bytes and the header length");
      byte[] magic = new byte[6];
      start.get(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        throw new FeatureFileException(path, "not a .npy file: it does not start with \\x93NUMPY");
      }
      int major = start.get();
      start.get();
      if (major < 1 || major > 3) {
        throw new FeatureFileException(
            path, "format version " + major + "; versions 1, 2 and 3 are read");
      }
      long length = start.getShort() & 0xffffL;
      int prefix = 10;
      if (major > 1) {
        ByteBuffer high = read(channel, path, 2, "the header length");
        length |= (high.getShort() & 0xffffL) << 16;
        prefix = 12;
      }
      if (length > MAX_HEADER) {
        throw new FeatureFileException(
            path,
            "a header of " + length + " bytes; at most " + MAX_HEADER + " are read for an array");
      }
      ByteBuffer header = read(channel, path, (int) length, "the header");
      String text = StandardCharsets.ISO_8859_1.decode(header).toString();
      return parse(path, text, prefix + length, size);
    }
  }

  private static NpyFile parse(Path path, String header, long dataOffset, long size) {
    Matcher match = HEADER.matcher(header);
    if (!match.matches() || !SHAPE.matcher(match.group(3)).matches()) {
      throw new FeatureFileException(
          path,
          "expected a header {'descr': ..., 'fortran_order': ..., 'shape': (rows, columns)}, found "
              + shown(header));
    }
    String descr = match.group(1);
    long[] shape =
        Arrays.stream(match.group(3).replace(" ", "").split(","))
            .mapToLong(Long::parseLong)
            .toArray();
    if (shape.length > 2) {
      throw new FeatureFileException(
          path, "shape " + Arrays.toString(shape) + "; one or two dimensions are expected");
    }
    Type type = typeOf(path, descr);
    ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    long expected;
    try {
      long elements = shape.length == 1 ? shape[0] : Math.multiplyExact(shape[0], shape[1]);
      expected = Math.addExact(dataOffset, Math.multiplyExact(elements, (long) type.bytes));
    } catch (ArithmeticException overflow) {
      throw new FeatureFileException(
          path, "shape " + Arrays.toString(shape) + " is larger than any file");
    }
    if (expected != size) {
      throw new FeatureFileException(
          path,
          "shape "
              + Arrays.toString(shape)
              + " of "
              + descr
              + " needs a file of "
              + expected
              + " bytes, found "
              + size);
    }
    return new NpyFile(path, type, order, match.group(2).equals("True"), shape, dataOffset);
  }

  private static Type typeOf(Path path, String descr) {
    return switch (descr) {
      case "<f4", ">f4" -> Type.F4;
      case "<f8", ">f8" -> Type.F8;
      case "<i4", ">i4" -> Type.I4;
      case "<i8", ">i8" -> Type.I8;
      default ->
          throw new FeatureFileException(
              path, "values of type '" + descr + "'; expected float32, float64, int32 or int64");
    };
  }

  private static int side(Path path, long length) {
    if (length > Integer.MAX_VALUE - 8) {
      throw new FeatureFileException(path, "an axis of length " + length + " is too long");
    }
    return (int) length;
  }

  private static String shown(String header) {
    String start = header.length() > 120 ? header.substring(0, 120) + "..." : header;
    return '"' + start.replaceAll("[^\\x20-\\x7e]", "?").strip() + '"';
  }

  private static ByteBuffer read(FileChannel channel, Path path, int bytes, String what)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new FeatureFileException(path, "ends within " + what);
      }
    }
    return buffer.flip();
  }

  Path path() {
    return path;
  }

  /** 1 for a vector, 2 for a matrix. */
  int rank() {
    return rank;
  }

  int rows() {
    return rows;
  }

  /** The length of the second axis; 1 for a vector. */
  int columns() {
    return columns;
  }

  boolean isInteger() {
    return type == Type.I4 || type == Type.I8;
  }

  /**
   * Reads all values once, in storage order, through a buffer of fixed size.
   *
   * @param consumer takes each value
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if it has become shorter since it was opened
   */
  void forEach(ValueConsumer consumer) throws IOException {
    long elements = (long) rows * columns;
    int inner = fortran ? rows : columns;
    int outerIndex = 0;
    int innerIndex = 0;
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(order);
    try (FileChannel channel = FileChannel.open(path)) {
      channel.position(dataOffset);
      while (elements > 0) {
        buffer.clear().limit((int) Math.min(BUFFER, elements * type.bytes));
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            throw new FeatureFileException(path, "became shorter while it was read");
          }
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
          double value = next(buffer);
          if (fortran) {
            consumer.accept(innerIndex, outerIndex, value);
          } else {
            consumer.accept(outerIndex, innerIndex, value);
          }
          elements--;
          if (++innerIndex == inner) {
            innerIndex = 0;
            outerIndex++;
          }
        }
      }
    }
  }

  private double next(ByteBuffer buffer) {
    return switch (type) {
      case F4 -> buffer.getFloat();
      case F8 -> buffer.getDouble();
      case I4 -> buffer.getInt();
      case I8 -> buffer.getLong();
    };
  }
}
