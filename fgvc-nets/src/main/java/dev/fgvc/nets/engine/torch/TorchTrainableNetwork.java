package dev.fgvc.nets.engine.torch;

import com.google.common.collect.ImmutableMap;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Training on libtorch's autograd. The variables being trained are views of one flat tensor, those
 * under weight decay in front, and their gradients are views of another: the backward pass adds
 * into it in place.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class TorchTrainableNetwork implements TrainableNetwork {

  private static final int MEAN_REDUCTION = 1;
  private static final long NO_IGNORED_LABEL = -100;

  private final NetworkGraph graph;
  private final TrainingOptions options;
  private final FlatVariables trained;
  private final FlatVariables fixed;
  private final FlatVariables gradients;
  private final RmsPropState optimizer;
  private final Optional<MovingAverage> average;
  private final Map<String, Tensor> leaves = new HashMap<>();
  private final TorchForward forward;
  private final long decayedValues;
  private boolean closed;

  TorchTrainableNetwork(NetworkGraph graph, Weights weights, TrainingOptions options) {
    this.graph = graph;
    this.options = options;
    List<Parameter> changing =
        graph.parameters().stream()
            .filter(this::isTrained)
            .sorted(Comparator.comparing((Parameter parameter) -> !parameter.weightDecay()))
            .toList();
    List<Parameter> others =
        graph.parameters().stream().filter(parameter -> !isTrained(parameter)).toList();
    this.decayedValues =
        changing.stream().filter(Parameter::weightDecay).mapToLong(Parameter::size).sum();
    this.trained = new FlatVariables(changing, options.device());
    this.fixed = new FlatVariables(others, options.device());
    this.gradients = new FlatVariables(changing, options.device());
    trained.set(weights, options.device());
    fixed.set(weights, options.device());
    this.optimizer = new RmsPropState((Optimizer.RmsProp) options.optimizer(), trained.flat());
    this.average =
        options.movingAverageDecay() == 0
            ? Optional.empty()
            : Optional.of(
                new MovingAverage(
                    options.movingAverageDecay(), List.of(trained, fixed), options.device()));
    try (PointerScope temporaries = new PointerScope()) {
      for (Parameter parameter : changing) {
        Tensor leaf = trained.view(parameter.name()).detach();
        leaf.requires_grad_(true);
        leaf.mutable_grad().put(gradients.view(parameter.name()));
        leaf.retainReference();
        leaves.put(parameter.name(), leaf);
      }
    }
    this.forward = new TorchForward(graph, new TrainingLayers(this::variable, options.dropout()));
    torch.manual_seed(options.seed());
  }

  private boolean isTrained(Parameter parameter) {
    return parameter.trainable()
        && options.frozenScopes().stream().noneMatch(parameter.name()::startsWith);
  }

  private Tensor variable(String name) {
    Tensor leaf = leaves.get(name);
    return leaf != null ? leaf : fixed.view(name);
  }

  @Override
  public NetworkGraph graph() {
    return graph;
  }

  @Override
  public StepLoss accumulate(Images images, int[] labels) {
    requireOpen();
    requireLabels(images, labels);
    graph.shapes(images.resolution()); // refuses images too small before libtorch does
    List<Node> heads = new ArrayList<>(List.of(graph.logits()));
    graph.auxiliaryLogits().ifPresent(heads::add);
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(true)) {
      Tensor target = TorchTensors.labels(labels, options.device());
      List<Tensor> logits = forward.run(TorchTensors.images(images, options.device()), heads);
      Tensor main = crossEntropy(logits.get(0), target);
      Tensor loss = main;
      double auxiliary = 0;
      if (logits.size() > 1) {
        Tensor weighted =
            crossEntropy(logits.get(1), target).mul(new Scalar(options.auxiliaryWeight()));
        auxiliary = weighted.item_float();
        loss = main.add(weighted);
      }
      loss.backward();
      return new StepLoss(main.item_float(), auxiliary, decayTerm());
    }
  }

  private Tensor crossEntropy(Tensor logits, Tensor target) {
    return torch.cross_entropy_loss(
        logits.reshape(logits.size(0), -1),
        target,
        new TensorOptional(),
        MEAN_REDUCTION,
        NO_IGNORED_LABEL,
        options.labelSmoothing());
  }

  private double decayTerm() {
    if (options.weightDecay() == 0 || decayedValues == 0) {
      return 0;
    }
    Tensor decayed = trained.flat().narrow(0, 0, decayedValues);
    return options.weightDecay() / 2 * torch.dot(decayed, decayed).item_float();
  }

  @Override
  public void update(double learningRate) {
    requireOpen();
    if (!(learningRate >= 0) || Double.isInfinite(learningRate)) {
      throw new IllegalArgumentException("learning rate " + learningRate + " is not a rate");
    }
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      Tensor gradient = gradients.flat();
      if (options.weightDecay() > 0 && decayedValues > 0) {
        gradient
            .narrow(0, 0, decayedValues)
            .add_(trained.flat().narrow(0, 0, decayedValues), new Scalar(options.weightDecay()));
      }
      optimizer.update(trained.flat(), gradient, learningRate);
      gradient.zero_();
      average.ifPresent(MovingAverage::update);
    }
  }

  @Override
  public Weights gradients() {
    requireOpen();
    return weightsOf(List.of(gradients));
  }

  @Override
  public Weights weights() {
    requireOpen();
    return weightsOf(List.of(trained, fixed));
  }

  @Override
  public Weights averagedWeights() {
    requireOpen();
    return average.map(kept -> weightsOf(kept.averages())).orElseGet(this::weights);
  }

  private static Weights weightsOf(List<FlatVariables> parts) {
    ImmutableMap.Builder<String, WeightTensor> tensors = ImmutableMap.builder();
    parts.forEach(part -> part.copyTo(tensors));
    return Weights.of(tensors.build());
  }

  private void requireLabels(Images images, int[] labels) {
    if (labels.length != images.count()) {
      throw new IllegalArgumentException(
          images.count() + " images but " + labels.length + " labels");
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= graph.classes()) {
        throw new IllegalArgumentException(
            String.format(
                "label %d of image %d is not one of the %d classes of %s",
                labels[i], i, graph.classes(), graph.name()));
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(graph.name() + " is closed");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    leaves.values().forEach(Tensor::releaseReference);
    leaves.clear();
    average.ifPresent(MovingAverage::close);
    optimizer.close();
    gradients.close();
    fixed.close();
    trained.close();
  }
}
