package dev.fgvc.nets.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hashing;
import dev.fgvc.nets.arch.NetworkGraph;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The loss that a training step minimises, and the way it does so. The loss is the mean cross
 * entropy against smoothed labels (1 - s) * onehot + s / classes, plus weight decay * sum(w^2) / 2
 * over the variables under decay.
 *
 * @param optimizer the update rule
 * @param weightDecay coefficient of the L2 term, at least 0; the authors' script passes 4e-5 to
 *     every network
 * @param labelSmoothing s above, in [0, 1); 0.1 in the paper (section 5.1.3)
 * @param auxiliaryWeight factor of the auxiliary head's cross entropy, 0.4 in the authors' networks
 * @param movingAverageDecay of the average of all variables, in [0, 1); 0 keeps no average. The
 *     first steps use less, see {@link #averageDecayAt}
 * @param batchNormWarmUp whether the moving statistics of batch norms warm up too, see {@link
 *     #batchNormDecayAt}; the authors' do not, and with their decay of 0.9997 need some ten
 *     thousand batches to forget how they began
 * @param syncBatchNorm whether batch norms of a {@linkplain TrainableNetwork#join group} normalise
 *     by the batches of all processes together, as one process does with one batch as large as all
 *     of them; an update then has one batch of each process, at most
 * @param trainableScopes only variables under one of these change; empty for all. A scope is one or
 *     more whole parts of a name from its start, such as {@code InceptionV3/Logits}, or without the
 *     network's own first part, as {@code Logits}; the authors' script has such an option, but
 *     moves all moving statistics
 * @param frozenScopes variables under one of these keep their values, those under trainable scopes
 *     included. A batch norm whose moving statistics keep theirs normalises by them, as in
 *     inference, and not by the batch's
 * @param device where it computes
 * @param dropout whether dropout layers drop
 * @param seed of dropout
 * @param clipNorm at least 0; largest global norm of the gradient, L2 term included, that an update
 *     uses as it is; longer ones are shortened to it. 0 does not clip
 * @param bfloat16 whether convolutions and fully connected layers compute in bfloat16, where the
 *     CPU gains by it, see {@link TrainableNetwork#precision}; weights, their gradients, norms and
 *     the loss stay float32
 * @param classWeights finite and at least 0; factor of each image's cross entropy by its class;
 *     empty for 1. The batch's sum is divided by the number of its images, as in the class-balanced
 *     loss of its authors; PyTorch's {@code cross_entropy} divides by the sum of their weights
 * @param logitOffsets from -1e30 to 1e30; added to the logits inside the loss, one a class, such as
 *     tau * log(share of the class) for logit adjustment (Menon et al., ICLR 2021); empty for 0
 * @param labelMargins from 0 to 1e30; taken from the logit of each image's own class inside the
 *     loss, one a class, as label-distribution-aware margins are (Cao et al., NeurIPS 2019); empty
 *     for 0
 * @param logitScale above 0, at most 1e30; what logits, with offsets and margins, are multiplied by
 *     inside the loss
 * @param rateFactors finite and at least 0; factors of the learning rate by scope. Where one scope
 *     lies inside another, the inner one's factor counts alone: a variable has that of the longest
 *     scope which holds it, 1 if there is none. A factor of 0 keeps values, but unlike a frozen
 *     scope lets moving statistics move
 */
public record TrainingOptions(
    Optimizer optimizer,
    double weightDecay,
    double labelSmoothing,
    double auxiliaryWeight,
    double movingAverageDecay,
    boolean batchNormWarmUp,
    boolean syncBatchNorm,
    List<String> trainableScopes,
    List<String> frozenScopes,
    Device device,
    boolean dropout,
    long seed,
    double clipNorm,
    boolean bfloat16,
    List<Double> classWeights,
    List<Double> logitOffsets,
    List<Double> labelMargins,
    double logitScale,
    Map<String, Double> rateFactors) {

  /** Coefficient of the L2 term that the authors' script passes to every network. */
  public static final double PAPER_WEIGHT_DECAY = 4e-5;

  /**
   * Label smoothing of the paper's section 5.1.3, which takes it from Szegedy et al. (CVPR 2016).
   */
  public static final double PAPER_LABEL_SMOOTHING = 0.1;

  /** Factor of the auxiliary head's cross entropy in the authors' networks. */
  public static final double PAPER_AUXILIARY_WEIGHT = 0.4;

  /** Decay of the moving average of all variables in the authors' script. */
  public static final double PAPER_MOVING_AVERAGE_DECAY = 0.9999;

  private static final double BELOW_ONE = Math.nextDown(1.0);

  /** Refuses values outside their ranges. */
  public TrainingOptions {
    requireRange("weight decay", weightDecay, Double.MAX_VALUE);
    requireRange("label smoothing", labelSmoothing, BELOW_ONE);
    requireRange("auxiliary weight", auxiliaryWeight, Double.MAX_VALUE);
    requireRange("moving average decay", movingAverageDecay, BELOW_ONE);
    requireRange("clip norm", clipNorm, Double.MAX_VALUE);
    classWeights.forEach(weight -> requireRange("class weight", weight, Double.MAX_VALUE));
    logitOffsets.forEach(offset -> requireRange("size of logit offset", Math.abs(offset), 1e30));
    labelMargins.forEach(margin -> requireRange("label margin", margin, 1e30));
    if (!(logitScale > 0 && logitScale <= 1e30)) {
      throw new IllegalArgumentException(
          "logit scale " + logitScale + " must be above 0, at most 1e30");
    }
    rateFactors.values().forEach(factor -> requireRange("rate factor", factor, Double.MAX_VALUE));
    trainableScopes = VariableScopes.requireNamed("trainable", trainableScopes);
    frozenScopes = VariableScopes.requireNamed("frozen", frozenScopes);
    VariableScopes.requireNamed("rate factor", List.copyOf(rateFactors.keySet()));
    classWeights = List.copyOf(classWeights);
    logitOffsets = List.copyOf(logitOffsets);
    labelMargins = List.copyOf(labelMargins);
    rateFactors = ImmutableSortedMap.copyOf(rateFactors);
  }

  private static double requireRange(String name, double value, double largest) {
    checkArgument(
        value >= 0 && value <= largest, "%s %s is not between 0 and %s", name, value, largest);
    return value;
  }

  /**
   * The authors' values: RMSProp, weight decay {@value #PAPER_WEIGHT_DECAY}, label smoothing
   * {@value #PAPER_LABEL_SMOOTHING}, auxiliary weight {@value #PAPER_AUXILIARY_WEIGHT}, moving
   * average {@value #PAPER_MOVING_AVERAGE_DECAY}; nothing frozen, on the CPU.
   *
   * @return the options
   */
  public static TrainingOptions paper() {
    return new Builder().build();
  }

  /**
   * The variables of a network that change in training: those under the trainable scopes and not
   * under the frozen ones, moving statistics included.
   *
   * @param graph the network
   * @return full names
   * @throws IllegalArgumentException if a scope holds no variable of the network, freezes only one
   *     of the two moving statistics of a batch norm, or nothing is left to train
   */
  public Set<String> changingVariables(NetworkGraph graph) {
    return VariableScopes.changing(graph, trainableScopes, frozenScopes);
  }

  /**
   * The factor of the learning rate of each variable, moving statistics included, which have no use
   * for theirs.
   *
   * @param graph the network
   * @return factors by full names
   * @throws IllegalArgumentException if a scope holds no variable of the network, or two scopes are
   *     the same, one with the network's own first part and one without
   */
  public Map<String, Double> variableRateFactors(NetworkGraph graph) {
    return VariableScopes.factors(graph, rateFactors);
  }

  /**
   * Rate factors that fall from a network's last layers to its first, as fine-tuning on little data
   * has them (Clark et al., ELECTRA, ICLR 2020). The layers are the scopes of two parts, such as
   * {@code InceptionV3/Mixed_7c} or {@code resnet_v2_50/block4}, in the order of the graph. Heads,
   * an auxiliary one and the {@linkplain NetworkGraph#headScopes reduction} of a bilinear one
   * included, keep the rate; the layer before has {@code decay} of it, the one before that {@code
   * decay} of this, and so on.
   *
   * @param graph the network
   * @param decay from 0 to 1; 0.75 to 0.9 are usual
   * @return factors for {@link Builder#rateFactors}
   */
  public static Map<String, Double> layerDecay(NetworkGraph graph, double decay) {
    requireRange("layer decay", decay, 1);
    return VariableScopes.layerDecay(graph, decay);
  }

  /**
   * Refuses values by class that are not one for each class of a network.
   *
   * @param graph the network
   * @throws IllegalArgumentException if weights, offsets or margins are more or fewer
   */
  public void requireFor(NetworkGraph graph) {
    requirePerClass("class weights", classWeights, graph);
    requirePerClass("logit offsets", logitOffsets, graph);
    requirePerClass("label margins", labelMargins, graph);
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

  /**
   * The decay of the moving average of all variables at one update: min(decay, (1 + n) / (10 + n)),
   * as TensorFlow's {@code ExponentialMovingAverage} with {@code num_updates}. The value that the
   * average starts with weighs less than a thousandth after five updates.
   *
   * @param updates n, made before this one
   * @return the part of the old average in the new one
   */
  public double averageDecayAt(long updates) {
    return warmedUp(movingAverageDecay, updates);
  }

  /**
   * The decay of a batch norm's moving statistics at one batch: with warm-up, min(decay, (1 + n) /
   * (10 + n)) as for the weights, so that what they hold is a tenth of the batches old on average
   * until the decay is reached.
   *
   * @param decay of the batch norm
   * @param batches n, seen before this one
   * @return the part of the old statistics in the new ones
   */
  public double batchNormDecayAt(double decay, long batches) {
    return batchNormWarmUp ? warmedUp(decay, batches) : decay;
  }

  private static double warmedUp(double decay, long count) {
    return Math.min(decay, (1.0 + count) / (10.0 + count));
  }

  /**
   * The seed of one batch's dropout, so that what is dropped depends on nothing that happened
   * before. Each bit depends on all bits of {@link #seed} and of the number, for libtorch's
   * generator takes only the lower 32.
   *
   * @param batch counted from 0
   * @return any number
   */
  public long dropoutSeed(long batch) {
    return Hashing.murmur3_128().newHasher().putLong(seed).putLong(batch).hash().asLong();
  }

  /**
   * Starts a change of some of these options.
   *
   * @return a builder that holds these values
   */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Options under change; each setter returns the builder itself. */
  public static final class Builder {

    private Optimizer optimizer = Optimizer.RmsProp.paper();
    private double weightDecay = PAPER_WEIGHT_DECAY;
    private double labelSmoothing = PAPER_LABEL_SMOOTHING;
    private double auxiliaryWeight = PAPER_AUXILIARY_WEIGHT;
    private double movingAverageDecay = PAPER_MOVING_AVERAGE_DECAY;
    private boolean batchNormWarmUp;
    private boolean syncBatchNorm;
    private List<String> trainableScopes = List.of();
    private List<String> frozenScopes = List.of();
    private Device device = Device.cpu();
    private boolean dropout = true;
    private long seed;
    private double clipNorm;
    private boolean bfloat16;
    private List<Double> classWeights = List.of();
    private List<Double> logitOffsets = List.of();
    private List<Double> labelMargins = List.of();
    private double logitScale = 1;
    private Map<String, Double> rateFactors = Map.of();

    private Builder() {}

    private Builder(TrainingOptions options) {
      optimizer = options.optimizer;
      weightDecay = options.weightDecay;
      labelSmoothing = options.labelSmoothing;
      auxiliaryWeight = options.auxiliaryWeight;
      movingAverageDecay = options.movingAverageDecay;
      batchNormWarmUp = options.batchNormWarmUp;
      syncBatchNorm = options.syncBatchNorm;
      trainableScopes = options.trainableScopes;
      frozenScopes = options.frozenScopes;
      device = options.device;
      dropout = options.dropout;
      seed = options.seed;
      clipNorm = options.clipNorm;
      bfloat16 = options.bfloat16;
      classWeights = options.classWeights;
      logitOffsets = options.logitOffsets;
      labelMargins = options.labelMargins;
      logitScale = options.logitScale;
      rateFactors = options.rateFactors;
    }

    /**
     * Sets the update rule.
     *
     * @param value the rule
     * @return this builder
     */
    public Builder optimizer(Optimizer value) {
      optimizer = value;
      return this;
    }

    /**
     * Sets the coefficient of the L2 term.
     *
     * @param value at least 0
     * @return this builder
     */
    public Builder weightDecay(double value) {
      weightDecay = requireRange("weight decay", value, Double.MAX_VALUE);
      return this;
    }

    /**
     * Sets the share of the labels that is spread over all classes.
     *
     * @param value in [0, 1)
     * @return this builder
     */
    public Builder labelSmoothing(double value) {
      labelSmoothing = requireRange("label smoothing", value, BELOW_ONE);
      return this;
    }

    /**
     * Sets the factor of the auxiliary head's loss.
     *
     * @param value at least 0
     * @return this builder
     */
    public Builder auxiliaryWeight(double value) {
      auxiliaryWeight = requireRange("auxiliary weight", value, Double.MAX_VALUE);
      return this;
    }

    /**
     * Sets the decay of the moving average of all variables.
     *
     * @param value in [0, 1); 0 keeps no average
     * @return this builder
     */
    public Builder movingAverageDecay(double value) {
      movingAverageDecay = requireRange("moving average decay", value, BELOW_ONE);
      return this;
    }

    /**
     * Sets whether the moving statistics of batch norms warm up.
     *
     * @param value true for runs of less than some ten thousand batches
     * @return this builder
     */
    public Builder batchNormWarmUp(boolean value) {
      batchNormWarmUp = value;
      return this;
    }

    /**
     * Sets whether batch norms see the batches of all processes of a group.
     *
     * @param value true for batches of a process that are too small to normalise by
     * @return this builder
     */
    public Builder syncBatchNorm(boolean value) {
      syncBatchNorm = value;
      return this;
    }

    /**
     * Sets which variables change.
     *
     * @param scopes as {@link TrainingOptions#trainableScopes}; empty for all variables
     * @return this builder
     */
    public Builder trainableScopes(List<String> scopes) {
      trainableScopes = VariableScopes.requireNamed("trainable", scopes);
      return this;
    }

    /**
     * Sets which variables keep their values.
     *
     * @param scopes as {@link TrainingOptions#trainableScopes}
     * @return this builder
     */
    public Builder frozenScopes(List<String> scopes) {
      frozenScopes = VariableScopes.requireNamed("frozen", scopes);
      return this;
    }

    /**
     * Sets where the network computes.
     *
     * @param value the device
     * @return this builder
     */
    public Builder device(Device value) {
      device = value;
      return this;
    }

    /**
     * Sets whether dropout layers drop.
     *
     * @param value false lets everything through
     * @return this builder
     */
    public Builder dropout(boolean value) {
      dropout = value;
      return this;
    }

    /**
     * Sets the seed of dropout.
     *
     * @param value any number
     * @return this builder
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets the largest global norm of the gradient.
     *
     * @param value at least 0; 0 does not clip
     * @return this builder
     */
    public Builder clipNorm(double value) {
      clipNorm = requireRange("clip norm", value, Double.MAX_VALUE);
      return this;
    }

    /**
     * Sets the precision of convolutions and fully connected layers.
     *
     * @param value true for bfloat16
     * @return this builder
     */
    public Builder bfloat16(boolean value) {
      bfloat16 = value;
      return this;
    }

    /**
     * Sets the factors of the cross entropy by class.
     *
     * @param value one a class, or empty
     * @return this builder
     */
    public Builder classWeights(List<Double> value) {
      classWeights = List.copyOf(value);
      return this;
    }

    /**
     * Sets what the loss adds to the logits.
     *
     * @param value one a class, or empty
     * @return this builder
     */
    public Builder logitOffsets(List<Double> value) {
      logitOffsets = List.copyOf(value);
      return this;
    }

    /**
     * Sets what the loss takes from the logit of an image's own class.
     *
     * @param value one a class, or empty
     * @return this builder
     */
    public Builder labelMargins(List<Double> value) {
      labelMargins = List.copyOf(value);
      return this;
    }

    /**
     * Sets the factor of the logits inside the loss.
     *
     * @param value above 0
     * @return this builder
     */
    public Builder logitScale(double value) {
      logitScale = value;
      return this;
    }

    /**
     * Sets the factors of the learning rate.
     *
     * @param value by scopes as {@link TrainingOptions#trainableScopes}, of which the longest that
     *     holds a variable counts; empty for 1 everywhere
     * @return this builder
     */
    public Builder rateFactors(Map<String, Double> value) {
      rateFactors = ImmutableSortedMap.copyOf(value);
      return this;
    }

    /**
     * The options set.
     *
     * @return an immutable value
     */
    public TrainingOptions build() {
      return new TrainingOptions(
          optimizer,
          weightDecay,
          labelSmoothing,
          auxiliaryWeight,
          movingAverageDecay,
          batchNormWarmUp,
          syncBatchNorm,
          trainableScopes,
          frozenScopes,
          device,
          dropout,
          seed,
          clipNorm,
          bfloat16,
          classWeights,
          logitOffsets,
          labelMargins,
          logitScale,
          rateFactors);
    }
  }
}
