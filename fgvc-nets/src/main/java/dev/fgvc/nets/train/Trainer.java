package dev.fgvc.nets.train;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.Sampler;
import dev.fgvc.natives.NativeFailures;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Follows a {@link Recipe} on a data set. Immutable: each {@code with} method returns a new
 * trainer. On one machine with one number of threads the same seed gives the same run.
 */
public final class Trainer {

  private final TrainerSettings settings;

  private Trainer(TrainerSettings settings) {
    this.settings = settings;
  }

  /**
   * A trainer that samples naturally (every image once an epoch, in random order) and silently.
   *
   * @param engine that computes
   * @param recipe to follow
   * @return the trainer, with seed 0
   */
  public static Trainer of(Engine engine, Recipe recipe) {
    return new Trainer(new TrainerSettings(engine, recipe));
  }

  private Trainer with(Consumer<TrainerSettings> change) {
    return new Trainer(settings.with(change));
  }

  /**
   * The same following another recipe.
   *
   * @param other to follow
   * @return a new trainer
   */
  public Trainer withRecipe(Recipe other) {
    return with(changed -> changed.recipe = other);
  }

  /**
   * The same with another seed for the crops and the mixing of the images, and for their order
   * unless a sampler is set, which has its own.
   *
   * @param value same seed, same batches
   * @return a new trainer
   */
  public Trainer withSeed(long value) {
    return with(changed -> changed.seed = value);
  }

  long seed() {
    return settings.seed;
  }

  List<TrainingListener> listeners() {
    return settings.listeners;
  }

  /**
   * The same with another order of the images, such as a balanced one for the second stage.
   *
   * @param order makes the sampler of a data set
   * @return a new trainer
   */
  public Trainer withSampler(Function<Dataset, Sampler> order) {
    return with(changed -> changed.sampler = Optional.of(order));
  }

  /**
   * The same with a listener, which hears of every step.
   *
   * @param listener the progress
   * @return a new trainer
   */
  public Trainer withProgress(Progress listener) {
    return with(changed -> changed.progress = listener);
  }

  /**
   * The same with another answer to damaged images.
   *
   * @param answer what they do to an epoch; they fail it unless set
   * @return a new trainer
   */
  public Trainer withDamagedImages(DamagedImages answer) {
    return with(changed -> changed.damaged = answer);
  }

  /**
   * The same keeping checkpoints, and going on from the newest that it finds of the same run: the
   * same network, start weights, recipe, seed, sampler, transform, and images ({@link
   * Dataset#contentHash}, which reads a part of each file before the run starts). Another run's are
   * refused, also where theirs has finished. The number of epochs and the device may change, and so
   * may the answer to damaged images: it decides whether a run fails at one, and never which images
   * a run that goes on is shown.
   *
   * @param setting where and how often
   * @return a new trainer
   */
  public Trainer withCheckpoints(Checkpoints setting) {
    return with(changed -> changed.checkpoints = Optional.of(setting));
  }

  /** The same with checkpoints, if there are any, in a folder below the one that was set. */
  Trainer withCheckpointsBelow(String folder) {
    return with(
        changed -> changed.checkpoints = changed.checkpoints.map(setting -> setting.below(folder)));
  }

  /**
   * The same with one more listener.
   *
   * @param listener hears of steps, epochs and checkpoints, after those added before it. Listeners
   *     that keep a state must be added in the same order when a run resumes
   * @return a new trainer
   */
  public Trainer withListener(TrainingListener listener) {
    return with(
        changed ->
            changed.listeners =
                Stream.concat(changed.listeners.stream(), Stream.of(listener)).toList());
  }

  /**
   * The same as one of several processes that train a network together, each of which makes the
   * same calls. Every update's {@link Recipe#batchesPerUpdate} batches are dealt out among the
   * ranks, which read no others. The run is that of one process, bit by bit, where CPUs and numbers
   * of threads are alike: losses, weights, moving statistics and averages, whatever the number of
   * processes; so a run may resume with more or fewer of them.
   *
   * <p>With {@link dev.fgvc.nets.engine.TrainingOptions#syncBatchNorm} each process has one batch
   * of an update, or none in an epoch's last. The run is another than that of one process, and
   * resumes with as many processes as it began with.
   *
   * <p>Rank 0 alone reads and writes checkpoints, has listeners and reports progress; the others
   * wait meanwhile, so that the group's time-out has to be longer than that takes. Start weights
   * are rank 0's. Damaged images are counted by each process for its own batches. A run that fails
   * on one process aborts the group, by which it fails on the others too.
   *
   * @param processes on the engine {@link Engine#torch()}; stays the caller's
   * @return a new trainer, whose runs throw {@link dev.fgvc.nets.engine.ProcessGroupException} if
   *     another process ends, fails or does not answer, and IllegalArgumentException if the
   *     processes' runs differ or have fewer batches an update than there are processes, or more of
   *     them with synchronised batch norms
   */
  public Trainer withGroup(ProcessGroup processes) {
    return with(changed -> changed.share = new RunShare(Optional.of(processes)));
  }

  /**
   * The same with updates by workers that do not wait for each other, simulated in this process:
   * what they do to a network's error can be measured, but no time is gained. The checkpoints hold
   * the weights of each worker too.
   *
   * @param setting how many workers, and how late they may be
   * @return a new trainer, whose runs throw IllegalArgumentException if it has a group too, and
   *     {@link dev.fgvc.nets.engine.EngineException} if the engine cannot simulate workers
   */
  public Trainer withAsynchronousUpdates(AsynchronousUpdates setting) {
    return with(changed -> changed.asynchronous = Optional.of(setting));
  }

  /**
   * All that makes a run the same as another, but for its number of epochs, its device and its
   * answer to damaged images: what checkpoints are compared by. Reads a part of each image file.
   *
   * @param graph the network
   * @param start the weights to start from
   * @param dataset the training images
   * @param transform from a file to the network's input
   * @return texts by name, the same for the same run in every process
   */
  public Map<String, String> identity(
      NetworkGraph graph, Weights start, Dataset dataset, ImageTransform transform) {
    return identity(graph, start, dataset, order(dataset), transform).parts();
  }

  private RunIdentity identity(
      NetworkGraph graph, Weights start, Dataset dataset, Sampler order, ImageTransform transform) {
    RunIdentity run =
        RunIdentity.of(graph, start, dataset, order, transform, settings.recipe, settings.seed);
    return settings
        .asynchronous
        .map(setting -> run.with("asynchronous updates", setting.toString()))
        .orElse(run);
  }

  private Sampler order(Dataset dataset) {
    return settings
        .sampler
        .map(given -> given.apply(dataset))
        .orElseGet(() -> Sampler.natural(dataset, settings.seed));
  }

  /**
   * Trains on the paper's random crops (section 5.1.3).
   *
   * @param task a name for the progress
   * @param graph the network; its classes must be the data set's
   * @param start the weights to start from
   * @param dataset the training images
   * @param resolution of the crops
   * @return the trained weights
   * @throws IllegalArgumentException if network and data set differ in their classes, the sampler
   *     shows no image, or the start weights hold NaN or infinity
   * @throws DivergedException if the loss or a weight is no longer a number
   * @throws IllegalStateException if the checkpoints' folder holds another run's, none that is
   *     whole, or is in use
   * @throws java.io.UncheckedIOException if an image or a checkpoint cannot be read or written
   */
  public TrainingRun train(
      String task, NetworkGraph graph, Weights start, Dataset dataset, Resolution resolution) {
    return train(task, graph, start, dataset, RandomCrop.of(resolution));
  }

  /**
   * Trains on images made by any transform.
   *
   * @param task a name for the progress
   * @param graph the network; its classes must be the data set's
   * @param start the weights to start from
   * @param dataset the training images
   * @param transform from a file to the network's input
   * @return the trained weights
   * @throws IllegalArgumentException if network and data set differ in their classes, the sampler
   *     shows no image, or the start weights hold NaN or infinity
   * @throws DivergedException if the loss or a weight is no longer a number
   * @throws IllegalStateException if the checkpoints' folder holds another run's, none that is
   *     whole, or is in use
   * @throws java.io.UncheckedIOException if an image or a checkpoint cannot be read or written
   */
  public TrainingRun train(
      String task, NetworkGraph graph, Weights start, Dataset dataset, ImageTransform transform) {
    try {
      return run(task, graph, start, dataset, transform);
    } catch (RuntimeException | Error e) {
      settings.share.group().ifPresent(processes -> abort(processes, e));
      throw e;
    }
  }

  private static void abort(ProcessGroup processes, Throwable cause) {
    try {
      processes.abort(NativeFailures.firstLine(cause));
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  private TrainingRun run(
      String task, NetworkGraph graph, Weights start, Dataset dataset, ImageTransform transform) {
    requireStart(task, graph, start, dataset);
    Sampler order = order(dataset);
    int epochSize = order.epochSize();
    checkArgument(
        epochSize >= 1, "the sampler of %s shows no image of %s in an epoch", task, dataset);
    requireShareableUpdates();
    RunShare share = settings.share;
    Optional<Checkpoints> checkpoints = settings.checkpoints;
    Optional<RunIdentity> identity =
        checkpoints.isPresent() || share.group().isPresent()
            ? Optional.of(identity(graph, start, dataset, order, transform))
            : Optional.empty();
    if (share.group().isPresent()) {
      requireSame(share.group().get(), identity.orElseThrow());
    }
    Recipe recipe = settings.recipe;
    recipe.options().requireFor(graph);
    try (TrainableNetwork network =
            settings.engine.compileForTraining(graph, start, recipe.engineOptions());
        BatchLoader loader =
            BatchLoader.builder(dataset, transform)
                .sampler(order)
                .batchSize(recipe.batchSizeFor(epochSize))
                .dropPartial(true)
                .damaged(settings.damaged)
                .mixing(recipe.mixing())
                .seed(settings.seed)
                .build()) {
      TrainingSession session = new TrainingSession(task, settings, network, loader, epochSize);
      if (checkpoints.isEmpty() || !share.leads()) {
        return session.run(Optional.empty(), Integer.MAX_VALUE);
      }
      try (CheckpointFolder folder =
          CheckpointFolder.open(checkpoints.get(), identity.orElseThrow())) {
        return session.run(Optional.of(folder), checkpoints.get().every());
      }
    }
  }

  /** Refuses a network, weights and images that do not belong together. */
  private static void requireStart(
      String task, NetworkGraph graph, Weights start, Dataset dataset) {
    if (graph.classes() != dataset.classCount()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s tells %d classes apart, data set '%s' has %d",
              graph.name(),
              graph.classes(),
              dataset.name(),
              dataset.classCount()));
    }
    start
        .firstNotFinite()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "the start weights of " + task + " hold NaN or infinity in '" + name + "'");
            });
  }

  /** Refuses updates that the processes of a group, or simulated workers, cannot share. */
  private void requireShareableUpdates() {
    Recipe recipe = settings.recipe;
    RunShare share = settings.share;
    if (settings.asynchronous.isPresent() && share.group().isPresent()) {
      throw new IllegalArgumentException(
          "asynchronous updates are simulated in one process: leave out the group or "
              + settings.asynchronous.get());
    }
    if (share.size() > recipe.batchesPerUpdate()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d processes share updates of %d batches: use at least as many with"
                  + " Recipe.withBatchesPerUpdate",
              share.size(),
              recipe.batchesPerUpdate()));
    }
    if (recipe.options().syncBatchNorm() && share.size() != recipe.batchesPerUpdate()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "synchronised batch norms see all batches of an update at once, one on each process:"
                  + " updates of %d batches cannot be made by %d processes",
              recipe.batchesPerUpdate(),
              share.size()));
    }
  }

  /** Beside the identity, what may differ from a run to its continuation, but not among ranks. */
  private void requireSame(ProcessGroup processes, RunIdentity identity) {
    Map<String, String> shared = new LinkedHashMap<>(identity.ofGroup());
    shared.put("epochs", Integer.toString(settings.recipe.epochs()));
    shared.put("damaged images", settings.damaged.toString());
    processes.requireSame(shared);
  }
}
