package dev.fgvc.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The layout of an array in NumPy's format of version 1, 2 or 3, as its header tells it and the
 * size of its file confirms.
 *
 * @param type of the elements
 * @param fortran whether the first axis is the fastest
 * @param rank 1 for a vector, 2 for a matrix
 * @param rows length of the first axis
 * @param columns length of the second axis; 1 for a vector
 * @param dataOffset where the elements begin, in bytes
 */
record NpyLayout(NpyType type, boolean fortran, int rank, int rows, int columns, int dataOffset) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};

  /** NumPy pads headers to a multiple of 64 bytes; a few hundred bytes hold any two dimensions. */
  private static final int MAX_HEADER = 1 << 16;

  /**
   * Reads and checks the header of an array.
   *
   * @throws IOException if it cannot be read
   * @throws FeatureFileException if it is not that of an array of one or two dimensions, or tells
   *     another size than the source has
   */
  static NpyLayout read(NpySource source) throws IOException {
    try (ReadableByteChannel channel = source.open()) {
      ByteBuffer start = source.read(channel, 10, "the magic bytes and the header length");
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
        ByteBuffer high = source.read(channel, 2, "the header length");
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
      ByteBuffer header = source.read(channel, (int) length, "the header");
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

  private static NpyLayout parse(NpySource source, String text, int dataOffset) {
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
    int columns = shape.length == 1 ? 1 : (int) shape[1];
    return new NpyLayout(type, header.fortran(), shape.length, (int) shape[0], columns, dataOffset);
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

  private static String shown(String header) {
    String start = header.length() > 120 ? header.substring(0, 120) + "..." : header;
    return '"' + start.replaceAll("[^\\x20-\\x7e]", "?").strip() + '"';
  }
}
