package dev.fgvc.nets.engine.torch;

import com.google.common.collect.ImmutableMap;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

  /** What an update works on at once, so that its passes find their values in a cache. */
  private static final long CHUNK = 1 << 18;

  private static final int NO_REDUCTION = 0;
  private static final int MEAN_REDUCTION = 1;
  private static final long NO_IGNORED_LABEL = -100;

  private final NetworkGraph graph;
  private final TrainingOptions options;
  private final FlatVariables trained;
  private final FlatVariables fixed;
  private final FlatVariables gradients;
  private final OptimizerState optimizer;
  private final Optional<MovingAverage> average;
  private final Map<String, Tensor> leaves = new HashMap<>();
  private final TorchForward forward;
  private final long decayedValues;
  private long updates;
  private long batches;
  private int waiting;
  private boolean closed;

  TorchTrainableNetwork(NetworkGraph graph, Weights weights, TrainingOptions options) {
    requirePerClass("class weights", options.classWeights(), graph);
    requirePerClass("logit offsets", options.logitOffsets(), graph);
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
    this.optimizer = OptimizerState.of(options.optimizer(), changing, options.device());
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
    this.forward =
        new TorchForward(
            graph,
            options.bfloat16()
                ? new Bfloat16Layers(this::variable, options.dropout())
                : new TrainingLayers(this::variable, options.dropout()));
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
    return TorchFailures.during(
        "training " + graph.name() + " on " + images.count() + " images of " + images.resolution(),
        () -> pass(images, labels));
  }

  private StepLoss pass(Images images, int[] labels) {
    List<Node> heads = new ArrayList<>(List.of(graph.logits()));
    graph.auxiliaryLogits().ifPresent(heads::add);
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(true)) {
      // The generator is libtorch's own, shared by all: seeding it here makes each batch's dropout
      // depend on nothing that happened before, in this process or in one that was killed.
      torch.manual_seed(options.seed() * 0x9E3779B97F4A7C15L + batches);
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
      batches++;
      waiting++;
      return new StepLoss(main.item_float(), auxiliary, decayTerm());
    }
  }

  private Tensor crossEntropy(Tensor logits, Tensor target) {
    Tensor flat = logits.reshape(logits.size(0), -1);
    if (!options.logitOffsets().isEmpty()) {
      flat = flat.add(perClass(options.logitOffsets()));
    }
    boolean weighted = !options.classWeights().isEmpty();
    Tensor loss =
        torch.cross_entropy_loss(
            flat,
            target,
            new TensorOptional(),
            weighted ? NO_REDUCTION : MEAN_REDUCTION,
            NO_IGNORED_LABEL,
            options.labelSmoothing());
    return weighted
        ? loss.mul(perClass(options.classWeights()).index_select(0, target)).mean()
        : loss;
  }

  private Tensor perClass(List<Double> values) {
    FloatBuffer floats = FloatBuffer.allocate(values.size());
    values.forEach(value -> floats.put(value.floatValue()));
    return TorchTensors.of(floats.flip(), new long[] {values.size()}, options.device());
  }

  private double decayTerm() {
    if (!decays() || options.optimizer().decouplesWeightDecay()) {
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
      if (waiting > 1) {
        gradient.mul_(new Scalar(1.0 / waiting));
      }
      boolean decaysGradient = decays() && !options.optimizer().decouplesWeightDecay();
      if (options.clipNorm() > 0) {
        if (decaysGradient) {
          decay(gradient, 0, decayedValues);
        }
        clip(gradient);
      }
      boolean decayLeft = decaysGradient && options.clipNorm() == 0;
      long values = gradient.numel();
      for (long from = 0; from < values; ) {
        boolean decayed = from < decayedValues;
        long length = Math.min(CHUNK, (decayed ? decayedValues : values) - from);
        try (PointerScope chunk = new PointerScope()) {
          Tensor part = gradient.narrow(0, from, length);
          Tensor weights = trained.flat().narrow(0, from, length);
          if (decayed && decayLeft) {
            part.add_(weights, new Scalar(options.weightDecay()));
          } else if (decayed && decays() && !decaysGradient) {
            weights.mul_(new Scalar(1 - learningRate * options.weightDecay()));
          }
          optimizer.update(weights, part, from, learningRate, updates + 1);
          part.zero_();
        }
        from += length;
      }
      average.ifPresent(kept -> kept.update(updates));
      updates++;
      waiting = 0;
    }
  }

  private void decay(Tensor gradient, long from, long length) {
    gradient
        .narrow(0, from, length)
        .add_(trained.flat().narrow(0, from, length), new Scalar(options.weightDecay()));
  }

  private boolean decays() {
    return options.weightDecay() > 0 && decayedValues > 0;
  }

  private void clip(Tensor gradient) {
    double norm = gradient.norm().item_float();
    if (norm > options.clipNorm()) {
      gradient.mul_(new Scalar(options.clipNorm() / norm));
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

  @Override
  public TrainingState state() {
    if (waiting > 0) {
      throw new IllegalStateException(
          waiting + " batches of " + graph.name() + " wait for an update; update first");
    }
    Map<String, Weights> slots = new LinkedHashMap<>();
    optimizer.slots().forEach((name, slot) -> slots.put(name, weightsOf(List.of(slot))));
    return new TrainingState(
        weights(), average.map(kept -> weightsOf(kept.averages())), slots, updates, batches);
  }

  @Override
  public void restore(TrainingState state) {
    requireOpen();
    state.weights().requireFor(graph);
    if (state.averages().isPresent() != average.isPresent()
        || !state.slots().keySet().equals(optimizer.slots().keySet())) {
      throw new IllegalArgumentException(
          String.format(
              "a state with slots %s and %s averages does not fit %s with slots %s and %s averages:"
                  + " the options differ",
              state.slots().keySet(),
              state.averages().isPresent() ? "moving" : "no",
              graph.name(),
              optimizer.slots().keySet(),
              average.isPresent() ? "moving" : "no"));
    }
    state.averages().ifPresent(averages -> averages.requireFor(graph));
    state.slots().values().forEach(slot -> trained.requireIn(slot));
    trained.set(state.weights(), options.device());
    fixed.set(state.weights(), options.device());
    state
        .averages()
        .ifPresent(
            values ->
                average
                    .orElseThrow()
                    .averages()
                    .forEach(part -> part.set(values, options.device())));
    optimizer.slots().forEach((name, slot) -> slot.set(state.slots().get(name), options.device()));
    try (PointerScope temporaries = new PointerScope()) {
      gradients.flat().zero_();
    }
    updates = state.updates();
    batches = state.batches();
    waiting = 0;
  }

  private static void requirePerClass(String what, List<Double> values, NetworkGraph graph) {
    if (!values.isEmpty() && values.size() != graph.classes()) {
      throw new IllegalArgumentException(
          String.format(
              "%d %s for the %d classes of %s",
              values.size(), what, graph.classes(), graph.name()));
    }
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
