package dev.fgvc.nets.backbone;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A loaded model. Only this class touches ONNX Runtime, after {@link OnnxLibrary#load}. Safe for
 * use by many threads, except for closing.
 */
final class OnnxSession implements AutoCloseable {

  /** Threads that wait in a loop for the next operation would take the CPU from the decoders. */
  private static final String SPINNING = "session.intra_op.allow_spinning";

  private static final Pattern PLACES_IN_SOURCE =
      Pattern.compile(
          "^Error code - \\w+ - message: |[^\\s:]*/[^\\s:]+\\.(?:cc|h):\\d+ [^(]*\\([^)]*\\) ");

  private static final int MOST_WORDS = 300;

  private final OnnxModelFile model;
  private final OrtSession session;
  private final Map<String, NodeInfo> inputs;
  private final Map<String, NodeInfo> outputs;

  private OnnxSession(OnnxModelFile model, OrtSession session) throws OrtException {
    this.model = model;
    this.session = session;
    this.inputs = session.getInputInfo();
    this.outputs = session.getOutputInfo();
  }

  /**
   * A tensor of an output.
   *
   * @param values without gaps
   * @param shape of the axes, images first
   */
  record Output(FloatBuffer values, long[] shape) {}

  /**
   * The environment, which a process has one of; errors come as exceptions, so nothing is logged.
   */
  static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "fgvc");
  }

  /**
   * Loads a model.
   *
   * @throws BackboneFormatException if ONNX Runtime cannot make a network of it
   * @throws EngineException if the device is not there
   */
  static OnnxSession open(OnnxModelFile model, OnnxOptions options) {
    try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      settings.setIntraOpNumThreads(options.threads());
      settings.setInterOpNumThreads(1);
      settings.addConfigEntry(SPINNING, "0");
      if (options.device().kind() == Device.Kind.CUDA) {
        addGpu(settings, options.device().index());
      }
      String path = model.files().get(0).toAbsolutePath().toString();
      return new OnnxSession(model, environment().createSession(path, settings));
    } catch (OrtException e) {
      throw unloadable(model, e);
    }
  }

  private static void addGpu(OrtSession.SessionOptions options, int index) {
    String advice =
        ": have "
            + OnnxLibrary.gpuArtifact()
            + " on the class path in place of the artifact for CPUs, and CUDA and cuDNN on the"
            + " machine";
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      throw new EngineException("this ONNX Runtime has no code for GPUs" + advice);
    }
    try {
      options.addCUDA(index);
    } catch (OrtException e) {
      throw new EngineException("GPU " + index + " cannot be used (" + words(e) + ")" + advice, e);
    }
  }

  private static RuntimeException unloadable(OnnxModelFile model, OrtException e) {
    String words = words(e);
    String lower = words.toLowerCase(Locale.ROOT);
    String version = "ONNX Runtime " + environment().getVersion();
    if (lower.contains("opset") || lower.contains("ir version") || lower.contains("ir_version")) {
      return new BackboneFormatException(
          model.files().get(0),
          "it has "
              + model.versions()
              + ", which "
              + version
              + " does not take ("
              + words
              + "): export it with an older opset_version",
          e);
    }
    return new BackboneFormatException(
        model.files().get(0), version + " makes no network of it: " + words, e);
  }

  /** ONNX Runtime's own words, without error codes and places in its source. */
  private static String words(OrtException e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
    String plain =
        PLACES_IN_SOURCE
            .matcher(message.substring(0, Math.min(4096, message.length())))
            .replaceAll("");
    return plain.length() <= MOST_WORDS ? plain : plain.substring(0, MOST_WORDS) + "...";
  }

  Set<String> inputNames() {
    return inputs.keySet();
  }

  Set<String> outputNames() {
    return outputs.keySet();
  }

  /** The lengths of an input's axes, -1 where they are free; empty if it holds no floats. */
  long[] inputShape(String name) {
    return floatShape(inputs.get(name));
  }

  /** The same of an output. */
  long[] outputShape(String name) {
    return floatShape(outputs.get(name));
  }

  private static long[] floatShape(NodeInfo node) {
    return node.getInfo() instanceof TensorInfo tensor && tensor.type == OnnxJavaType.FLOAT
        ? tensor.getShape()
        : new long[0];
  }

  /** All outputs with their types and shapes, for messages. */
  String describedOutputs() {
    return described(outputs);
  }

  /** The same of the inputs. */
  String describedInputs() {
    return described(inputs);
  }

  private static String described(Map<String, NodeInfo> nodes) {
    Map<String, String> texts = new LinkedHashMap<>();
    nodes.forEach(
        (name, node) ->
            texts.put(
                name,
                node.getInfo() instanceof TensorInfo tensor
                    ? tensor.type + " " + Arrays.toString(tensor.getShape())
                    : "no tensor"));
    return texts.entrySet().stream()
        .map(entry -> "'" + entry.getKey() + "' (" + entry.getValue() + ")")
        .collect(Collectors.joining(", "));
  }

  /**
   * Computes one output.
   *
   * @param values of the input, direct and of native order, from position to limit
   * @throws EngineException if ONNX Runtime fails
   */
  Output run(String input, FloatBuffer values, long[] shape, String output) {
    try (OnnxTensor images = OnnxTensor.createTensor(environment(), values, shape);
        OrtSession.Result result = session.run(Map.of(input, images), Set.of(output))) {
      OnnxTensor tensor = (OnnxTensor) result.get(0);
      return new Output(tensor.getFloatBuffer(), tensor.getInfo().getShape());
    } catch (OrtException e) {
      throw failed(Arrays.toString(shape), e);
    }
  }

  private EngineException failed(String shape, OrtException e) {
    String words = words(e);
    String lower = words.toLowerCase(Locale.ROOT);
    boolean memory = lower.contains("failed to allocate") || lower.contains("bad_alloc");
    return new EngineException(
        (memory ? "out of memory outside the Java heap with " : "ONNX Runtime failed with ")
            + "images of shape "
            + shape
            + " in "
            + model.files().get(0)
            + " ("
            + words
            + "): "
            + (memory
                ? "lower OnnxOptions.imagesPerPass or the resolution"
                : "the model may take images of another resolution only"),
        e);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new EngineException("closing " + model.files().get(0) + " failed", e);
    }
  }
}
