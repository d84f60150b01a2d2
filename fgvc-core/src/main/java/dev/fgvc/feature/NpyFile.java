package dev.fgvc.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  private final NpyLayout layout;

  private NpyFile(NpySource source, NpyLayout layout) {
    this.source = source;
    this.layout = layout;
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
    return new NpyFile(source, NpyLayout.read(source));
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
    return layout.rank();
  }

  int rows() {
    return layout.rows();
  }

  /** The length of the second axis; 1 for a vector. */
  int columns() {
    return layout.columns();
  }

  boolean isInteger() {
    return layout.type().isInteger();
  }

  boolean isText() {
    return layout.type().isText();
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
    NpyType type = layout.type();
    boolean fortran = layout.fortran();
    int inner = fortran ? rows() : columns();
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
    requireRoom((long) rows() * columns(), NUMBER_BYTES);
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
    requireRoom((long) rows() * columns(), NUMBER_BYTES);
    NpyType type = layout.type();
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
    int rows = rows();
    int columns = columns();
    if (rank() != 2 || rows == 0 || columns == 0) {
      throw error("expected a matrix of features with at least one value");
    }
    if (!layout.type().isMappable() || (layout.fortran() && rows > 1 && columns > 1)) {
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
                    layout.dataOffset() + start * row,
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
    NpyType type = layout.type();
    long elements = (long) rows() * columns();
    int most = BUFFER / type.bytes() * type.bytes();
    long bytes = elements * type.bytes();
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, bytes)).order(type.order());
    try (ReadableByteChannel channel = source.open()) {
      source.read(channel, layout.dataOffset(), "the header");
      long index = 0;
      while (index < elements) {
        buffer.clear().limit((int) Math.min(most, (elements - index) * type.bytes()));
        source.fill(channel, buffer, "became shorter while it was read");
        buffer.flip();
        while (buffer.hasRemaining()) {
          consumer.accept(index++, buffer);
        }
      }
      source.requireEnd(channel);
    }
  }
}
