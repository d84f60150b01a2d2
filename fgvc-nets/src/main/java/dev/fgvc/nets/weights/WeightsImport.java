package dev.fgvc.nets.weights;

import dev.fgvc.artifact.OptionalReader;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Starts networks from the files of other libraries. An import is described step by step and
 * carried out by {@link #into} or {@link #network}:
 *
 * <pre>{@code
 * Weights.Transfer start =
 *     WeightsImport.tensorFlow(Path.of("inat/model.ckpt")).dropBackgroundClass().into(graph);
 * start.report().requireFreshOnlyIn("Logits", "AuxLogits");
 * }</pre>
 *
 * <p>A file may hold more than the network: a model around it, its moving averages, an optimizer.
 * Scopes before the library's names ({@code module.}, {@code _orig_mod.}, {@code backbone.}, a
 * nested model of Keras, one of the user's own) are found, and named in the report's remarks; of
 * several that hold the network, {@link #scope} chooses. A last layer under a name of the user's
 * own is taken if it is the only fully connected layer that no other name was found for, and a
 * remark says so. Every tensor that was not used is listed in the report, under the file's name.
 *
 * <p>Libraries differ in more than names, see {@link Convention}. {@link #network} draws a graph
 * that gives the library's own results; {@link #into} takes the caller's graph and remarks in its
 * report where that differs. A batch norm's gamma that the graph does not have (TF-slim's
 * Inceptions have none) is folded: with gamma * kernel and gamma * moving mean in place of kernel
 * and moving mean the layer gives gamma * (x - mean) / sqrt(variance + epsilon) + beta as before,
 * for any epsilon. That is exact in inference; in training, batch statistics would undo it, so a
 * network to be trained further is better drawn by {@link #network}, with its gammas.
 */
public final class WeightsImport {

  private static final String AVERAGE = "/ExponentialMovingAverage";

  /** How a library's file is opened. */
  @FunctionalInterface
  private interface Opener {
    ForeignTensors open(Path file) throws IOException;
  }

  private final Path file;
  private final String library;
  private final Convention convention;
  private final Opener opener;
  private String scope = "";
  private boolean movingAverages = true;
  private boolean dropBackgroundClass;
  private long seed;

  private WeightsImport(Path file, String library, Convention convention, Opener opener) {
    this.file = file;
    this.library = library;
    this.convention = convention;
    this.opener = opener;
  }

  /**
   * From a TensorFlow checkpoint with TF-slim's names, V2 or V1.
   *
   * @param checkpoint its prefix or any file of it
   * @return the description of an import
   */
  public static WeightsImport tensorFlow(Path checkpoint) {
    return new WeightsImport(checkpoint, "tensorflow", Convention.TF_SLIM, CheckpointTensors::open);
  }

  /**
   * From a file of Keras with a network of {@code keras.applications}: Inception-v3,
   * Inception-ResNet-v2, ResNet50V2, ResNet101V2 or ResNet152V2, by itself or within another model.
   * Needs io.jhdf:jhdf on the class path.
   *
   * <p>Layers that Keras numbers ({@code conv2d_7}) are known by their order alone, so all of them
   * must be there with the network's shapes. Values of bfloat16 (the dtype policy of this name) are
   * refused, as HDF5 does not say what they are; those of {@code mixed_bfloat16} are float32.
   *
   * @param file {@code x.h5}, {@code x.keras} (whose weights are held in memory meanwhile) or
   *     {@code x.weights.h5}, or {@code x.weights.json}, the index of shards
   * @return the description of an import
   */
  public static WeightsImport keras(Path file) {
    return new WeightsImport(file, "keras", Convention.KERAS, WeightsImport::openKeras);
  }

  /**
   * From a safetensors file of timm (inception_v3, inception_v4, inception_resnet_v2) or
   * torchvision (inception_v3). What wrappers put before or into names, such as {@code module.} of
   * DistributedDataParallel or {@code _orig_mod.} of torch.compile, does not matter.
   *
   * <p>Convert a file of {@code torch.save} by {@code safetensors.torch.save_file}. Where arrays of
   * NumPy are saved, by {@code safetensors.numpy.save_file}, make them contiguous first ({@code
   * np.ascontiguousarray}): safetensors 0.8.0 writes a transposed one with the right shape and its
   * values in another order, which nothing in the file tells.
   *
   * @param safetensors a state dictionary, or {@code x.safetensors.index.json}, the index of shards
   * @return the description of an import
   */
  public static WeightsImport pytorch(Path safetensors) {
    return new WeightsImport(safetensors, "pytorch", Convention.PYTORCH, PyTorchTensors::open);
  }

  /**
   * Takes the variables themselves, not their moving averages, which are preferred otherwise where
   * a checkpoint has them, as the authors evaluate with them.
   *
   * @return this import
   */
  public WeightsImport ignoreMovingAverages() {
    movingAverages = false;
    return this;
  }

  /**
   * Drops the first class of the last layers: TF-slim's ImageNet models count a background class
   * before the thousand.
   *
   * @return this import
   */
  public WeightsImport dropBackgroundClass() {
    dropBackgroundClass = true;
    return this;
  }

  /**
   * Says in which scope of the file the network lies, where it holds several: a student and a
   * teacher, a network and its moving average, two branches. One scope alone needs not be named.
   *
   * @param name what stands before the names that the library gives, such as {@code student} or
   *     {@code left}, with or without a separator at the end; the message that asks for it lists
   *     all there are
   * @return this import
   */
  public WeightsImport scope(String name) {
    scope = name;
    return this;
  }

  /**
   * Sets the seed of variables that the file does not have.
   *
   * @param value same seed, same values; 0 if not set
   * @return this import
   */
  public WeightsImport seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Starts a given network from the file. Takes the time of reading the file once, and the memory
   * of the network's weights and one tensor more; large tensors of safetensors stay in the file as
   * those of {@link Weights#read} do.
   *
   * @param graph the network
   * @return complete weights, and a report of what came from where
   * @throws WeightsFormatException if the file is damaged or of another kind
   * @throws IllegalArgumentException if the library has no such architecture, or nothing fits
   * @throws IOException if the file cannot be read
   */
  public Weights.Transfer into(NetworkGraph graph) throws IOException {
    try (ForeignTensors tensors = opener.open(file)) {
      return into(graph, tensors);
    }
  }

  /**
   * Draws the network that the file was made for, in the library's convention and with the file's
   * classes, and fills it. The auxiliary head is there if the file has it.
   *
   * @param architecture of the file's weights
   * @return a network that gives the library's own results
   * @throws WeightsFormatException if the file is damaged or of another kind
   * @throws IllegalArgumentException if the library has no such architecture, or variables are
   *     missing, such as a last layer: then use {@link #into}
   * @throws IOException if the file cannot be read
   */
  public ImportedNetwork network(Architecture architecture) throws IOException {
    try (ForeignTensors tensors = opener.open(file)) {
      NetworkGraph graph = draw(architecture, tensors);
      Weights.Transfer transfer = into(graph, tensors);
      transfer.report().requireFreshOnlyIn();
      return new ImportedNetwork(graph, transfer.weights(), transfer.report());
    }
  }

  private NetworkGraph draw(Architecture architecture, ForeignTensors tensors) throws IOException {
    Architecture.Builder builder = architecture.builder().convention(convention);
    NetworkGraph whole = builder.classes(1).build();
    Map<String, String> names = names(whole, tensors).theirs();
    String biases = whole.classScope(whole.logits()) + "/biases";
    if (names.isEmpty()) {
      throw new IllegalArgumentException(NothingFits.message(file, library, whole, tensors));
    }
    if (!names.containsKey(biases)) {
      throw new IllegalArgumentException(
          file + " has no last layer ('" + biases + "'); draw a graph and use into(graph)");
    }
    int classes =
        tensors.shape(names.get(biases)).stream().reduce(1, (a, b) -> a * b)
            - (dropBackgroundClass ? 1 : 0);
    boolean auxiliary =
        whole.auxiliaryLogits().isPresent()
            && names.containsKey(whole.classScope(whole.auxiliaryLogits().get()) + "/biases");
    return builder.classes(classes).auxiliaryHead(auxiliary).build();
  }

  private Weights.Transfer into(NetworkGraph graph, ForeignTensors tensors) throws IOException {
    ForeignNames names = names(graph, tensors);
    if (names.theirs().isEmpty()) {
      throw new IllegalArgumentException(NothingFits.message(file, library, graph, tensors));
    }
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    graph.parameters().forEach(parameter -> parameters.put(parameter.name(), parameter));
    ImportedLayers layers = new ImportedLayers(graph, parameters);
    Set<String> used = new HashSet<>();
    for (Map.Entry<String, String> name : names.theirs().entrySet()) {
      if (layers.wants(name.getKey())) {
        layers.put(name.getKey(), tensors.tensor(name.getValue()));
        used.add(name.getValue());
      }
    }
    List<String> remarks = new ArrayList<>(names.remarks());
    if (dropBackgroundClass) {
      layers.dropFirstClass();
      remarks.add("the first class was dropped from the last layers");
    }
    layers.foldGammas().ifPresent(remarks::add);
    layers.remarkOnClasses().ifPresent(remarks::add);
    architecture(graph)
        .flatMap(of -> ConventionRemark.on(graph, of, convention, library))
        .ifPresent(remarks::add);

    Weights.Transfer transfer;
    try {
      transfer = Weights.of(layers.tensors()).transferTo(graph, seed);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
    List<String> unused = tensors.names().stream().filter(name -> !used.contains(name)).toList();
    return new Weights.Transfer(
        transfer.weights(),
        new ImportReport(
            transfer.report().matched(),
            transfer.report().missing(),
            transfer.report().reshaped(),
            unused,
            remarks));
  }

  private ForeignNames names(NetworkGraph graph, ForeignTensors tensors) throws IOException {
    return convention == Convention.TF_SLIM
        ? checkpointNames(graph, tensors)
        : tableNames(graph, tensors);
  }

  private ForeignNames checkpointNames(NetworkGraph graph, ForeignTensors tensors) {
    Map<String, String> wanted = new LinkedHashMap<>();
    for (Parameter parameter : graph.parameters()) {
      wanted.put(parameter.name(), parameter.name());
      if (movingAverages) {
        wanted.put(parameter.name() + AVERAGE, parameter.name() + AVERAGE);
      }
    }
    ForeignNames found = ForeignNames.find(file, tensors, wanted, Map.of(), scope);
    Map<String, String> theirs = new LinkedHashMap<>();
    int averaged = 0;
    for (Parameter parameter : graph.parameters()) {
      String average = found.theirs().get(parameter.name() + AVERAGE);
      String plain = found.theirs().get(parameter.name());
      if (average != null) {
        theirs.put(parameter.name(), average);
        averaged++;
      } else if (plain != null) {
        theirs.put(parameter.name(), plain);
      }
    }
    List<String> remarks = new ArrayList<>(found.remarks());
    if (averaged > 0) {
      remarks.add(averaged + " of " + theirs.size() + " variables are their moving averages");
    }
    return new ForeignNames(theirs, remarks);
  }

  private ForeignNames tableNames(NetworkGraph graph, ForeignTensors tensors) throws IOException {
    Architecture architecture =
        architecture(graph)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        graph.name()
                            + " is none of the paper's architectures, whose names in "
                            + library
                            + " are known"));
    NameTable table = NameTable.load(library, architecture);
    ForeignNames found = ForeignNames.find(file, tensors, table.theirs(), table.places(), scope);
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    graph.parameters().forEach(parameter -> parameters.put(parameter.name(), parameter));
    String head = graph.classScope(graph.logits());
    if (found.theirs().keySet().stream().allMatch(name -> name.startsWith(head + "/"))) {
      return new ForeignNames(Map.of(), List.of()); // a last layer alone is another network's
    }
    Map<String, String> counted = new LinkedHashMap<>(table.theirs());
    boolean named = tensors.hindrance().isEmpty();
    counted
        .entrySet()
        .removeIf(
            name ->
                !name.getValue().contains("#")
                    && (named || !table.places().containsKey(name.getKey())));
    found.requireCounted(file, tensors, counted, parameters);
    Map<String, String> theirs = new LinkedHashMap<>(found.theirs());
    List<String> remarks = new ArrayList<>(found.remarks());
    if (!theirs.containsKey(head + "/weights")) {
      Optional<ForeignHead> last =
          ForeignHead.find(tensors, Set.copyOf(theirs.values()), parameters.get(head + "/weights"));
      if (last.isPresent()) {
        theirs.put(head + "/weights", last.get().weights());
        theirs.put(head + "/biases", last.get().biases());
        remarks.add(
            "'"
                + last.get().weights()
                + "', the only fully connected layer of another name, was taken as the last layer");
      }
    }
    long ignored =
        tensors.names().stream()
            .filter(name -> table.ignored().stream().anyMatch(name::endsWith))
            .count();
    if (ignored > 0) {
      remarks.add(
          ignored
              + " of the unused are counters ("
              + String.join(" ", table.ignored())
              + "), which no network needs");
    }
    return new ForeignNames(theirs, remarks);
  }

  private static Optional<Architecture> architecture(NetworkGraph graph) {
    return graph.parameters().stream()
        .findFirst()
        .flatMap(parameter -> Architecture.ofVariable(parameter.name()));
  }

  private static ForeignTensors openKeras(Path file) throws IOException {
    try {
      return KerasTensors.open(file);
    } catch (NoClassDefFoundError e) {
      throw OptionalReader.HDF5.missing(e);
    }
  }
}
