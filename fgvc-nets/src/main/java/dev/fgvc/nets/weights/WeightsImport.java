package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
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
   * From an HDF5 file of {@code keras.applications}: Inception-v3, Inception-ResNet-v2, ResNet50V2,
   * ResNet101V2 or ResNet152V2. Needs io.jhdf:jhdf on the class path.
   *
   * @param hdf5 a model or weights, of any version of Keras
   * @return the description of an import
   */
  public static WeightsImport keras(Path hdf5) {
    return new WeightsImport(hdf5, "keras", Convention.KERAS, WeightsImport::openKeras);
  }

  /**
   * From a safetensors file of timm (inception_v3, inception_v4, inception_resnet_v2) or
   * torchvision (inception_v3).
   *
   * @param safetensors a state dictionary
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
   * of the network's weights and one tensor more.
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
    String biases = classScope(whole, whole.logits()) + "/biases";
    if (!names.containsKey(biases)) {
      throw new IllegalArgumentException(
          file + " has no last layer ('" + biases + "'); draw a graph and use into(graph)");
    }
    int classes = tensors.tensor(names.get(biases)).size() - (dropBackgroundClass ? 1 : 0);
    boolean auxiliary =
        whole.auxiliaryLogits().isPresent()
            && names.containsKey(classScope(whole, whole.auxiliaryLogits().get()) + "/biases");
    return builder.classes(classes).auxiliaryHead(auxiliary).build();
  }

  private Weights.Transfer into(NetworkGraph graph, ForeignTensors tensors) throws IOException {
    Names names = names(graph, tensors);
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
    remarkOnConvention(graph).ifPresent(remarks::add);

    Weights.Transfer transfer = Weights.of(layers.tensors()).transferTo(graph, seed);
    List<String> unused =
        tensors.names().stream()
            .filter(name -> !used.contains(name))
            .filter(name -> names.ignored().stream().noneMatch(name::endsWith))
            .toList();
    return new Weights.Transfer(
        transfer.weights(),
        new ImportReport(
            transfer.matched(), transfer.missing(), transfer.reshaped(), unused, remarks));
  }

  /** Which of the file's names stand for which of ours; only names that the file has. */
  private record Names(Map<String, String> theirs, List<String> ignored, List<String> remarks) {}

  private Names names(NetworkGraph graph, ForeignTensors tensors) throws IOException {
    return convention == Convention.TF_SLIM
        ? checkpointNames(graph, tensors)
        : tableNames(graph, tensors);
  }

  private Names checkpointNames(NetworkGraph graph, ForeignTensors tensors) {
    Map<String, String> theirs = new LinkedHashMap<>();
    int averaged = 0;
    for (Parameter parameter : graph.parameters()) {
      String average = parameter.name() + AVERAGE;
      if (movingAverages && tensors.names().contains(average)) {
        theirs.put(parameter.name(), average);
        averaged++;
      } else if (tensors.names().contains(parameter.name())) {
        theirs.put(parameter.name(), parameter.name());
      }
    }
    List<String> remarks = new ArrayList<>();
    if (averaged > 0) {
      remarks.add(averaged + " of " + theirs.size() + " variables are their moving averages");
    }
    return new Names(theirs, List.of(), remarks);
  }

  private Names tableNames(NetworkGraph graph, ForeignTensors tensors) throws IOException {
    Architecture architecture =
        graph.parameters().stream()
            .findFirst()
            .flatMap(parameter -> Architecture.ofVariable(parameter.name()))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        graph.name()
                            + " is none of the paper's architectures, whose names in "
                            + library
                            + " are known"));
    NameTable table = NameTable.load(library, architecture);
    Map<String, String> theirs = new LinkedHashMap<>(table.theirs());
    theirs.values().retainAll(tensors.names());
    long ignored =
        tensors.names().stream()
            .filter(name -> table.ignored().stream().anyMatch(name::endsWith))
            .count();
    List<String> remarks = new ArrayList<>();
    if (ignored > 0) {
      remarks.add(ignored + " counters were left out (" + String.join(" ", table.ignored()) + ")");
    }
    return new Names(theirs, table.ignored(), remarks);
  }

  /** What the graph does otherwise than the library whose weights it is given. */
  private Optional<String> remarkOnConvention(NetworkGraph graph) {
    Optional<Architecture> architecture =
        graph.parameters().stream()
            .findFirst()
            .flatMap(parameter -> Architecture.ofVariable(parameter.name()));
    if (architecture.isEmpty()) {
      return Optional.empty();
    }
    NetworkGraph library =
        architecture
            .get()
            .builder()
            .classes(graph.classes())
            .auxiliaryHead(graph.auxiliaryLogits().isPresent())
            .convention(convention)
            .build();
    if (inferenceDetails(graph).equals(inferenceDetails(library))) {
      return Optional.empty();
    }
    return Optional.of(
        "the graph pools or normalises otherwise than "
            + library()
            + ", so its results differ: draw it with convention("
            + convention
            + ")");
  }

  private String library() {
    return convention == Convention.PYTORCH ? "PyTorch's" : library;
  }

  /** Poolings and epsilons, in order. */
  private static List<Object> inferenceDetails(NetworkGraph graph) {
    List<Object> details = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.BatchNorm norm) {
        details.add(norm.epsilon());
      } else if (node.operation() instanceof Operation.MaxPool
          || node.operation() instanceof Operation.AveragePool) {
        details.add(node.operation());
      }
    }
    return details;
  }

  /** The scope of the layer that gives class scores. */
  static String classScope(NetworkGraph graph, Node scores) {
    Node node = scores;
    while (true) {
      if (node.operation() instanceof Operation.Convolution convolution) {
        return convolution.scope();
      }
      if (node.operation() instanceof Operation.FullyConnected layer) {
        return layer.scope();
      }
      if (node.inputs().isEmpty()) {
        throw new IllegalArgumentException(graph.name() + ": no layer gives the class scores");
      }
      node = graph.nodes().get(node.inputs().get(0));
    }
  }

  private static ForeignTensors openKeras(Path file) throws IOException {
    try {
      return KerasTensors.open(file);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "reading Keras' HDF5 files needs io.jhdf:jhdf on the class path (missing: "
              + e.getMessage()
              + ")",
          e);
    }
  }
}
