package dev.fgvc.nets.weights;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.fgvc.feature.FeatureMemory;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * An immutable set of named tensors: the values of a network's variables, under the names and in
 * the order (HWIO kernels) of a TF-slim checkpoint. Files are safetensors.
 */
public final class Weights {

  /** The name that messages give to contents in memory. */
  static final Path IN_MEMORY = Path.of("bytes of weights");

  private final ImmutableMap<String, WeightTensor> tensors;

  private Weights(Map<String, WeightTensor> tensors) {
    this.tensors = ImmutableMap.copyOf(tensors);
  }

  /**
   * A set of given tensors.
   *
   * @param tensors by name
   * @return the weights
   */
  public static Weights of(Map<String, WeightTensor> tensors) {
    return new Weights(tensors);
  }

  /**
   * The values that training from scratch starts with, drawn as the authors' arg scopes say. Each
   * variable has a random stream of its own, so a changed last layer leaves all others as they
   * were. The bits are the same on every Java and every machine.
   *
   * @param graph whose variables are filled
   * @param seed same seed, same values
   * @return one tensor for each parameter of the graph
   * @throws IllegalArgumentException if a variable is larger than the heap can become, such as the
   *     last layer after a bilinear head on all channels; nothing was drawn then
   */
  public static Weights initialize(NetworkGraph graph, long seed) {
    for (Parameter parameter : graph.parameters()) {
      List<Integer> shape = parameter.shape();
      int outputs = shape.get(shape.size() - 1);
      FeatureMemory.requireMatrix(parameter.name(), parameter.size() / outputs, outputs);
    }
    List<WeightTensor> values =
        graph.parameters().parallelStream()
            .map(parameter -> InitialValues.of(parameter, seed))
            .toList();
    ImmutableMap.Builder<String, WeightTensor> tensors = ImmutableMap.builder();
    for (int i = 0; i < values.size(); i++) {
      tensors.put(graph.parameters().get(i).name(), values.get(i));
    }
    return new Weights(tensors.build());
  }

  /**
   * Reads a safetensors file of F64, F32, F16 or BF16 tensors, under the names and in the layout
   * that TF-slim has; PyTorch's are read by {@link WeightsImport#pytorch}.
   *
   * <p>Who writes such a file in Python from NumPy arrays must make them contiguous first ({@code
   * np.ascontiguousarray}): safetensors 0.8.0 writes a transposed array, such as a kernel brought
   * from PyTorch's layout to TensorFlow's, with the right shape and its values in another order,
   * which nothing in the file tells.
   *
   * <p>Tensors of 64 KiB and more stay in the file, which is held open while one of them can be
   * reached, and are read from there whenever they are needed: an engine takes them over without a
   * copy on the Java heap. A file that is deleted or replaced meanwhile, as {@link #write} does it,
   * stays as it was for them; one that is written to in place is noticed, and they throw a {@link
   * WeightsFormatException}. Where the file system gives files no identity, as on Windows, all are
   * read at once.
   *
   * @param file the file
   * @return all its tensors, as float32
   * @throws WeightsFormatException if the file is damaged, truncated or of another kind; no memory
   *     is taken for sizes that the file does not really have
   * @throws IOException if the file cannot be read
   */
  public static Weights read(Path file) throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      return new Weights(tensors.weights());
    }
  }

  /**
   * Writes a safetensors file of F32 tensors: first to a temporary file in the same folder, then
   * renamed, so that a file of this name is always whole.
   *
   * @param file to be written or replaced
   * @throws IOException if it cannot be written; what stood there before is untouched
   */
  public void write(Path file) throws IOException {
    write(file, Map.of());
  }

  void write(Path file, Map<String, String> metadata) throws IOException {
    Safetensors.write(file, tensors, metadata);
  }

  /**
   * The contents of the file that {@link #write(Path)} writes.
   *
   * @return safetensors of F32 tensors
   * @throws IllegalStateException if they do not fit into one array, which holds 2 GiB
   */
  public byte[] toBytes() {
    return toBytes(Map.of());
  }

  byte[] toBytes(Map<String, String> metadata) {
    return Safetensors.toBytes(tensors, metadata);
  }

  /**
   * Reads what {@link #read(Path)} reads, from memory.
   *
   * @param contents of a safetensors file
   * @return all its tensors, as float32
   * @throws WeightsFormatException as {@link #read(Path)} does
   */
  public static Weights fromBytes(byte[] contents) {
    try (Safetensors tensors = Safetensors.of(contents, IN_MEMORY)) {
      return new Weights(tensors.weights());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory can always be read
    }
  }

  /**
   * Writes NumPy's npz, whole or not at all: one uncompressed float32 array for each tensor, under
   * its full name and in TensorFlow's order. {@code numpy.load} reads it; from there TF-slim's
   * variables can be assigned by name.
   *
   * @param file to be written or replaced
   * @throws IOException if it cannot be written; what stood there before is untouched
   */
  public void writeNpz(Path file) throws IOException {
    NpzFile.write(file, tensors);
  }

  /**
   * The variables that have values here.
   *
   * @return full names, in the order of the source
   */
  public Set<String> names() {
    return tensors.keySet();
  }

  /**
   * The values of one variable.
   *
   * @param name full name
   * @return its tensor
   * @throws IllegalArgumentException if there is none of this name
   */
  public WeightTensor tensor(String name) {
    WeightTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no variable '" + name + "' among " + this);
    }
    return tensor;
  }

  /**
   * Returns a hash that two sets share if and only if they have the same variables with the same
   * shapes and the same bits, in whatever order.
   *
   * @return the SHA-256 over names, shapes and values, in hexadecimal; 100 MB take half a second
   */
  public String sha256() {
    Hasher hasher = Hashing.sha256().newHasher();
    for (Map.Entry<String, WeightTensor> entry : new TreeMap<>(tensors).entrySet()) {
      WeightTensor tensor = entry.getValue();
      hasher.putUnencodedChars(entry.getKey() + "\0" + tensor.shape() + "\0");
      ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
      tensor.copyTo(bytes.asFloatBuffer());
      hasher.putBytes(bytes);
    }
    return hasher.hash().toString();
  }

  /**
   * Looks for NaN and infinity.
   *
   * @return the first variable that holds one, if any does
   */
  public Optional<String> firstNotFinite() {
    return tensors.entrySet().stream()
        .filter(entry -> !entry.getValue().isFinite())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * Checks that every variable of a network has values of its shape.
   *
   * @param graph the network
   * @throws IllegalArgumentException naming the first variable that is missing or of another shape
   */
  public void requireFor(NetworkGraph graph) {
    for (Parameter parameter : graph.parameters()) {
      WeightTensor tensor = tensors.get(parameter.name());
      checkArgument(tensor != null, "weights for %s lack '%s'", graph.name(), parameter.name());
      if (!tensor.shape().equals(parameter.shape())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "weights for %s: '%s' has shape %s, the network wants %s",
                graph.name(),
                parameter.name(),
                tensor.shape(),
                parameter.shape()));
      }
    }
  }

  /**
   * Starts another network from these weights: variables of the same name and shape are taken over,
   * all others (such as a last layer with other classes) start fresh. A last layer with as many
   * classes is taken over too; {@link #transferToNewTask} never does.
   *
   * @param graph the network to start
   * @param seed of the fresh values
   * @return the complete weights, and which variables came from where
   * @throws IllegalArgumentException if no variable at all fits, which is no transfer
   */
  public Transfer transferTo(NetworkGraph graph, long seed) {
    ImmutableMap.Builder<String, WeightTensor> result = ImmutableMap.builder();
    List<String> matched = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<String> reshaped = new ArrayList<>();
    for (Parameter parameter : graph.parameters()) {
      WeightTensor own = tensors.get(parameter.name());
      if (own != null && own.shape().equals(parameter.shape())) {
        matched.add(parameter.name());
        result.put(parameter.name(), own);
      } else {
        (own == null ? missing : reshaped).add(parameter.name());
        result.put(parameter.name(), InitialValues.of(parameter, seed));
      }
    }
    Set<String> wanted =
        graph.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
    List<String> unused = tensors.keySet().stream().filter(name -> !wanted.contains(name)).toList();
    if (matched.isEmpty()) {
      throw new IllegalArgumentException(NothingFits.message(this, graph, reshaped));
    }
    return new Transfer(
        new Weights(result.buildOrThrow()),
        new ImportReport(matched, missing, reshaped, unused, List.of()));
  }

  /**
   * Starts a network for another task, as the paper goes from a source domain to a target domain
   * (section 4): as {@link #transferTo}, but the layers of the class scores, of the auxiliary ones
   * and of a bilinear head's reduction start fresh, even where the new task has as many classes.
   *
   * @param graph the network to start
   * @param seed of the fresh values
   * @return the complete weights, and which variables came from where; those that start fresh count
   *     as missing
   * @throws IllegalArgumentException if no variable at all fits, which is no transfer
   */
  public Transfer transferToNewTask(NetworkGraph graph, long seed) {
    List<String> fresh = new ArrayList<>(graph.headScopes());
    graph.auxiliaryLogits().map(graph::classScope).ifPresent(fresh::add);
    Map<String, WeightTensor> kept = new LinkedHashMap<>(tensors);
    kept.keySet().removeIf(name -> fresh.stream().anyMatch(each -> name.startsWith(each + "/")));
    return new Weights(kept).transferTo(graph, seed);
  }

  /**
   * The result of starting one network from another's weights.
   *
   * @param weights complete for the new network
   * @param report which variables came from where
   */
  public record Transfer(Weights weights, ImportReport report) {}

  /** How many tensors and values there are. */
  @Override
  public String toString() {
    long values = tensors.values().stream().mapToLong(WeightTensor::size).sum();
    return tensors.size() + " tensors with " + values + " values";
  }
}
