package dev.fgvc.nets.engine.torch;

import com.google.common.collect.ImmutableMap;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.engine.torch.kernel.CpuCapabilities;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import dev.fgvc.nets.engine.torch.runtime.ProcessSettings;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.engine.torch.training.FlatVariables;
import dev.fgvc.nets.engine.torch.training.MovingAverage;
import dev.fgvc.nets.engine.torch.training.OptimizerState;
import dev.fgvc.nets.engine.torch.training.TrainingLayers;
import dev.fgvc.nets.engine.torch.training.TrainingNorms;
import dev.fgvc.nets.engine.torch.training.TrainingWalk;
import dev.fgvc.nets.engine.torch.training.VariableGradients;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Training on libtorch. The variables being trained are views of one flat tensor, those under
 * weight decay in front; so are their gradients.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class TorchTrainableNetwork implements TrainableNetwork {

  /** Values that an update works on at once, so that its passes find them in a cache. */
  private static final long CHUNK = 1 << 17;

  /** The same on a GPU, where each operation takes some time to start. */
  private static final long LARGE_CHUNK = 1 << 24;

  private static final int NO_REDUCTION = 0;
  private static final int MEAN_REDUCTION = 1;
  private static final long NO_IGNORED_LABEL = -100;

  /**
   * A part of the flat tensors.
   *
   * @param from where it starts
   * @param length values in all
   * @param decayed whether its variables are under weight decay
   */
  private record Segment(long from, long length, boolean decayed) {}

  private final NetworkGraph graph;
  private final TrainingOptions options;
  private final FlatVariables trained;
  private final FlatVariables fixed;
  private final OptimizerState optimizer;
  private final Optional<MovingAverage> average;
  private final VariableGradients gradients;
  private final ActivationPool memory;
  private final Optional<OneDnnConvolution> oneDnn;
  private final TrainingWalk walk;

  /**
   * This network's own, so that neither other networks nor the user's draws change what is dropped.
   */
  private final Generator generator;

  private final List<Segment> segments;

  /**
   * The last batch's cross entropy, the weighted one of its auxiliary logits, and {@link
   * #decayedSquares}. On the device, so that all are waited for once.
   */
  private final Tensor terms;

  /** The sum of the squares of all variables under weight decay; a tensor without dimensions. */
  private final Tensor decayedSquares;

  private long updates;
  private long batches;
  private int waiting;
  private boolean closed;

  /** Recomputes norms on the CPU, where memory is dear, and keeps them on a GPU. */
  TorchTrainableNetwork(NetworkGraph graph, Weights weights, TrainingOptions options) {
    this(graph, weights, options, options.device().kind() == Device.Kind.CPU);
  }

  /** With {@link TrainingWalk}'s choice left open. */
  TorchTrainableNetwork(
      NetworkGraph graph, Weights weights, TrainingOptions asked, boolean recomputes) {
    TrainingOptions options = CpuCapabilities.ofThisMachine().computed(asked);
    requirePerClass("class weights", options.classWeights(), graph);
    requirePerClass("logit offsets", options.logitOffsets(), graph);
    this.graph = graph;
    this.options = options;
    Set<String> changing = options.changingVariables(graph);
    Predicate<Parameter> isTrained =
        parameter -> parameter.trainable() && changing.contains(parameter.name());
    List<Parameter> learning =
        graph.parameters().stream()
            .filter(isTrained)
            .sorted(Comparator.comparing((Parameter parameter) -> !parameter.weightDecay()))
            .toList();
    List<Parameter> others = graph.parameters().stream().filter(isTrained.negate()).toList();
    this.trained = new FlatVariables(learning, options.device());
    this.fixed = new FlatVariables(others, options.device());
    trained.set(weights, options.device());
    fixed.set(weights, options.device());
    this.optimizer = OptimizerState.of(options.optimizer(), learning, options.device());
    this.average =
        options.movingAverageDecay() == 0
            ? Optional.empty()
            : Optional.of(new MovingAverage(List.of(trained, fixed), options.device()));
    try (PointerScope temporaries = new PointerScope()) {
      terms = TorchTensors.to(torch.zeros(new long[] {3}, TorchTensors.floats()), options.device());
      terms.retainReference();
      decayedSquares = terms.select(0, 2);
      decayedSquares.retainReference();
      generator = torch.make_generator_cpu();
      generator.retainReference();
    }
    long decayed =
        learning.stream().filter(Parameter::weightDecay).mapToLong(Parameter::size).sum();
    long rest = trained.flat().numel() - decayed;
    segments = List.of(new Segment(0, decayed, true), new Segment(decayed, rest, false));
    sumSquares();
    this.gradients = new VariableGradients(learning, options.device());
    ScalarType type = options.bfloat16() ? ScalarType.BFloat16 : ScalarType.Float;
    this.memory = ActivationPool.on(options.device());
    this.oneDnn = OneDnnConvolution.on(options.device());
    TrainingNorms norms =
        new TrainingNorms(
            this::variable,
            gradients,
            memory,
            norm -> !changing.contains(norm.scope() + "/moving_mean"),
            norm -> options.batchNormDecayAt(norm.decay(), batches));
    this.walk =
        new TrainingWalk(
            graph,
            new TrainingLayers(this::variable, gradients, type, memory, oneDnn, norms),
            memory,
            options.dropout() ? Optional.of(generator) : Optional.empty(),
            recomputes);
  }

  private Tensor variable(String name) {
    return trained.contains(name) ? trained.view(name) : fixed.view(name);
  }

  @Override
  public NetworkGraph graph() {
    return graph;
  }

  @Override
  public Precision precision() {
    return options.bfloat16() ? Precision.BF16 : Precision.FP32;
  }

  @Override
  public StepLoss accumulate(Images images, int[] labels) {
    requireOpen();
    images.requireLabels(labels, graph.classes());
    graph.shapes(images.resolution()); // refuses images too small before libtorch does
    try {
      return pass(images, labels);
    } catch (RuntimeException | Error e) {
      // Some variables have their gradient of this batch, others do not.
      gradients.drop();
      memory.close(); // their memory may be what smaller batches lack
      waiting = 0;
      throw e;
    }
  }

  private StepLoss pass(Images images, int[] labels) {
    List<Node> heads = new ArrayList<>(List.of(graph.logits()));
    graph.auxiliaryLogits().ifPresent(heads::add);
    try (PointerScope temporaries = new PointerScope()) {
      generator.set_current_seed(options.dropoutSeed(batches));
      Tensor target = TorchTensors.labels(labels, options.device());
      walk.run(
          TorchTensors.images(images, options.device()),
          heads,
          logits -> lossGradients(logits, target));
      batches++;
      waiting++;
      float[] values = TorchTensors.values(terms);
      double decay = decaysGradient() ? options.weightDecay() / 2 * values[2] : 0;
      return new StepLoss(values[0], values[1], decay);
    }
  }

  /** The gradients of the loss by the logits; its terms are kept. */
  private List<Tensor> lossGradients(List<Tensor> logits, Tensor target) {
    List<Tensor> leaves = new ArrayList<>();
    try (AutoGradMode mode = new AutoGradMode(true)) {
      for (int i = 0; i < logits.size(); i++) {
        Tensor leaf = logits.get(i).detach();
        leaf.requires_grad_(true);
        leaves.add(leaf);
        Tensor term = crossEntropy(leaf, target);
        Tensor weighted = i == 0 ? term : term.mul(new Scalar(options.auxiliaryWeight()));
        terms.select(0, i).copy_(weighted.detach());
        weighted.backward();
      }
    }
    return leaves.stream().map(leaf -> new Tensor(leaf.grad())).toList();
  }

  private Tensor crossEntropy(Tensor logits, Tensor target) {
    Tensor flat = logits.reshape(logits.size(0), -1).to(ScalarType.Float);
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

  private boolean decaysGradient() {
    return options.weightDecay() > 0 && !options.optimizer().decouplesWeightDecay();
  }

  private boolean decaysWeights() {
    return options.weightDecay() > 0 && options.optimizer().decouplesWeightDecay();
  }

  @Override
  public void update(double learningRate) {
    requireOpen();
    if (!(learningRate >= 0) || Double.isInfinite(learningRate)) {
      throw new IllegalArgumentException("learning rate " + learningRate + " is not a rate");
    }
    if (waiting == 0) {
      throw new IllegalStateException(
          "no batch of " + graph.name() + " waits for an update: accumulate one first");
    }
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      double factor = clipFactor();
      decayedSquares.zero_();
      Tensor sums = gradients.sums().flat();
      for (Segment segment : segments) {
        eachChunk(
            segment,
            (weights, from) -> {
              Tensor gradient = sums.narrow(0, from, weights.numel());
              complete(gradient, weights, segment);
              if (factor < 1) {
                gradient.mul_(new Scalar(factor));
              }
              if (segment.decayed() && decaysWeights()) {
                weights.mul_(new Scalar(1 - learningRate * options.weightDecay()));
              }
              optimizer.update(weights, gradient, from, learningRate, updates + 1);
              addSquares(weights, segment);
            });
      }
      gradients.drop();
      average.ifPresent(kept -> kept.update(options.averageDecayAt(updates)));
      updates++;
      waiting = 0;
    }
  }

  /** Works on some weights, which begin somewhere in the flat tensor. */
  private interface ChunkTask {
    void take(Tensor weights, long from);
  }

  private void eachChunk(Segment segment, ChunkTask task) {
    long end = segment.from() + segment.length();
    long most = options.device().kind() == Device.Kind.CPU ? CHUNK : LARGE_CHUNK;
    for (long from = segment.from(); from < end; from += most) {
      try (PointerScope chunk = new PointerScope()) {
        task.take(trained.flat().narrow(0, from, Math.min(most, end - from)), from);
      }
    }
  }

  /** From the sum over the batches that wait to their mean, and the decay's part added. */
  private void complete(Tensor gradient, Tensor weights, Segment segment) {
    if (waiting > 1) {
      gradient.mul_(new Scalar(1.0 / waiting));
    }
    if (segment.decayed() && decaysGradient()) {
      gradient.add_(weights, new Scalar(options.weightDecay()));
    }
  }

  /** The factor that shortens all gradients together to the norm allowed. */
  private double clipFactor() {
    if (options.clipNorm() == 0) {
      return 1;
    }
    Tensor squares = torch.zeros_like(decayedSquares);
    Tensor sums = gradients.sums().flat();
    for (Segment segment : segments) {
      eachChunk(
          segment,
          (weights, from) -> {
            Tensor gradient = sums.narrow(0, from, weights.numel()).clone();
            complete(gradient, weights, segment);
            squares.add_(torch.dot(gradient, gradient));
          });
    }
    double norm = Math.sqrt(squares.item_float());
    return norm > options.clipNorm() ? options.clipNorm() / norm : 1;
  }

  private void sumSquares() {
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      decayedSquares.zero_();
      for (Segment segment : segments) {
        eachChunk(segment, (weights, start) -> addSquares(weights, segment));
      }
    }
  }

  private void addSquares(Tensor weights, Segment segment) {
    if (segment.decayed() && decaysGradient()) {
      decayedSquares.add_(torch.dot(weights, weights));
    }
  }

  @Override
  public Weights gradients() {
    requireOpen();
    return weightsOf(List.of(gradients.sums()));
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
              Locale.ROOT,
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
    gradients.drop();
    sumSquares();
    updates = state.updates();
    batches = state.batches();
    waiting = 0;
  }

  private static void requirePerClass(String what, List<Double> values, NetworkGraph graph) {
    if (!values.isEmpty() && values.size() != graph.classes()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d %s for the %d classes of %s",
              values.size(),
              what,
              graph.classes(),
              graph.name()));
    }
  }

  private static Weights weightsOf(List<FlatVariables> parts) {
    ImmutableMap.Builder<String, WeightTensor> tensors = ImmutableMap.builder();
    parts.forEach(part -> part.copyTo(tensors));
    return Weights.of(tensors.build());
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
    gradients.close();
    oneDnn.ifPresent(OneDnnConvolution::close);
    memory.close();
    average.ifPresent(MovingAverage::close);
    optimizer.close();
    decayedSquares.releaseReference();
    generator.releaseReference();
    fixed.close();
    trained.close();
    terms.releaseReference();
    ProcessSettings.giveBack(options.device());
  }
}
