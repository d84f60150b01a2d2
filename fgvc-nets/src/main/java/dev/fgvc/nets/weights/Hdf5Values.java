package dev.fgvc.nets.weights;

import io.jhdf.api.Dataset;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.exceptions.HdfException;
import io.jhdf.filter.PipelineFilterWithData;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.OpaqueDataType;
import io.jhdf.object.message.DataLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The values of one HDF5 data set. jHDF 0.13.0 reads any two-byte number as IEEE half, so bfloat16
 * would become other numbers; gives 0 for chunks that were never written, whatever the fill value;
 * and takes memory for any size that a header or compressed chunk claims. All of this is refused
 * here before it reads.
 */
final class Hdf5Values {

  static final String OPAQUE =
      "holds values of an opaque type. Keras writes bfloat16 so, under the dtype policy 'bfloat16';"
          + " set the policy 'float32', load the weights into the model and save them again";

  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int FLETCHER32 = 3;
  private static final Set<Integer> FILTERS = Set.of(DEFLATE, SHUFFLE, FLETCHER32);

  /** Trained weights hardly shrink by compression; what claims to did not come from training. */
  private static final int MAX_GROWTH = 4;

  private static final int MAX_CHUNKS = 1 << 20;

  private final Path file;
  private final long fileSize;
  private final String path;
  private final Dataset dataset;

  Hdf5Values(Path file, long fileSize, String path, Dataset dataset) {
    this.file = file;
    this.fileSize = fileSize;
    this.path = path;
    this.dataset = dataset;
  }

  WeightTensor read() {
    requireNumbers(dataset.getDataType());
    requirePlace();
    List<Integer> shape = Arrays.stream(dataset.getDimensions()).boxed().toList();
    if (shape.contains(0)) {
      return WeightTensor.wrap(shape, new float[0]);
    }
    Object flat = dataset.getDataFlat();
    if (flat instanceof Float value) {
      return WeightTensor.wrap(shape, new float[] {value});
    }
    if (flat instanceof Double value) {
      return WeightTensor.wrap(shape, new float[] {value.floatValue()});
    }
    if (flat instanceof float[] values) {
      return WeightTensor.wrap(shape, values);
    }
    if (flat instanceof double[] values) {
      float[] rounded = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        rounded[i] = (float) values[i];
      }
      return WeightTensor.wrap(shape, rounded);
    }
    throw refused("holds no numbers");
  }

  private void requireNumbers(DataType type) {
    if (type instanceof OpaqueDataType) {
      throw refused(OPAQUE);
    }
    if (!(type instanceof FloatingPoint number)) {
      throw refused(
          String.format(
              Locale.ROOT,
              "holds %s; float16, float32 or float64 can be read",
              dataset.getJavaType()));
    }
    int exponent = number.getExponentSize();
    int mantissa = number.getMantissaSize();
    boolean ieee =
        switch (number.getSize()) {
          case 2 -> isIeee(number, 5, 10);
          case 4 -> isIeee(number, 8, 23);
          case 8 -> isIeee(number, 11, 52);
          default -> false;
        };
    if (!ieee) {
      boolean brain = number.getSize() == 2 && exponent == 8 && mantissa == 7;
      throw refused(
          String.format(
              Locale.ROOT,
              "holds %s numbers of %d bytes with %d bits of exponent and %d of mantissa; float16,"
                  + " float32 or float64 of IEEE 754 can be read",
              brain ? "bfloat16," : "floating",
              number.getSize(),
              exponent,
              mantissa));
    }
  }

  private static boolean isIeee(FloatingPoint number, int exponent, int mantissa) {
    return number.getExponentSize() == exponent
        && number.getMantissaSize() == mantissa
        && number.getMantissaLocation() == 0
        && number.getExponentLocation() == mantissa
        && number.getSignLocation() == exponent + mantissa
        && number.getExponentBias() == (1 << exponent - 1) - 1
        && number.getMantissaNormalization() == 2
        && number.getBitOffset() == 0
        && number.getBitPrecision() == 8 * number.getSize();
  }

  private void requirePlace() {
    long[] sides = dataset.getDimensionsAsLong();
    double bytes = dataset.getDataType().getSize();
    for (long side : sides) {
      bytes *= side < 0 ? Double.POSITIVE_INFINITY : side;
    }
    boolean chunked = dataset.getDataLayout() == DataLayout.CHUNKED;
    long bound = chunked ? MAX_GROWTH * fileSize : fileSize;
    if (!(bytes <= Math.min(bound, Integer.MAX_VALUE - 16))) {
      throw refused(
          String.format(
              Locale.ROOT,
              "claims the shape %s in a file of %d bytes",
              Arrays.toString(sides),
              fileSize));
    }
    if (bytes > 0 && dataset instanceof ContiguousDataset contiguous) {
      long address = contiguous.getDataAddress();
      if (address < 0 || bytes > fileSize - address) {
        throw refused(
            address == -1
                ? "was never written"
                : String.format(
                    Locale.ROOT,
                    "lies at bytes %d to %.0f of %d; the file is truncated or damaged",
                    address,
                    address + bytes,
                    fileSize));
      }
    }
    if (bytes > 0 && chunked) {
      requireChunks((ChunkedDataset) dataset, dataset.getDimensions());
    }
  }

  private void requireChunks(ChunkedDataset chunks, int[] sides) {
    List<Integer> filters =
        chunks.getFilters().stream().map(PipelineFilterWithData::getId).toList();
    if (!FILTERS.containsAll(filters) || filters.stream().distinct().count() != filters.size()) {
      throw refused(
          "was filtered by "
              + chunks.getFilters().stream().map(PipelineFilterWithData::getName).toList()
              + "; repack it without (h5repack -f NONE)");
    }
    int[] chunk = chunks.getChunkDimensions();
    double count = 1;
    double chunkBytes = dataset.getDataType().getSize();
    for (int axis = 0; axis < sides.length; axis++) {
      count *= Math.ceil(sides[axis] / (double) chunk[axis]);
      chunkBytes *= chunk[axis];
    }
    if (!(count > 0 && count <= MAX_CHUNKS)
        || !(chunkBytes > 0 && chunkBytes <= Math.max(1 << 20, MAX_GROWTH * fileSize))) {
      throw refused(
          String.format(
              Locale.ROOT,
              "claims %.0f chunks of %.0f bytes in a file of %d bytes",
              count,
              chunkBytes,
              fileSize));
    }
    int[] offset = new int[sides.length];
    do {
      requireChunk(chunks, offset, (int) chunkBytes, filters.contains(DEFLATE));
    } while (next(offset, chunk, sides));
  }

  /** Steps to the next chunk in row-major order; false after the last. */
  private static boolean next(int[] offset, int[] chunk, int[] sides) {
    for (int axis = offset.length - 1; axis >= 0; axis--) {
      offset[axis] += chunk[axis];
      if (offset[axis] < sides[axis]) {
        return true;
      }
      offset[axis] = 0;
    }
    return false;
  }

  private void requireChunk(ChunkedDataset chunks, int[] offset, int bytes, boolean deflated) {
    ByteBuffer stored;
    try {
      stored = chunks.getRawChunkBuffer(offset);
    } catch (HdfException e) {
      throw refused(
          "was never written at " + Arrays.toString(offset) + ", or is damaged: " + e.getMessage());
    }
    if (deflated) {
      requireInflatedSize(stored, offset, bytes);
    } else if (stored.remaining() < bytes) {
      throw refused("has a chunk of " + stored.remaining() + " bytes instead of " + bytes);
    }
  }

  /** A few compressed bytes can claim to be a thousand times as many. */
  private void requireInflatedSize(ByteBuffer stored, int[] offset, int bytes) {
    Inflater inflater = new Inflater();
    byte[] scratch = new byte[1 << 13];
    long total = 0;
    try {
      inflater.setInput(stored);
      while (!inflater.finished() && total <= bytes + FLETCHER32_BYTES) {
        int more = inflater.inflate(scratch);
        if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          break;
        }
        total += more;
      }
    } catch (DataFormatException e) {
      throw refused("has a damaged chunk at " + Arrays.toString(offset) + ": " + e.getMessage());
    } finally {
      inflater.end();
    }
    if (total < bytes || total > bytes + FLETCHER32_BYTES) {
      throw refused(
          String.format(
              Locale.ROOT,
              "has a chunk at %s that inflates to another size than %d bytes",
              Arrays.toString(offset),
              bytes));
    }
  }

  /** A checksum that was computed before compression. */
  private static final int FLETCHER32_BYTES = 4;

  private WeightsFormatException refused(String problem) {
    return new WeightsFormatException(file, "'" + path + "' " + problem);
  }
}
