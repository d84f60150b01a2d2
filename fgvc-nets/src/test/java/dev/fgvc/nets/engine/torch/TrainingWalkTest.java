package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.kernel.ActivationOperations;
import dev.fgvc.nets.engine.torch.kernel.PlainConvolution;
import dev.fgvc.nets.engine.torch.runtime.SingleThreadWorkers;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.engine.torch.training.FlatVariables;
import dev.fgvc.nets.engine.torch.training.TrainingWalk;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.weights.Weights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of whole networks beside those of libtorch's autograd, which keeps everything. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class TrainingWalkTest {

  private static final int SIDE = 139;
  private static final int IMAGES = 3;
  private static final int[] LABELS = {0, 2, 1};

  /** Four roundings in float32 of the largest partial sum. */
  private static final double SUM_ROUNDING = 4 * 0x1p-24;

  private static final TrainingOptions OPTIONS =
      TrainingOptions.paper().toBuilder().dropout(false).movingAverageDecay(0).build();

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void gradientsEqualAutograds(Architecture architecture) {
    requireEqualGradients(narrow(architecture), OPTIONS, SIDE);
  }

  /** On a GPU, nothing is computed again. */
  @ParameterizedTest
  @EnumSource(names = {"RESNET_V2_50", "INCEPTION_V3", "INCEPTION_RESNET_V2_SE"})
  void gradientsEqualAutogradsWhereNothingIsComputedAgain(Architecture architecture) {
    NetworkGraph graph = narrow(architecture);
    Weights weights = Weights.initialize(graph, 1);
    try (TrainableNetwork network = new TorchTrainableNetwork(graph, weights, OPTIONS, false)) {
      requireEqualGradients(graph, TrainingWalk.thinnerPoolings(graph), OPTIONS, SIDE, network);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RESNET_V2_50, resnet_v2_50/conv1, resnet_v2_50/block1",
    "RESNET_V2_50, resnet_v2_50/block2/unit_1, resnet_v2_50/block4/unit_2/bottleneck_v2/preact",
    "INCEPTION_RESNET_V2, InceptionResnetV2/Conv2d_1a_3x3, InceptionResnetV2/Mixed_5b"
  })
  void frozenScopesHaveNone(Architecture architecture, String first, String second) {
    requireEqualGradients(
        narrow(architecture),
        OPTIONS.toBuilder().frozenScopes(List.of(first, second)).build(),
        SIDE);
  }

  @Test
  void gradientsOnOneThreadEqualAutograds() {
    Supplier<Boolean> task =
        () -> {
          requireEqualGradients(narrow(Architecture.RESNET_V2_50), OPTIONS, SIDE);
          return true;
        };

    assertThat(SingleThreadWorkers.run(1, List.of(task))).containsExactly(true);
  }

  @Test
  void gradientsOfLargeKernelsOverSingleCellsEqualAutograds() {
    Window oneCell = Window.square(1, 1, Padding.SAME);
    Initializer initializer = new Initializer.TruncatedNormal(0.1);
    GraphBuilder builder = GraphBuilder.named("wide");
    Node features = builder.globalAveragePool(builder.input(3));
    Node wide = features;
    for (String scope : List.of("first", "second", "third")) {
      wide = builder.relu(builder.convolution(wide, scope, 1200, oneCell, true, initializer));
    }
    Node connected = builder.fullyConnected(wide, "connected", 900);
    Node logits = builder.convolution(connected, "logits", 3, oneCell, true, initializer);

    requireEqualGradients(builder.build(features, logits), OPTIONS, 21);
  }

  private static NetworkGraph narrow(Architecture architecture) {
    return architecture
        .builder()
        .classes(3)
        .widthMultiplier(0.1)
        .resolution(Resolution.square(SIDE))
        .build();
  }

  @Test
  void gradientsThatTwoNodesShareAreNotOverwritten() {
    Window same = Window.square(3, 1, Padding.SAME);
    Window reducing = Window.square(3, 2, Padding.SAME); // pads one side alone
    Initializer initializer = new Initializer.TruncatedNormal(0.1);
    GraphBuilder builder = GraphBuilder.named("branches");
    Node images = builder.input(3);
    Node stem = builder.relu(builder.convolution(images, "stem", 8, reducing, true, initializer));
    // A sum whose two parts get one gradient, and whose later part is cut in two.
    Node left = unit(builder, stem, "left", same);
    Node right = unit(builder, stem, "right", same);
    Node sum = builder.add(stem, builder.concatenate(List.of(left, right)), 1);
    Node scaled = builder.add(sum, builder.averagePool(sum, same), 0.5);
    Node pooled = builder.maxPool(builder.averagePool(scaled, reducing), same);
    Node norm = builder.batchNorm(pooled, "norm", true, 1e-3, 0.9);
    // A norm that is read by more than its activation.
    Node both = builder.add(norm, builder.relu(norm), 1);
    Node features = builder.globalAveragePool(both);
    Node logits =
        builder.convolution(
            features, "logits", 3, Window.square(1, 1, Padding.SAME), true, initializer);

    requireEqualGradients(builder.build(features, logits), OPTIONS, 21);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void largeActivationsAndSubsampledOnesAreOverwrittenByTheRightGradients(boolean bfloat16) {
    Window same = Window.square(3, 1, Padding.SAME);
    Window reducing = Window.square(3, 2, Padding.SAME);
    GraphBuilder builder = GraphBuilder.named("large");
    Node images = builder.input(3);
    Node stem = unit(builder, images, "stem", same);
    // Read whole by three, one of which is a norm with the same gradient, and in parts by two.
    Node branch = unit(builder, stem, "branch", same);
    Node norm = builder.batchNorm(stem, "norm", true, 1e-3, 0.9);
    Node sum = builder.add(builder.add(branch, norm, 1), stem, 1);
    Node half = builder.add(unit(builder, sum, "half", reducing), builder.subsample(stem, 2), 1);
    Node quarter = builder.add(builder.subsample(half, 2), builder.subsample(stem, 4), 1);
    // Read in parts alone.
    Node ends = builder.add(builder.subsample(quarter, 3), builder.subsample(quarter, 3), 0.5);
    Node features = builder.globalAveragePool(ends);
    Node logits =
        builder.convolution(
            features,
            "logits",
            3,
            Window.square(1, 1, Padding.SAME),
            true,
            new Initializer.TruncatedNormal(0.1));

    TrainingOptions options = OPTIONS.toBuilder().bfloat16(bfloat16).build();
    requireEqualGradients(builder.build(features, logits), options, 301);
  }

  private static Node unit(GraphBuilder builder, Node input, String scope, Window window) {
    Node convolution =
        builder.convolution(input, scope, 4, window, false, new Initializer.TruncatedNormal(0.1));
    return builder.relu(builder.batchNorm(convolution, scope + "/norm", false, 1e-3, 0.9));
  }

  /** Without ReLUs, as rounding turns some of these on or off, and gradients jump. */
  @Test
  void averagesBehindThinnerConvolutionsHaveTheGradientsOfThoseInFrontOfWiderOnes() {
    Window same = Window.square(3, 1, Padding.SAME);
    Window cell = Window.square(1, 1, Padding.SAME);
    Initializer initializer = new Initializer.TruncatedNormal(0.1);
    GraphBuilder builder = GraphBuilder.named("pooled");
    Node wide = builder.convolution(builder.input(3), "wide", 8, same, false, initializer);
    Node thin =
        builder.convolution(builder.averagePool(wide, same), "thin", 4, cell, false, initializer);
    // Neither of these two may change places with what is before it.
    Node biased =
        builder.convolution(builder.averagePool(thin, same), "biased", 3, cell, true, initializer);
    Node pooled = builder.averagePool(thin, same);
    Node read = builder.convolution(pooled, "read", 3, cell, false, initializer);
    Node sum =
        builder.add(
            read,
            builder.add(
                biased, builder.convolution(pooled, "again", 3, cell, false, initializer), 1),
            1);
    Node features = builder.globalAveragePool(sum);
    Node logits = builder.convolution(features, "logits", 3, cell, true, initializer);
    NetworkGraph graph = builder.build(features, logits);

    List<Node> nodes = TrainingWalk.thinnerPoolings(graph);
    assertThat(nodes.stream().filter(node -> !graph.nodes().contains(node))).hasSize(2);
    requireEqualGradients(graph, graph.nodes(), OPTIONS, 21);
  }

  private static void requireEqualGradients(NetworkGraph graph, TrainingOptions options, int side) {
    requireEqualGradients(graph, TrainingWalk.thinnerPoolings(graph), options, side);
  }

  private static void requireEqualGradients(
      NetworkGraph graph, List<Node> nodes, TrainingOptions options, int side) {
    Weights weights = Weights.initialize(graph, 1);
    try (TrainableNetwork network = Engine.torch().compileForTraining(graph, weights, options)) {
      requireEqualGradients(graph, nodes, options, side, network);
    }
  }

  private static void requireEqualGradients(
      NetworkGraph graph,
      List<Node> nodes,
      TrainingOptions options,
      int side,
      TrainableNetwork network) {
    Weights weights = network.weights();
    Images images = Noise.images(IMAGES, side, 2);
    Expected expected = autograd(graph, nodes, weights, images, options);
    double largest =
        expected.gradients().values().stream().mapToDouble(TrainingWalkTest::norm).max().orElse(0);

    network.accumulate(images, LABELS);
    network.accumulate(images, LABELS);
    Weights gradients = network.gradients();

    assertThat(gradients.names())
        .containsExactlyInAnyOrderElementsOf(expected.gradients().keySet());
    expected
        .gradients()
        .forEach(
            (name, gradient) -> {
              float[] actual = gradients.tensor(name).toArray();
              double error = 0;
              for (int i = 0; i < actual.length; i++) {
                error = Math.max(error, Math.abs(actual[i] / 2 - gradient[i]));
              }
              double bound =
                  options.bfloat16()
                      ? 0.05 * norm(gradient) + 1e-3 * largest
                      // Those of biases in front of a norm are sums that cancel out.
                      : 1e-4 * norm(gradient)
                          + 1e-6 * largest
                          + SUM_ROUNDING * expected.summands().getOrDefault(name, 0.0);
              assertThat(error).as(name).isLessThan(bound);
            });
  }

  /**
   * Gradients by autograd.
   *
   * @param summands for biases, the most that the absolute values of what is summed to a gradient
   *     amount to: the scale of rounding where these cancel out, as with one image of each class
   *     and probabilities that hardly differ
   */
  private record Expected(Map<String, float[]> gradients, Map<String, Double> summands) {}

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  private static Expected autograd(
      NetworkGraph graph,
      List<Node> nodes,
      Weights weights,
      Images images,
      TrainingOptions options) {
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(true)) {
      Set<String> changing = options.changingVariables(graph);
      Map<String, Tensor> variables = new HashMap<>();
      Map<String, Parameter> trained = new TreeMap<>();
      for (Parameter parameter : graph.parameters()) {
        Tensor values = TorchTensors.of(weights.tensor(parameter.name()), Device.cpu());
        Tensor variable = values.dim() == 4 ? values.permute(3, 2, 0, 1) : values;
        if (parameter.trainable() && changing.contains(parameter.name())) {
          variable.requires_grad_(true);
          trained.put(parameter.name(), parameter);
        }
        variables.put(parameter.name(), variable);
      }
      Tensor[] outputs = new Tensor[nodes.size()];
      for (Node node : nodes) {
        outputs[node.index()] =
            node.operation() instanceof Operation.Input
                ? TorchTensors.images(images, Device.cpu())
                : output(
                    node,
                    node.inputs().stream().map(i -> outputs[i]).toList(),
                    variables,
                    changing);
        if (isBiased(node) && outputs[node.index()].requires_grad()) {
          outputs[node.index()].retain_grad();
        }
      }
      Tensor target = TorchTensors.labels(LABELS, Device.cpu());
      Tensor loss = loss(outputs[graph.logits().index()], target, options);
      if (graph.auxiliaryLogits().isPresent()) {
        Tensor auxiliary = loss(outputs[graph.auxiliaryLogits().get().index()], target, options);
        loss = loss.add(auxiliary, new Scalar(options.auxiliaryWeight()));
      }
      loss.backward();
      Map<String, float[]> gradients = new TreeMap<>();
      trained.forEach(
          (name, parameter) ->
              gradients.put(
                  name, FlatVariables.copy(parameter, variables.get(name).grad()).toArray()));
      Map<String, Double> summands = new HashMap<>();
      for (Node node : nodes) {
        if (isBiased(node) && outputs[node.index()].requires_grad()) {
          Tensor sums = outputs[node.index()].grad().abs().sum(0, 2, 3);
          summands.put(
              ((Operation.Convolution) node.operation()).scope() + "/biases",
              sums.max().item_double());
        }
      }
      return new Expected(gradients, summands);
    }
  }

  private static boolean isBiased(Node node) {
    return node.operation() instanceof Operation.Convolution layer && layer.biases();
  }

  private static Tensor loss(Tensor logits, Tensor target, TrainingOptions options) {
    return torch.cross_entropy_loss(
        logits.reshape(IMAGES, -1),
        target,
        new TensorOptional(),
        1,
        -100,
        options.labelSmoothing());
  }

  private static Tensor output(
      Node node, List<Tensor> inputs, Map<String, Tensor> variables, Set<String> changing) {
    Tensor input = inputs.get(0);
    if (node.operation() instanceof Operation.Convolution layer) {
      Optional<Tensor> biases = Optional.ofNullable(variables.get(layer.scope() + "/biases"));
      Tensor kernel = variables.get(layer.scope() + "/weights");
      return PlainConvolution.convolve(input, kernel, biases, layer.window());
    } else if (node.operation() instanceof Operation.FullyConnected layer) {
      return torch
          .addmm(
              variables.get(layer.scope() + "/biases"),
              input.reshape(IMAGES, layer.inputs()),
              variables.get(layer.scope() + "/weights"))
          .view(IMAGES, layer.outputs(), 1, 1);
    } else if (node.operation() instanceof Operation.BatchNorm layer) {
      Tensor gamma = variables.get(layer.scope() + "/gamma");
      String mean = layer.scope() + "/moving_mean";
      boolean frozen = !changing.contains(mean);
      String variance = layer.scope() + "/moving_variance";
      return torch.batch_norm(
          input,
          gamma == null ? new TensorOptional() : new TensorOptional(gamma),
          new TensorOptional(variables.get(layer.scope() + "/beta")),
          frozen ? new TensorOptional(variables.get(mean)) : new TensorOptional(),
          frozen ? new TensorOptional(variables.get(variance)) : new TensorOptional(),
          !frozen,
          0,
          layer.epsilon(),
          true);
    } else if (node.operation() instanceof Operation.Dropout) {
      return input;
    }
    return ActivationOperations.on(Device.cpu()).apply(node.operation(), inputs);
  }
}
