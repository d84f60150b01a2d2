package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.runtime.CpuFeature;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Computes in a process of its own without some {@link CpuFeature}s: libtorch chooses instructions
 * once in a process.
 *
 * @param vectors the instructions of libtorch's own code
 * @param fusesBfloat16 whether oneDNN's fused convolution takes bfloat16
 * @param single asked for float32
 * @param half asked for bfloat16
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
record ForcedFeatures(String vectors, boolean fusesBfloat16, Computed single, Computed half)
    implements Serializable {

  private static final long serialVersionUID = 1;

  /**
   * Results in one precision.
   *
   * @param inference the precision that the network says it computed in
   * @param training the same of the network in training
   */
  record Computed(
      Precision inference,
      Precision training,
      float[] features,
      float[] classMeans,
      float[] gradients)
      implements Serializable {

    private static final long serialVersionUID = 1;
  }

  /**
   * Computes without the features that a value of the property lists.
   *
   * @param slowBfloat16 whether bfloat16 is computed where it is slower than float32, too
   */
  static ForcedFeatures without(String features, boolean slowBfloat16, Path folder)
      throws IOException, InterruptedException {
    String name = features + "-" + slowBfloat16;
    Path result = folder.resolve("without-" + name);
    Path output = folder.resolve("output-" + name);
    ProcessBuilder child =
        ChildJvm.of(
            List.of(
                "-D" + CpuFeature.PROPERTY + "=" + features,
                "-D" + CpuCapabilities.SLOW_BFLOAT16 + "=" + slowBfloat16),
            ForcedFeatures.class,
            result);
    child.environment().remove("ONEDNN_MAX_CPU_ISA");
    child.environment().remove("ATEN_CPU_CAPABILITY");
    int status = child.redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
    if (status != 0) {
      throw new IllegalStateException(features + ": " + Files.readString(output));
    }
    try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(result))) {
      return (ForcedFeatures) in.readObject();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes what it computes to a file. */
  public static void main(String[] arguments) throws IOException {
    Engine.torch();
    ForcedFeatures all =
        new ForcedFeatures(
            torch.get_cpu_capability().getString(),
            fusesHere(),
            computed(Precision.FP32),
            computed(Precision.BF16));
    try (ObjectOutputStream out =
        new ObjectOutputStream(Files.newOutputStream(Path.of(arguments[0])))) {
      out.writeObject(all);
    }
  }

  private static boolean fusesHere() {
    try (PointerScope scope = new PointerScope();
        OneDnnConvolution operator = new OneDnnConvolution()) {
      TensorOptions half = new TensorOptions(ScalarType.BFloat16);
      Tensor input = torch.ones(new long[] {1, 8, 4, 4}, half);
      Tensor kernel = torch.ones(new long[] {8, 8, 3, 3}, half);
      long[] none = WindowArguments.NONE;
      operator.convolve(input, kernel, Optional.empty(), none, WindowArguments.UNIT, 1, false);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static Computed computed(Precision precision) {
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(3).widthMultiplier(0.1).build();
    ByteImages images = noise();
    InferenceOptions options = InferenceOptions.defaults().withPrecision(precision);
    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1), options);
        DeviceClassMeans means = network.classMeans(2)) {
      // Kernels are fitted to what comes again.
      for (int i = 0; i < 3; i++) {
        means.add(images, new int[] {0, 1, 1, 0, 1});
      }
      float[] features = network.features(images).data;
      float[] classMeans = means.toDomain("noise", List.of("a", "b")).classMeans().data;
      return trained(precision, network.precision(), features, classMeans);
    }
  }

  private static ByteImages noise() {
    byte[] values = new byte[5 * 3 * 80 * 80];
    new Random(1).nextBytes(values);
    return new ByteImages(ByteBuffer.wrap(values), 5, Resolution.square(80));
  }

  private static Computed trained(
      Precision precision, Precision inference, float[] features, float[] classMeans) {
    NetworkGraph graph = large();
    TrainingOptions options =
        TrainingOptions.paper().toBuilder().bfloat16(precision == Precision.BF16).build();
    try (TrainableNetwork network =
        Engine.torch().compileForTraining(graph, Weights.initialize(graph, 1), options)) {
      network.accumulate(Noise.images(4, 184, 2), new int[] {0, 1, 2, 0});
      float[] gradients = network.gradients().tensor("second/weights").toArray();
      return new Computed(inference, network.precision(), features, classMeans, gradients);
    }
  }

  /**
   * Maps large enough for memory of their own, to which oneDNN adds. No ReLU magnifies rounding.
   */
  private static NetworkGraph large() {
    Window window = Window.square(3, 1, Padding.SAME);
    Initializer initializer = new Initializer.TruncatedNormal(0.1);
    GraphBuilder builder = GraphBuilder.named("large");
    Node first = builder.convolution(builder.input(3), "first", 8, window, false, initializer);
    Node norm = builder.batchNorm(first, "norm", true, 1e-3, 0.9);
    Node second = builder.convolution(norm, "second", 8, window, false, initializer);
    Node features = builder.globalAveragePool(builder.add(second, norm, 1));
    Window cell = Window.square(1, 1, Padding.SAME);
    return builder.build(
        features, builder.convolution(features, "logits", 3, cell, true, initializer));
  }
}
