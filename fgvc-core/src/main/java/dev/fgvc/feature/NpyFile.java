package dev.fgvc.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * An array in NumPy's format of version 1, 2 or 3: a {@code .npy} file, or an entry of a {@code
 * .npz} archive. Its elements are numbers or short texts; axes of length 1 beyond the first two
 * that matter are passed over, as those of features before they are squeezed.
 *
 * <p>Opening reads the header alone and compares the size that it claims with the size of the file;
 * values are then read through a fixed buffer.
 */
final class NpyFile {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};

  /** NumPy pads headers to a multiple of 64 bytes; a few hundred bytes hold any two dimensions. */
  private static final int MAX_HEADER = 1 << 16;

  private static final int BUFFER = 1 << 18;

  /** Bytes that one buffer maps: half of what it could. */
  private static final int MOST_MAPPED = 1 << 30;

  /** Memory for a label while it is read, sorted and turned into a class. */
  private static final int NUMBER_BYTES = 32;

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

  private final NpySource source;
  private final NpyType type;
  private final boolean fortran;
  private final int rank;
  private final int rows;
  private final int columns;
  private final int dataOffset;

  private NpyFile(NpySource source, NpyType type, boolean fortran, long[] shape, int dataOffset) {
    this.source = source;
    this.type = type;
    this.fortran = fortran;
    this.rank = shape.length;
    this.rows = side(shape[0]);
    this.columns = rank == 1 ? 1 : side(shape[1]);
    this.dataOffset = dataOffset;
  }

  /**
   * Reads and checks the header of a file.
   *
   * @param path a file with an array of one or two dimensions
   * @return the description of the array
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if it is not such an array, or is longer or shorter than its
   *     header says
   */
  static NpyFile open(Path path) throws IOException {
    return open(NpySource.file(path));
  }

  /**
   * Reads and checks the header of an array wherever it lies.
   *
   * @throws IOException if it cannot be read
   * @throws FeatureFileException as {@link #open(Path)}
   */
  static NpyFile open(NpySource source) throws IOException {
    try (ReadableByteChannel channel = source.open()) {
      ByteBuffer start = read(channel, source, 10, "the magic bytes and the header length");
      requireMagic(start.array(), source);
      start.position(MAGIC.length);
      int major = start.get();
      start.get();
      if (major < 1 || major > 3) {
        throw source.error("format version " + major + "; versions 1, 2 and 3 are read");
      }
      long length = start.getShort() & 0xffffL;
      int prefix = 10;
      if (major > 1) {
        ByteBuffer high = read(channel, source, 2, "the header length");
        length |= (high.getShort() & 0xffffL) << 16;
        prefix = 12;
      }
      if (length > MAX_HEADER) {
        throw source.error(
            "a header of " + length + " bytes; at most " + MAX_HEADER + " are read for an array");
      }
      if (length > source.size()) {
        throw source.error("ends within the header");
      }
      ByteBuffer header = read(channel, source, (int) length, "the header");
      String text = StandardCharsets.ISO_8859_1.decode(header).toString();
      return parse(source, text, prefix + (int) length);
    }
  }

  private static void requireMagic(byte[] start, NpySource source) {
    if (Arrays.equals(start, 0, ZIP_MAGIC.length, ZIP_MAGIC, 0, ZIP_MAGIC.length)) {
      throw source.error("an .npz archive of several arrays: DomainFeatures.fromNpz reads those");
    }
    if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw source.error("not a .npy file: it does not start with \\x93NUMPY");
    }
  }

  private static NpyFile parse(NpySource source, String text, int dataOffset) {
    NpyHeader header =
        NpyHeader.parse(text)
            .orElseThrow(
                () ->
                    source.error(
                        "expected a header {'descr': ..., 'fortran_order': ..., 'shape': (rows,"
                            + " columns)}, found "
                            + shown(text)));
    long[] shape = squeezed(header.shape());
    if (shape.length > 2) {
      throw source.error(
          "shape "
              + header.shape()
              + "; one or two dimensions are expected (pool maps of features first)");
    }
    NpyType type =
        NpyType.of(header.descr()).orElseThrow(() -> source.error(unreadable(header.descr())));
    long expected;
    try {
      long elements = shape.length == 1 ? shape[0] : Math.multiplyExact(shape[0], shape[1]);
      expected = Math.addExact(dataOffset, Math.multiplyExact(elements, (long) type.bytes()));
    } catch (ArithmeticException overflow) {
      throw source.error("shape " + header.shape() + " is larger than any file");
    }
    if (expected != source.size()) {
      throw source.error(
          String.format(
              Locale.ROOT,
              "shape %s of %s needs a file of %d bytes, found %d",
              header.shape(),
              header.descr(),
              expected,
              source.size()));
    }
    if (shape[0] > Integer.MAX_VALUE - 8 || shape[shape.length - 1] > Integer.MAX_VALUE - 8) {
      throw source.error("an axis of " + header.shape() + " is too long");
    }
    return new NpyFile(source, type, header.fortran(), shape, dataOffset);
  }

  /** Without axes of length 1 after the first, as long as there are more than two. */
  private static long[] squeezed(List<Long> shape) {
    if (shape.size() <= 2) {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }
    long[] longer =
        shape.stream().skip(1).mapToLong(Long::longValue).filter(side -> side != 1).toArray();
    long[] squeezed = new long[Math.max(2, 1 + longer.length)];
    squeezed[0] = shape.get(0);
    squeezed[1] = 1;
    System.arraycopy(longer, 0, squeezed, 1, longer.length);
    return squeezed;
  }

  private static String unreadable(String descr) {
    String start = "values of type '" + shown(descr).replace("\"", "") + "'";
    String expected =
        "; expected float32, another floating type of at most 64 bits, whole numbers, booleans or,"
            + " for labels, texts";
    String type = descr.replaceFirst("^[<>|=]", "");
    return start
        + expected
        + switch (type.isEmpty() ? ' ' : type.charAt(0)) {
          case 'O' -> ". These are pickled Python objects: save array.astype(float or int)";
          case 'c' -> ". These are complex: save their real part or magnitude";
          case 'f' -> ". Save array.astype('float64')";
          case 'V' -> ". These are raw bytes: save array.astype('float32')";
          default -> "";
        };
  }

  private static int side(long length) {
    return Math.toIntExact(length);
  }

  private static String shown(String header) {
    String start = header.length() > 120 ? header.substring(0, 120) + "..." : header;
    return '"' + start.replaceAll("[^\\x20-\\x7e]", "?").strip() + '"';
  }

  private static ByteBuffer read(
      ReadableByteChannel channel, NpySource source, int bytes, String what) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill(channel, buffer, source, "ends within " + what);
    return buffer.flip();
  }

  private static void fill(
      ReadableByteChannel channel, ByteBuffer buffer, NpySource source, String problem)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw source.error(problem);
      }
    }
  }

  Path path() {
    return source.path();
  }

  /** A complaint about this array. */
  FeatureFileException error(String problem) {
    return source.error(problem);
  }

  /**
   * Refuses to keep more of this array than its source has room for.
   *
   * @param values how many values are kept
   * @param bytes memory for each
   * @throws FeatureFileException if that is out of proportion to the archive it is deflated in
   */
  void requireRoom(long values, int bytes) {
    source.requireRoom(values * bytes);
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
    return type.isInteger();
  }

  boolean isText() {
    return type.isText();
  }

  /**
   * Reads all numbers once, in storage order, through a buffer of fixed size.
   *
   * @param consumer takes each value
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if it has become shorter since it was opened, or holds texts
   */
  void forEach(ValueConsumer consumer) throws IOException {
    if (isText()) {
      throw error("expected numbers, found texts");
    }
    int inner = fortran ? rows : columns;
    forEachElement(
        (index, buffer) -> {
          int outerIndex = (int) (index / inner);
          int innerIndex = (int) (index % inner);
          double value = type.number(buffer);
          if (fortran) {
            consumer.accept(innerIndex, outerIndex, value);
          } else {
            consumer.accept(outerIndex, innerIndex, value);
          }
        });
  }

  /**
   * Reads all numbers into memory that grows as they come, in storage order.
   *
   * @return rows * columns values
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException as {@link #forEach}
   */
  double[] numbers() throws IOException {
    requireRoom((long) rows * columns, NUMBER_BYTES);
    DoubleStream.Builder numbers = DoubleStream.builder();
    forEach((row, column, value) -> numbers.add(value));
    return numbers.build().toArray();
  }

  /**
   * Reads all texts and keeps a number for each, in storage order.
   *
   * @param numbering gives each text its number
   * @return rows * columns numbers
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if it has become shorter since it was opened
   */
  int[] texts(ToIntFunction<String> numbering) throws IOException {
    requireRoom((long) rows * columns, NUMBER_BYTES);
    IntStream.Builder numbers = IntStream.builder();
    forEachElement((index, buffer) -> numbers.add(numbering.applyAsInt(type.text(buffer))));
    return numbers.build().toArray();
  }

  /**
   * Maps the values of a matrix into memory, some rows to a buffer.
   *
   * @return one or more buffers of whole rows, in order
   * @throws IOException if the file cannot be mapped
   * @throws FeatureFileException if this is no matrix of float32 in little-endian byte order and C
   *     order, or has no value
   */
  List<FloatBuffer> mapFloats() throws IOException {
    if (rank != 2 || rows == 0 || columns == 0) {
      throw error("expected a matrix of features with at least one value");
    }
    if (!type.isMappable() || (fortran && rows > 1 && columns > 1)) {
      throw error(
          "only float32 in little-endian byte order and C order can be mapped: save"
              + " numpy.ascontiguousarray(array, dtype='<f4')");
    }
    long row = (long) columns * Float.BYTES;
    long most = MOST_MAPPED / row;
    if (most == 0) {
      throw error("rows of " + columns + " features are too long to be mapped");
    }
    List<FloatBuffer> buffers = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(path())) {
      for (long start = 0; start < rows; start += most) {
        buffers.add(
            channel
                .map(
                    FileChannel.MapMode.READ_ONLY,
                    dataOffset + start * row,
                    Math.min(most, rows - start) * row)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer());
      }
    }
    return buffers;
  }

  private interface ElementConsumer {
    void accept(long index, ByteBuffer buffer);
  }

  private void forEachElement(ElementConsumer consumer) throws IOException {
    long elements = (long) rows * columns;
    int most = BUFFER / type.bytes() * type.bytes();
    long bytes = elements * type.bytes();
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, bytes)).order(type.order());
    try (ReadableByteChannel channel = source.open()) {
      read(channel, source, dataOffset, "the header");
      long index = 0;
      while (index < elements) {
        buffer.clear().limit((int) Math.min(most, (elements - index) * type.bytes()));
        fill(channel, buffer, source, "became shorter while it was read");
        buffer.flip();
        while (buffer.hasRemaining()) {
          consumer.accept(index++, buffer);
        }
      }
      source.requireEnd(channel);
    }
  }
}
