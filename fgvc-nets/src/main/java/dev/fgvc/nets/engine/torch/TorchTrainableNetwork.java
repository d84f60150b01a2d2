package dev.fgvc.nets.engine.torch;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.GraphFile;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.engine.torch.kernel.CpuCapabilities;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import dev.fgvc.nets.engine.torch.runtime.ProcessSettings;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.engine.torch.training.FlatVariables;
import dev.fgvc.nets.engine.torch.training.GroupGradients;
import dev.fgvc.nets.engine.torch.training.MovingAverage;
import dev.fgvc.nets.engine.torch.training.MovingStatistics;
import dev.fgvc.nets.engine.torch.training.TrainingKernels;
import dev.fgvc.nets.engine.torch.training.TrainingLayers;
import dev.fgvc.nets.engine.torch.training.TrainingLoss;
import dev.fgvc.nets.engine.torch.training.TrainingNorms;
import dev.fgvc.nets.engine.torch.training.TrainingWalk;
import dev.fgvc.nets.engine.torch.training.VariableGradients;
import dev.fgvc.nets.engine.torch.training.WeightUpdate;
import dev.fgvc.nets.engine.torch.training.WorkerWeights;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
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
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Training on libtorch. The variables being trained are views of one flat tensor, those under
 * weight decay in front and those of one learning rate together; so are their gradients.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class TorchTrainableNetwork implements TrainableNetwork {

  private final NetworkGraph graph;
  private final TrainingOptions options;
  private final FlatVariables trained;
  private final MovingStatistics statistics;
  private final FlatVariables fixed;
  private final TrainingLoss loss;
  private final WeightUpdate weightUpdate;
  private final Optional<MovingAverage> average;
  private final VariableGradients gradients;
  private final ActivationPool memory;
  private final TrainingKernels kernels;
  private final TrainingNorms norms;
  private final TrainingWalk walk;

  /**
   * This network's own, so that neither other networks nor the user's draws change what is dropped.
   */
  private final Generator generator;

  /**
   * The last batch's cross entropy, the weighted one of its auxiliary logits, and {@link
   * #decayedSquares}. On the device, so that all are waited for once.
   */
  private final Tensor terms;

  /** The sum of the squares of all variables under weight decay; a tensor without dimensions. */
  private final Tensor decayedSquares;

  /** The processes that this network shares its updates with, if any. */
  private Optional<GroupGradients> group = Optional.empty();

  /** The weights of the simulated workers, if any. */
  private Optional<WorkerWeights> workers = Optional.empty();

  private long updates;
  private long batches;
  private int waiting;
  private boolean closed;

  /** Recomputes norms on the CPU, where memory is scarce, and keeps them on a GPU. */
  TorchTrainableNetwork(NetworkGraph graph, Weights weights, TrainingOptions options) {
    this(graph, weights, options, options.device().kind() == Device.Kind.CPU);
  }

  /** With {@link TrainingWalk}'s choice left open. */
  TorchTrainableNetwork(
      NetworkGraph graph, Weights weights, TrainingOptions asked, boolean recomputes) {
    TrainingOptions options = CpuCapabilities.ofThisMachine().computed(asked);
    this.loss = new TrainingLoss(options, graph);
    this.graph = graph;
    this.options = options;
    Set<String> changing = options.changingVariables(graph);
    Predicate<Parameter> isTrained =
        parameter -> parameter.trainable() && changing.contains(parameter.name());
    Map<String, Double> rateFactors = options.variableRateFactors(graph);
    List<Parameter> learning =
        graph.parameters().stream()
            .filter(isTrained)
            .sorted(
                Comparator.comparing((Parameter parameter) -> !parameter.weightDecay())
                    .thenComparing(parameter -> rateFactors.get(parameter.name())))
            .toList();
    Map<String, Double> decays = movingDecays(graph, changing);
    Predicate<Parameter> moves = parameter -> decays.containsKey(parameter.name());
    this.trained = new FlatVariables(learning, options.device());
    this.statistics =
        new MovingStatistics(graph.parameters().stream().filter(moves).toList(), decays, options);
    this.fixed =
        new FlatVariables(
            graph.parameters().stream().filter(isTrained.or(moves).negate()).toList(),
            options.device());
    variables().forEach(part -> part.set(weights, options.device()));
    this.average =
        options.movingAverageDecay() == 0
            ? Optional.empty()
            : Optional.of(new MovingAverage(variables(), options.device()));
    try (PointerScope temporaries = new PointerScope()) {
      terms = TorchTensors.to(torch.zeros(new long[] {3}, TorchTensors.floats()), options.device());
      terms.retainReference();
      decayedSquares = terms.select(0, 2);
      decayedSquares.retainReference();
      generator = torch.make_generator_cpu();
      generator.retainReference();
    }
    this.weightUpdate = new WeightUpdate(options, trained, rateFactors, decayedSquares);
    this.gradients = new VariableGradients(learning, options.device());
    ScalarType type = options.bfloat16() ? ScalarType.BFloat16 : ScalarType.Float;
    this.memory = ActivationPool.on(options.device());
    this.kernels = TrainingKernels.on(options.device(), type);
    this.norms = new TrainingNorms(this::variable, gradients, memory, statistics);
    this.walk =
        new TrainingWalk(
            graph,
            new TrainingLayers(this::variable, gradients, type, kernels, memory, norms),
            memory,
            options.dropout() ? Optional.of(generator) : Optional.empty(),
            recomputes);
  }

  /** The decays of the moving statistics that move. */
  private static Map<String, Double> movingDecays(NetworkGraph graph, Set<String> changing) {
    Map<String, Double> decays = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.BatchNorm norm) {
        for (String statistic : List.of("/moving_mean", "/moving_variance")) {
          if (changing.contains(norm.scope() + statistic)) {
            decays.put(norm.scope() + statistic, norm.decay());
          }
        }
      }
    }
    return decays;
  }

  private List<FlatVariables> variables() {
    return List.of(trained, statistics.moving(), fixed);
  }

  private Tensor variable(String name) {
    return variables().stream()
        .filter(part -> part.contains(name))
        .findFirst()
        .orElseThrow()
        .view(name);
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
  public StepLoss accumulate(Images images, Targets targets) {
    requireOpen();
    images.requireTargets(targets, graph.classes());
    graph.shapes(images.resolution()); // refuses images too small before libtorch does
    requireExchanged();
    requireFirstRound();
    long batch = batches + group.map(GroupGradients::rank).orElse(0);
    try {
      group.ifPresent(processes -> processes.begin(waiting));
      StepLoss result =
          workers.isPresent()
              ? workers.get().withOwn(() -> pass(images, targets, batch))
              : pass(images, targets, batch);
      if (group.isPresent()) {
        group.get().took(result);
      } else {
        statistics.move(batch);
        batches++;
        waiting++;
      }
      return result;
    } catch (RuntimeException | Error e) {
      // Some variables have their gradient of this batch, others do not.
      gradients.drop();
      memory.close(); // their memory may be what smaller batches lack
      waiting = 0;
      group.ifPresent(processes -> processes.lostBatch(e));
      throw e;
    }
  }

  private void requireFirstRound() {
    if (options.syncBatchNorm() && waiting > 0) {
      throw new IllegalStateException(
          "synchronised batch norms of "
              + graph.name()
              + " see all batches of an update at once, one on each process: "
              + waiting
              + " wait already, update first");
    }
  }

  private StepLoss pass(Images images, Targets targets, long batch) {
    try (PointerScope temporaries = new PointerScope()) {
      generator.set_current_seed(options.dropoutSeed(batch));
      statistics.begin();
      walk.run(
          TorchTensors.images(images, options.device()),
          heads(),
          logits -> loss.gradients(logits, targets, terms),
          node -> group.ifPresent(processes -> processes.passed(node)));
      statistics.complete();
      float[] values = TorchTensors.values(terms);
      double decay = weightUpdate.decaysGradient() ? options.weightDecay() / 2 * values[2] : 0;
      return new StepLoss(values[0], values[1], decay);
    }
  }

  private List<Node> heads() {
    List<Node> heads = new ArrayList<>(List.of(graph.logits()));
    graph.auxiliaryLogits().ifPresent(heads::add);
    return heads;
  }

  @Override
  public void simulateWorkers(int count) {
    requireOpen();
    if (count < 1) {
      throw new IllegalArgumentException(count + " workers: at least 1");
    }
    requireAlone();
    workers = Optional.of(new WorkerWeights(trained, count, options.device()));
  }

  private void requireAlone() {
    if (group.isPresent() || workers.isPresent() || waiting > 0) {
      throw new IllegalStateException(
          graph.name()
              + " is in a group already, simulates workers, or has batches that wait for an"
              + " update");
    }
  }

  @Override
  public void turn(int worker) {
    requireOpen();
    if (waiting > 0) {
      throw new IllegalStateException(
          waiting + " batches of " + graph.name() + " wait for the update of another worker");
    }
    workers
        .orElseThrow(() -> new IllegalStateException(graph.name() + " simulates no workers"))
        .turn(worker);
  }

  @Override
  public void join(ProcessGroup processes) {
    requireOpen();
    requireAlone();
    processes.requireSame(settings(processes));
    GroupGradients joined =
        new GroupGradients(graph.name(), processes, walk, trained, gradients, statistics, options);
    group = Optional.of(joined);
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      long[] counts = joined.ofFirst(updates, batches);
      variables().forEach(part -> joined.broadcast(part.flat()));
      average.ifPresent(kept -> kept.averages().forEach(part -> joined.broadcast(part.flat())));
      weightUpdate.slots().values().forEach(slot -> joined.broadcast(slot.flat()));
      weightUpdate.sumSquares();
      updates = counts[0];
      batches = counts[1];
      joined.reset();
      if (options.syncBatchNorm()) {
        joined.synchronize(norms);
      }
    }
  }

  /** Settings that the processes of a group must have alike. */
  private Map<String, String> settings(ProcessGroup processes) {
    return Map.of(
        "network",
        graph.name() + " #" + Hashing.sha256().hashUnencodedChars(GraphFile.toJson(graph)),
        "options",
        options.toBuilder().device(Device.cpu()).build().toString(),
        "device",
        options.device().kind().toString(),
        "bucket",
        processes.bucketBytes() + " bytes");
  }

  @Override
  public List<StepLoss> exchange(int count) {
    requireOpen();
    GroupGradients processes =
        group.orElseThrow(() -> new IllegalStateException(graph.name() + " is in no group"));
    requireFirstRound();
    List<StepLoss> losses =
        processes.exchange(
            new GroupGradients.Moment(count, updates, batches, waiting),
            () -> walk.attend(heads(), processes::passed));
    batches += count;
    waiting += count;
    return losses;
  }

  @Override
  public void update(double learningRate) {
    requireOpen();
    if (!(learningRate >= 0) || Double.isInfinite(learningRate)) {
      throw new IllegalArgumentException("learning rate " + learningRate + " is not a rate");
    }
    requireExchanged();
    if (waiting == 0) {
      throw new IllegalStateException(
          "no batch of " + graph.name() + " waits for an update: accumulate one first");
    }
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      weightUpdate.apply(gradients.sums().flat(), waiting, learningRate, updates + 1);
      gradients.drop();
      average.ifPresent(kept -> kept.update(options.averageDecayAt(updates)));
      workers.ifPresent(WorkerWeights::read);
      updates++;
      waiting = 0;
    }
  }

  @Override
  public Weights gradients() {
    requireOpen();
    requireExchanged();
    return weightsOf(List.of(gradients.sums()));
  }

  @Override
  public Weights weights() {
    requireOpen();
    return weightsOf(variables());
  }

  @Override
  public Weights averagedWeights() {
    requireOpen();
    return average.map(kept -> weightsOf(kept.averages())).orElseGet(this::weights);
  }

  @Override
  public TrainingState state() {
    requireExchanged();
    if (waiting > 0) {
      throw new IllegalStateException(
          waiting + " batches of " + graph.name() + " wait for an update; update first");
    }
    Map<String, Weights> slots = new LinkedHashMap<>();
    slots().forEach((name, slot) -> slots.put(name, weightsOf(List.of(slot))));
    return new TrainingState(
        weights(), average.map(kept -> weightsOf(kept.averages())), slots, updates, batches);
  }

  /** The optimizer's slots, and the workers' weights. */
  private Map<String, FlatVariables> slots() {
    Map<String, FlatVariables> slots = new LinkedHashMap<>(weightUpdate.slots());
    workers.ifPresent(kept -> slots.putAll(kept.slots()));
    return slots;
  }

  @Override
  public void restore(TrainingState state) {
    requireOpen();
    group.ifPresent(GroupGradients::requireNoneWaiting);
    state.weights().requireFor(graph);
    if (state.averages().isPresent() != average.isPresent()
        || !state.slots().keySet().equals(slots().keySet())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a state with slots %s and %s averages does not fit %s with slots %s and %s averages:"
                  + " the options differ",
              state.slots().keySet(),
              state.averages().isPresent() ? "moving" : "no",
              graph.name(),
              slots().keySet(),
              average.isPresent() ? "moving" : "no"));
    }
    state.averages().ifPresent(averages -> averages.requireFor(graph));
    state.slots().values().forEach(slot -> trained.requireIn(slot));
    group.ifPresent(GroupGradients::reset);
    variables().forEach(part -> part.set(state.weights(), options.device()));
    state
        .averages()
        .ifPresent(
            values ->
                average
                    .orElseThrow()
                    .averages()
                    .forEach(part -> part.set(values, options.device())));
    slots().forEach((name, slot) -> slot.set(state.slots().get(name), options.device()));
    gradients.drop();
    weightUpdate.sumSquares();
    updates = state.updates();
    batches = state.batches();
    waiting = 0;
    workers.ifPresent(kept -> kept.turn(0));
  }

  private static Weights weightsOf(List<FlatVariables> parts) {
    ImmutableMap.Builder<String, WeightTensor> tensors = ImmutableMap.builder();
    parts.forEach(part -> part.copyTo(tensors));
    return Weights.of(tensors.build());
  }

  private void requireExchanged() {
    group.ifPresent(GroupGradients::requireExchanged);
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
    group.ifPresent(GroupGradients::close); // waits for an exchange, which uses what follows
    gradients.close();
    kernels.close();
    memory.close();
    workers.ifPresent(WorkerWeights::close);
    average.ifPresent(MovingAverage::close);
    weightUpdate.close();
    decayedSquares.releaseReference();
    generator.releaseReference();
    fixed.close();
    statistics.close();
    trained.close();
    terms.releaseReference();
    ProcessSettings.giveBack(options.device());
  }
}
