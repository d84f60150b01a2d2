package dev.fgvc.nets.experiment;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.Maps;
import com.google.common.util.concurrent.ExecutionError;
import com.google.common.util.concurrent.UncheckedExecutionException;
import dev.fgvc.concurrent.Tasks;
import dev.fgvc.data.Dataset;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.LastLayer;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.train.TwoStage;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * Trains networks for experiments and remembers them, so that experiments that need the same
 * network share it. Memory is that of the weights of all networks asked for. Safe for use by many
 * threads: one that asks for a network that another is training waits for it. Each {@code with}
 * method returns a laboratory of its own, which has trained nothing yet.
 *
 * <p>{@link #withFolder} keeps all work on disk, so that experiments go on where they ended. {@link
 * #rehearsal} counts what experiments would compute, without computing it.
 */
public final class Laboratory {

  private record Key(
      NetworkChoice choice, Dataset dataset, Resolution resolution, long seed, int times) {}

  private record StageKey(TrainedNetwork from, Dataset dataset, double rate, int cap, long seed) {}

  private record FeatureKey(TrainedNetwork network, Dataset dataset) {}

  private record SizeKey(NetworkChoice choice, int classes) {}

  private final Engine engine;
  private final TrainingPlan plan;
  private final Progress listener;
  private final List<Device> devices;
  private final Precision precision;
  private final Optional<Path> folder;
  private final boolean rehearses;

  private final TaskGroups groups;
  private final Trainings trainings;
  private final Measurements measurements;
  private final CostLedger ledger = new CostLedger();
  private final Cache<Key, TrainedNetwork> trained = CacheBuilder.newBuilder().build();
  private final Cache<StageKey, TrainedNetwork> secondStages = CacheBuilder.newBuilder().build();
  private final Cache<FeatureKey, DomainFeatures> features = CacheBuilder.newBuilder().build();
  private final Cache<SizeKey, Weights> untrained = CacheBuilder.newBuilder().build();

  private Laboratory(
      Engine engine,
      TrainingPlan plan,
      Progress listener,
      List<Device> devices,
      Precision precision,
      Optional<Path> folder,
      boolean rehearses) {
    this.engine = engine;
    this.plan = plan;
    this.listener = listener;
    this.devices = devices;
    this.precision = precision;
    this.folder = folder;
    this.rehearses = rehearses;
    this.groups = new TaskGroups(engine, devices, listener);
    Optional<ResultFolder> results = folder.map(ResultFolder::new);
    this.trainings = new Trainings(engine, groups, results, ledger, rehearses);
    this.measurements = new Measurements(engine, precision, groups, results, ledger, rehearses);
  }

  /**
   * A laboratory that computes on the device of the plan's pre-training, features and errors in
   * float32, and keeps nothing on disk.
   *
   * @param engine that computes
   * @param plan how networks are trained
   * @param progress hears of every step
   * @return the laboratory
   */
  public static Laboratory of(Engine engine, TrainingPlan plan, Progress progress) {
    return new Laboratory(
        engine,
        plan,
        progress,
        List.of(plan.preTraining().options().device()),
        Precision.FP32,
        Optional.empty(),
        false);
  }

  /**
   * The same on other devices, whatever the recipes say: all training, features and errors. Tasks
   * that do not wait for each other are dealt to the devices by turns, so that a repetition does
   * the same on the same device.
   *
   * @param places the CPU alone, or GPUs
   * @return a new laboratory
   * @throws IllegalArgumentException if there is none, one is listed twice, or the CPU is listed
   *     beside GPUs, as results would depend on who computed them
   */
  public Laboratory withDevices(Device... places) {
    List<Device> all = List.of(places);
    if (all.isEmpty()
        || Set.copyOf(all).size() < all.size()
        || all.stream().map(Device::kind).distinct().count() > 1) {
      throw new IllegalArgumentException(
          "devices " + all + ": at least one, each once, all of one kind");
    }
    return new Laboratory(engine, plan, listener, all, precision, folder, rehearses);
  }

  /**
   * The same with features and errors in another precision; that of training is the recipes'.
   *
   * @param value how networks multiply
   * @return a new laboratory
   */
  public Laboratory withPrecision(Precision value) {
    return new Laboratory(engine, plan, listener, devices, value, folder, rehearses);
  }

  /**
   * The same keeping its work in a folder. Trained networks, errors and features are kept when they
   * are finished, unfinished trainings as checkpoints; a laboratory with the same folder computes
   * only what is missing, and on the CPU comes to the results of one that was never interrupted,
   * bit by bit. Each piece is known by all that made it: plan, start weights, data sets by their
   * content, seeds, precision, engine and kind of device; other work in the same folder is computed
   * anew beside it. Disk is that of the weights of all networks trained, and four times those of
   * the ones under way. One process at a time.
   *
   * @param place is made if it is not there
   * @return a new laboratory; its methods throw {@link IllegalStateException} where a kept result
   *     is damaged
   */
  public Laboratory withFolder(Path place) {
    return new Laboratory(
        engine, plan, listener, devices, precision, Optional.of(place), rehearses);
  }

  /**
   * A laboratory that computes nothing: networks keep random weights, errors and features are made
   * up. Run with it, an experiment takes seconds, its results mean nothing, and {@link #cost} tells
   * what it will compute. Which classes are selected is made up too, so where the length of a
   * training depends on their images, its cost is about that of others.
   *
   * @return a new laboratory, that keeps and reports nothing
   */
  public Laboratory rehearsal() {
    return new Laboratory(
        engine, plan, Progress.none(), devices, precision, Optional.empty(), true);
  }

  /**
   * All that this laboratory has computed, or has been asked to compute by a rehearsal.
   *
   * @return the cost, without time
   */
  public ExperimentCost cost() {
    return ledger.total();
  }

  /**
   * The same with the time that it takes on these devices, from a few batches of noise for each
   * network and resolution on the first of them.
   *
   * @return the cost
   */
  public ExperimentCost timedCost() {
    return ledger.timed(engine, new InferenceOptions(devices.get(0), precision), devices.size());
  }

  /**
   * How networks are trained here.
   *
   * @return the plan
   */
  public TrainingPlan plan() {
    return plan;
  }

  /**
   * Runs tasks that do not wait for each other, several at once where the engine can, see {@link
   * Engine#sideBySide}, or one on each of several devices. Meanwhile progress counts finished tasks
   * and notes what each has done last, since the steps of several would be a jumble.
   *
   * @param <T> what a task gives
   * @param name of the group, for the progress
   * @param tasks that use this laboratory
   * @return the results in the order of the tasks
   */
  public <T> List<T> sideBySide(String name, List<Supplier<T>> tasks) {
    return groups.run(name, tasks);
  }

  /**
   * Runs a task for each seed, side by side as {@link #sideBySide} does.
   *
   * @param <T> the result of a task
   * @param name of the group, for the progress
   * @param seeds of weights and batches
   * @param task for a seed
   * @return the results in the order of the seeds
   */
  public <T> List<T> forSeeds(String name, List<Long> seeds, LongFunction<T> task) {
    return sideBySide(
        name, seeds.stream().map(seed -> (Supplier<T>) () -> task.apply(seed)).toList());
  }

  /** Returns the result for a key, computed now or earlier, by this thread or another. */
  private static <K, V> V remembered(Cache<K, V> known, K key, Callable<V> work) {
    try {
      return known.get(key, work);
    } catch (ExecutionException | UncheckedExecutionException | ExecutionError e) {
      throw Tasks.unchecked(e.getCause());
    }
  }

  /**
   * A network trained on a data set from the plan's start; trained now or earlier.
   *
   * @param choice which network
   * @param dataset the training images
   * @param resolution of the crops
   * @param seed of the weights and batches
   * @return the network
   */
  public TrainedNetwork preTrain(
      NetworkChoice choice, Dataset dataset, Resolution resolution, long seed) {
    return preTrain(choice, dataset, resolution, seed, 1);
  }

  /**
   * A network whose features measure the similarity of domains: pre-trained as any other, for as
   * many times as many steps as the plan says.
   *
   * @param choice which network
   * @param dataset the training images
   * @param resolution of the crops
   * @param seed of the weights and batches
   * @return the network
   */
  public TrainedNetwork extractor(
      NetworkChoice choice, Dataset dataset, Resolution resolution, long seed) {
    return preTrain(choice, dataset, resolution, seed, plan.extractorFactor());
  }

  private TrainedNetwork preTrain(
      NetworkChoice choice, Dataset dataset, Resolution resolution, long seed, int times) {
    return remembered(
        trained,
        new Key(choice, dataset, resolution, seed, times),
        () -> {
          NetworkGraph graph = plan.graph(choice, dataset.classCount(), resolution);
          Weights start =
              rehearses
                  ? untrained(choice, graph)
                  : plan.start()
                      .map(given -> given.transferTo(graph, seed).weights())
                      .orElseGet(() -> Weights.initialize(graph, seed));
          return train(
              choice.label() + " at " + resolution + " on " + dataset.name(),
              new TrainedNetwork(choice, graph, start, resolution),
              plan.preTrainingFor(dataset.size(), times),
              dataset,
              images -> Sampler.natural(images, seed),
              seed);
        });
  }

  /**
   * A network for a target domain: the last layer starts fresh, then all layers are trained.
   *
   * @param from a network trained on a source domain
   * @param target the training images of the target
   * @param seed of the last layer and the batches
   * @return the network
   */
  public TrainedNetwork fineTune(TrainedNetwork from, Dataset target, long seed) {
    return train(
        "fine-tuning on " + target.name(),
        withFreshHead(from, from.choice(), target.classCount(), seed),
        plan.fineTuning(),
        target,
        images -> Sampler.natural(images, seed),
        seed);
  }

  /** A network before it is fine-tuned: it may have another head than the one it starts from. */
  TrainedNetwork withFreshHead(TrainedNetwork from, NetworkChoice choice, int classes, long seed) {
    NetworkGraph graph = plan.graph(choice, classes, from.resolution());
    Weights start =
        rehearses
            ? untrained(choice, graph)
            : from.weights().transferToNewTask(graph, seed).weights();
    return new TrainedNetwork(choice, graph, start, from.resolution());
  }

  /**
   * Both stages of the paper's scheme for long-tailed data (section 3.2) as this plan trains them:
   * the second shows at most this many images of each class at a constant rate. {@link
   * TwoStage#train} takes them through in one call, to the weights that {@link #preTrain} and
   * {@link #secondStage} give one after the other. Studies take those, since one first stage goes
   * on to second stages of several rates and to other remedies.
   *
   * @param dataset the long-tailed training images
   * @param resolution of the crops
   * @param rate of learning in the second stage
   * @param cap images of a class at most
   * @param seed of the subset and the orders
   * @return the stages
   */
  public TwoStage twoStages(
      Dataset dataset, Resolution resolution, double rate, int cap, long seed) {
    return new TwoStage(
        new TwoStage.Stage(
            plan.preTrainingFor(dataset.size(), 1),
            images -> Sampler.natural(images, seed),
            crops(resolution)),
        new TwoStage.Stage(
            plan.secondStage().withLearningRate(LearningRate.constant(rate)),
            images -> Sampler.capped(images, cap, TwoStage.secondSeed(seed)),
            crops(resolution)));
  }

  /**
   * The second of {@link #twoStages}: all layers; done now or earlier.
   *
   * @param from after the first stage
   * @param dataset the long-tailed training images
   * @param rate of learning
   * @param cap images of a class at most
   * @param seed of the subset and the batches
   * @return the network after the second stage
   */
  public TrainedNetwork secondStage(
      TrainedNetwork from, Dataset dataset, double rate, int cap, long seed) {
    return remembered(
        secondStages,
        new StageKey(from, dataset, rate, cap, seed),
        () -> {
          TwoStage.Stage stage = twoStages(dataset, from.resolution(), rate, cap, seed).second();
          return train(
              dataset.name() + ", second stage",
              from,
              TwoStage.secondRecipe(stage.recipe()),
              dataset,
              stage.sampler(),
              TwoStage.secondSeed(seed));
        });
  }

  /**
   * Classifier re-training (Kang et al., ICLR 2020, section 4): a fresh last layer learns from
   * batches in which all classes are equally frequent, while every other layer stays as it is.
   * Layer, batches, crops and dropout are drawn from {@link TwoStage#secondSeed}, as those of a
   * {@link #secondStage}, since the first stage has seen the same images.
   *
   * @param from after training on the natural images
   * @param dataset the same images
   * @param rate of learning
   * @param seed of the first stage
   * @return the network with another last layer
   */
  public TrainedNetwork retrainClassifier(
      TrainedNetwork from, Dataset dataset, double rate, long seed) {
    String last = LastLayer.scope(from.graph());
    long second = TwoStage.secondSeed(seed);
    Recipe recipe =
        TwoStage.secondRecipe(plan.secondStage()).withLearningRate(LearningRate.constant(rate));
    return train(
        "classifier re-training on " + dataset.name(),
        from.withWeights(
            join(from.weights(), Weights.initialize(from.graph(), second), last + "/")),
        recipe.withOptions(recipe.options().toBuilder().trainableScopes(List.of(last)).build()),
        dataset,
        images -> Sampler.balanced(images, second),
        second);
  }

  /** All variables of one network but those under a scope, which come from another. */
  private static Weights join(Weights most, Weights some, String scope) {
    return Weights.of(
        Maps.toMap(most.names(), name -> (name.startsWith(scope) ? some : most).tensor(name)));
  }

  /**
   * Training that goes on from where a network stands, with a recipe and an order of the images of
   * one's own.
   *
   * @param task a name for the progress
   * @param from where it stands
   * @param recipe to follow
   * @param dataset the training images
   * @param order makes the sampler
   * @param seed of the crops
   * @return the network with its new weights
   */
  public TrainedNetwork train(
      String task,
      TrainedNetwork from,
      Recipe recipe,
      Dataset dataset,
      Function<Dataset, Sampler> order,
      long seed) {
    return trainings.train(task, from, recipe, dataset, order, crops(from.resolution()), seed);
  }

  /** Random weights in the place of trained ones, shared by all networks of one size. */
  private Weights untrained(NetworkChoice choice, NetworkGraph graph) {
    return remembered(
        untrained, new SizeKey(choice, graph.classes()), () -> Weights.initialize(graph, 0));
  }

  private RandomCrop crops(Resolution resolution) {
    return RandomCrop.of(resolution).withMinimumArea(plan.smallestCrop());
  }

  /**
   * Compiles a network for inference on this laboratory's device and in its precision.
   *
   * @param network what was trained
   * @return the compiled network; the caller closes it
   */
  public Network compile(TrainedNetwork network) {
    return measurements.compile(network);
  }

  /**
   * The mean feature of each class of a data set, by a network; computed now or earlier.
   *
   * @param network g of the paper's section 4.1
   * @param dataset the images
   * @return the domain as the network sees it
   */
  public DomainFeatures features(TrainedNetwork network, Dataset dataset) {
    return remembered(
        features, new FeatureKey(network, dataset), () -> measurements.features(network, dataset));
  }

  /** Measurements with compiled networks, kept where this laboratory keeps its work. */
  Measurements measurements() {
    return measurements;
  }

  /**
   * The errors of a network on central crops.
   *
   * @param network what was trained
   * @param dataset the validation images
   * @param resolution of the crops, which need not be the one of the training
   * @return top-1 and top-5 errors
   */
  public Errors errors(TrainedNetwork network, Dataset dataset, Resolution resolution) {
    return measurements.errors(network, dataset, CentralCrop.of(resolution));
  }

  /**
   * The errors of a network on central crops at the resolution of its training.
   *
   * @param network what was trained
   * @param dataset the validation images
   * @return top-1 and top-5 errors
   */
  public Errors errors(TrainedNetwork network, Dataset dataset) {
    return errors(network, dataset, network.resolution());
  }
}
