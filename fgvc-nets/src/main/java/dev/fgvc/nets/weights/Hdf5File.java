package dev.fgvc.nets.weights;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/**
 * All data sets of an HDF5 file by their paths, read by jHDF. What jHDF 0.13.0 would read wrongly
 * or trusts too far is checked before it reads, see {@link Hdf5Values}.
 */
final class Hdf5File implements AutoCloseable {

  /** Models nest models; each brings two groups. */
  private static final int MAX_DEPTH = 24;

  private static final int MAX_NODES = 100_000;

  private final Path file;
  private final HdfFile hdf;
  private final long size;
  private final Map<String, Dataset> datasets = new LinkedHashMap<>();
  private final Map<String, String> groupNames = new LinkedHashMap<>();
  private final Set<String> others = new LinkedHashSet<>();
  private int nodes;

  private Hdf5File(Path file, HdfFile hdf, long size) {
    this.file = file;
    this.hdf = hdf;
    this.size = size;
  }

  /** Opens a file and reads the names in it. */
  static Hdf5File open(Path file) throws IOException {
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE) {
      // What jHDF allocates by its own count of bytes is less than such a file
      return open(file, guarded(file, "", () -> new HdfFile(file)), size);
    }
    ByteBuffer content;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      // From memory jHDF takes parts without a copy, and none that is longer than the whole
      content = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
    }
    return open(file, content);
  }

  /**
   * Reads the names in an HDF5 file.
   *
   * @param file for messages
   * @param content all of the HDF5 file
   */
  static Hdf5File open(Path file, ByteBuffer content) throws IOException {
    int size = content.remaining();
    return open(
        file, guarded(file, FileKind.hint(file), () -> HdfFile.fromByteBuffer(content)), size);
  }

  private static Hdf5File open(Path file, HdfFile hdf, long size) throws IOException {
    Hdf5File opened = new Hdf5File(file, hdf, size);
    try {
      return guarded(
          file,
          "",
          () -> {
            opened.collect(hdf, "", 0);
            return opened;
          });
    } catch (IOException | RuntimeException e) {
      hdf.close();
      throw e;
    }
  }

  private void collect(Group group, String path, int depth) {
    for (Node node : group) {
      if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
        throw new WeightsFormatException(
            file, "expected layers with their variables, found a deeper or endless tree of groups");
      }
      String inner = path + node.getName();
      if (node instanceof Dataset dataset) {
        datasets.put(inner, dataset);
      } else if (node instanceof Group child) {
        Attribute name = child.getAttribute("name");
        if (name != null && name.getData() instanceof String text) {
          groupNames.put(inner, text);
        }
        collect(child, inner + "/", depth + 1);
      } else {
        others.add(inner);
      }
    }
  }

  /** Paths of all data sets, without a slash at the front. */
  Set<String> datasets() {
    return datasets.keySet();
  }

  /** Paths of what is neither a group nor a data set, such as links, which are not followed. */
  Set<String> others() {
    return others;
  }

  /** The attribute "name" of a group, which is a layer's name in the files of Keras 3. */
  Optional<String> nameOf(String group) {
    return Optional.ofNullable(groupNames.get(group));
  }

  List<Integer> shape(String path) throws IOException {
    Dataset dataset = datasets.get(path);
    return guarded(file, "", () -> IntStream.of(dataset.getDimensions()).boxed().toList());
  }

  WeightTensor read(String path) throws IOException {
    Dataset dataset = datasets.get(path);
    return guarded(file, "", () -> new Hdf5Values(file, size, path, dataset).read());
  }

  /** The HDF5 library meets damage with exceptions of any kind, or by running in circles. */
  private static <T> T guarded(Path file, String hint, Callable<T> reading) throws IOException {
    try {
      return reading.call();
    } catch (IOException | WeightsFormatException e) {
      throw e;
    } catch (Exception | StackOverflowError e) {
      throw new WeightsFormatException(
          file, isOpaque(e) ? Hdf5Values.OPAQUE : "is no HDF5 file that can be read: " + e + hint);
    }
  }

  /** jHDF 0.13.0 cannot open a group that holds an opaque type with a tag of some lengths. */
  private static boolean isOpaque(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      for (StackTraceElement frame : cause.getStackTrace()) {
        if (frame.getClassName().endsWith(".OpaqueDataType")) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void close() {
    hdf.close();
  }
}
