package dev.fgvc.nets.engine.nd4j;

import com.google.common.collect.ImmutableMap;
import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.random.SplitMix64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Training on ND4J with a reverse pass of our own. */
final class Nd4jTrainableNetwork implements TrainableNetwork {

  private static final String MEAN_SQUARE = "mean_square";
  private static final String MOMENTUM = "momentum";

  private final NetworkGraph graph;
  private final TrainingOptions options;
  private final Optimizer.RmsProp rule;
  private final Map<String, Variable> variables = new LinkedHashMap<>();
  private final Map<String, Double> rateFactors;
  private final boolean[] needed;
  private long updates;
  private long batches;
  private int waiting;
  private boolean closed;

  Nd4jTrainableNetwork(NetworkGraph graph, Weights weights, TrainingOptions options) {
    this.graph = graph;
    this.options = options;
    this.rule = rmsProp(options.optimizer());
    requirePlain(options);
    Set<String> changing = options.changingVariables(graph);
    this.rateFactors = options.variableRateFactors(graph);
    this.needed = graph.ancestors(graph.logits());
    graph
        .auxiliaryLogits()
        .ifPresent(
            head -> {
              boolean[] more = graph.ancestors(head);
              for (int i = 0; i < more.length; i++) {
                needed[i] |= more[i];
              }
            });
    try {
      for (Parameter parameter : graph.parameters()) {
        variables.put(
            parameter.name(),
            new Variable(
                parameter,
                weights.tensor(parameter.name()),
                changing.contains(parameter.name()),
                options.movingAverageDecay() > 0));
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static Optimizer.RmsProp rmsProp(Optimizer optimizer) {
    if (optimizer instanceof Optimizer.RmsProp rmsProp) {
      return rmsProp;
    }
    throw new EngineException(
        "the ND4J engine trains with RMSProp only, not with "
            + optimizer
            + "; use Optimizer.RmsProp or Engine.torch()");
  }

  private static void requirePlain(TrainingOptions options) {
    if (options.clipNorm() > 0
        || options.bfloat16()
        || options.syncBatchNorm()
        || !options.classWeights().isEmpty()
        || !options.logitOffsets().isEmpty()
        || !options.labelMargins().isEmpty()
        || options.logitScale() != 1) {
      throw new EngineException(
          "the ND4J engine trains without clipping, bfloat16, synchronised batch norms, class"
              + " weights, logit offsets, label margins and logit scales; use Engine.torch()");
    }
  }

  @Override
  public NetworkGraph graph() {
    return graph;
  }

  @Override
  public Precision precision() {
    return Precision.FP32;
  }

  @Override
  public StepLoss accumulate(Images images, Targets targets) {
    requireOpen();
    images.requireTargets(targets, graph.classes());
    graph.shapes(images.resolution()); // refuses images too small before anything changes
    try {
      return pass(images, targets);
    } catch (RuntimeException | Error e) {
      // Some variables have their gradient of this batch, others do not.
      variables.values().forEach(Variable::clearGradient);
      waiting = 0;
      throw e;
    }
  }

  private StepLoss pass(Images images, Targets targets) {
    try (ArrayScope scope = new ArrayScope()) {
      // What is dropped depends on nothing but the seed and the number of the batch.
      Optional<SplitMix64> dropout =
          options.dropout()
              ? Optional.of(new SplitMix64(options.dropoutSeed(batches)))
              : Optional.empty();
      TrainingForward forward =
          new TrainingForward(
              scope,
              graph,
              variables,
              images,
              dropout,
              norm -> options.batchNormDecayAt(norm.decay(), batches));
      forward.run(images, needed);
      ReversePass reverse = new ReversePass(scope, graph, forward, images.count());
      double main = head(scope, forward, reverse, graph.logits(), targets, 1);
      double auxiliary = 0;
      if (graph.auxiliaryLogits().isPresent()) {
        Node head = graph.auxiliaryLogits().get();
        auxiliary = head(scope, forward, reverse, head, targets, options.auxiliaryWeight());
      }
      reverse.run();
      batches++;
      waiting++;
      return new StepLoss(main, auxiliary, decayTerm());
    }
  }

  private double head(
      ArrayScope scope,
      TrainingForward forward,
      ReversePass reverse,
      Node head,
      Targets targets,
      double factor) {
    int[] labels = targets.labels();
    int[] others = targets.others();
    double[] weights = targets.labelWeights();
    double[] otherWeights = targets.otherWeights();
    SmoothedCrossEntropy entropy =
        new SmoothedCrossEntropy(options.labelSmoothing(), labels.length);
    double loss = 0;
    for (int i = 0; i < labels.length; i++) {
      float[] logits = ArrayScope.values(forward.map(head.index(), i));
      loss +=
          entropy.lossAndGradient(
              logits, labels[i], weights[i], others[i], otherWeights[i], factor);
      reverse.start(head, i, scope.of(logits, 1, logits.length, 1, 1));
    }
    return loss;
  }

  private double decayTerm() {
    if (options.weightDecay() == 0) {
      return 0;
    }
    return options.weightDecay()
        * variables.values().stream()
            .filter(variable -> variable.isTrained() && variable.parameter().weightDecay())
            .mapToDouble(Variable::decayTerm)
            .sum();
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
    double decay = options.averageDecayAt(updates);
    for (Variable variable : variables.values()) {
      double rate = learningRate * rateFactors.get(variable.parameter().name());
      variable.update(rule, rate, options.weightDecay(), waiting);
      variable.moveAverage(decay);
    }
    updates++;
    waiting = 0;
  }

  @Override
  public Weights gradients() {
    return weightsOf(Variable::isTrained, Variable::gradientTensor);
  }

  @Override
  public Weights weights() {
    return weightsOf(variable -> true, Variable::tensor);
  }

  @Override
  public Weights averagedWeights() {
    return weightsOf(variable -> true, Variable::averageTensor);
  }

  @Override
  public TrainingState state() {
    if (waiting > 0) {
      throw new IllegalStateException(
          waiting + " batches of " + graph.name() + " wait for an update; update first");
    }
    return new TrainingState(
        weights(),
        options.movingAverageDecay() > 0 ? Optional.of(averagedWeights()) : Optional.empty(),
        Map.of(
            MEAN_SQUARE, weightsOf(Variable::isTrained, Variable::meanSquareTensor),
            MOMENTUM, weightsOf(Variable::isTrained, Variable::momentumTensor)),
        updates,
        batches);
  }

  @Override
  public void restore(TrainingState state) {
    requireOpen();
    state.weights().requireFor(graph);
    boolean averaged = options.movingAverageDecay() > 0;
    if (state.averages().isPresent() != averaged
        || !state.slots().keySet().equals(Set.of(MEAN_SQUARE, MOMENTUM))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a state with slots %s does not fit %s with RMSProp %s averages: the options differ",
              state.slots().keySet(),
              graph.name(),
              averaged ? "and" : "without"));
    }
    state.averages().ifPresent(averages -> averages.requireFor(graph));
    for (Variable variable : variables.values()) {
      if (variable.isTrained()) {
        state.slots().values().forEach(slot -> slot.tensor(variable.parameter().name()));
      }
    }
    variables.forEach(
        (name, variable) -> {
          variable.restoreValue(state.weights().tensor(name));
          state.averages().ifPresent(averages -> variable.restoreAverage(averages.tensor(name)));
          if (variable.isTrained()) {
            variable.restoreSlots(
                state.slots().get(MEAN_SQUARE).tensor(name),
                state.slots().get(MOMENTUM).tensor(name));
          }
        });
    updates = state.updates();
    batches = state.batches();
    waiting = 0;
  }

  private Weights weightsOf(Predicate<Variable> chosen, Function<Variable, WeightTensor> values) {
    requireOpen();
    ImmutableMap.Builder<String, WeightTensor> tensors = ImmutableMap.builder();
    variables.forEach(
        (name, variable) -> {
          if (chosen.test(variable)) {
            tensors.put(name, values.apply(variable));
          }
        });
    return Weights.of(tensors.build());
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(graph.name() + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    variables.values().forEach(Variable::close);
    variables.clear();
  }
}
