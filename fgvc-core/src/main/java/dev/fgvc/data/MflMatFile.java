package dev.fgvc.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.format.Mat5Reader;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.Char;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;
import us.hebi.matlab.mat.types.Sparse;
import us.hebi.matlab.mat.types.Struct;

/** The only class that touches the MAT File Library. */
final class MflMatFile implements MatFile {

  /** From here on, a double does not tell a whole number from the next. */
  private static final double INEXACT = 0x1p53;

  private final Path path;
  private final Mat5File content;

  private MflMatFile(Path path, Mat5File content) {
    this.path = path;
    this.content = content;
  }

  /** The library trusts sizes it reads, so whatever it throws is a complaint about the file. */
  static MatFile parse(Path path, byte[] bytes) {
    try {
      MatSizes.requireFitting(bytes, MAX_BYTES);
      Mat5File content =
          new LimitedReader(Sources.wrap(ByteBuffer.wrap(bytes)), new Limited()).readMat();
      return new MflMatFile(path, content);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw new DatasetFormatException(
          path, "expected a MATLAB 5 file, found one that cannot be read: " + e);
    }
  }

  /** Hands out so much memory in all and no more, whatever sizes a file declares. */
  private static final class Limited implements BufferAllocator {

    private long left = MAX_BYTES;

    void take(long bytes) {
      checkArgument(
          bytes >= 0 && bytes <= left, "an array of %s bytes where %s are left", bytes, left);
      left -= bytes;
    }

    @Override
    public ByteBuffer allocate(int bytes) {
      take(bytes);
      return ByteBuffer.allocate(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {
      left += buffer.capacity();
    }
  }

  /**
   * The library takes the places of cells and structs, unlike numbers, past the allocator, before
   * it looks for what should fill them.
   */
  private static final class LimitedReader extends Mat5Reader {

    private static final long BYTES_OF_ELEMENT = 8;

    private final Limited limit;

    LimitedReader(Source source, Limited limit) {
      super(source);
      this.limit = limit;
      setBufferAllocator(limit);
      disableSubsystemProcessing();
    }

    @Override
    protected Mat5Reader createChildReader(Source compressed) {
      return new LimitedReader(compressed, limit);
    }

    @Override
    protected Array readCell(EntryHeader header) throws IOException {
      takeElements(header, 1);
      return super.readCell(header);
    }

    @Override
    protected Array[][] readValues(EntryHeader header, int elements, String[] fields)
        throws IOException {
      takeElements(header, fields.length);
      return super.readValues(header, elements, fields);
    }

    private void takeElements(EntryHeader header, int fields) {
      long bytes = BYTES_OF_ELEMENT * Math.max(1, fields);
      for (int length : header.getDimensions()) {
        bytes = Math.multiplyExact(bytes, (long) length);
      }
      limit.take(bytes);
    }
  }

  private <T extends Array> T variable(String name, Class<T> type) {
    for (var entry : content.getEntries()) {
      if (entry.getName().equals(name)) {
        return cast(entry.getValue(), type, name);
      }
    }
    throw error("expected a variable " + name + ", found none");
  }

  private <T> T cast(Object value, Class<T> type, String what) {
    if (!type.isInstance(value)) {
      throw error("expected " + what + " to be a " + type.getSimpleName() + ", found another type");
    }
    return type.cast(value);
  }

  @Override
  public int[] integers(String variable) {
    Matrix matrix = full(variable(variable, Matrix.class), variable);
    int[] values = new int[matrix.getNumElements()];
    for (int i = 0; i < values.length; i++) {
      double value = exact(matrix, i, variable);
      values[i] = (int) value;
      if (values[i] != value) {
        throw error("expected whole numbers in " + variable + ", found " + value);
      }
    }
    return values;
  }

  @Override
  public List<String> texts(String variable) {
    Cell cell = variable(variable, Cell.class);
    return texts(variable, cell.getNumElements(), cell::get);
  }

  @Override
  public List<String> texts(String variable, String field) {
    Struct struct = structWith(variable, field);
    return texts(variable + "." + field, struct.getNumElements(), i -> struct.get(field, i));
  }

  private List<String> texts(String what, int count, IntFunction<Array> element) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Char text = cast(element.apply(i), Char.class, what);
      if (text.getNumRows() > 1) {
        throw error("expected one line in " + what + ", found " + text.getNumRows());
      }
      texts.add(text.getNumElements() == 0 ? "" : text.getString());
    }
    return texts;
  }

  @Override
  public double[] numbers(String variable, String field) {
    Struct struct = structWith(variable, field);
    double[] values = new double[struct.getNumElements()];
    for (int i = 0; i < values.length; i++) {
      Array array = struct.get(field, i);
      Matrix matrix =
          full(cast(array, Matrix.class, variable + "." + field), variable + "." + field);
      if (matrix.getNumElements() != 1) {
        throw error(
            String.format(
                Locale.ROOT,
                "expected one number in each %s.%s, found %d",
                variable,
                field,
                matrix.getNumElements()));
      }
      values[i] = exact(matrix, 0, variable + "." + field);
    }
    return values;
  }

  /** The library counts the places of sparse arrays in two ways. */
  private Matrix full(Matrix matrix, String what) {
    if (matrix instanceof Sparse) {
      throw error("expected a full array in " + what + ", found a sparse one: save full(...)");
    }
    return matrix;
  }

  /** The library gives unsigned numbers of 64 bits as signed ones, and others rounded. */
  private double exact(Matrix matrix, int index, String what) {
    double value = matrix.getDouble(index);
    boolean unsigned = matrix.getType() == MatlabType.UInt64 && value < 0;
    if (unsigned || (value == Math.rint(value) && Math.abs(value) >= INEXACT)) {
      throw error(
          "expected numbers below 2^53 in "
              + what
              + ", found "
              + (unsigned
                  ? Long.toUnsignedString(matrix.getLong(index))
                  : new BigDecimal(value).toPlainString()));
    }
    return value;
  }

  private Struct structWith(String variable, String field) {
    Struct struct = variable(variable, Struct.class);
    if (!struct.getFieldNames().contains(field)) {
      throw error("expected a field " + field + " in " + variable + ", found none");
    }
    return struct;
  }

  @Override
  public DatasetFormatException error(String problem) {
    return new DatasetFormatException(path, problem);
  }
}
