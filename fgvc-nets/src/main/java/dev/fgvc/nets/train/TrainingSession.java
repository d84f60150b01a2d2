package dev.fgvc.nets.train;

import static com.google.common.base.Strings.lenientFormat;

import com.google.common.primitives.Doubles;
import com.google.gson.Gson;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.Batches;
import dev.fgvc.loader.Targets;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One run under way: where it is, and what it does next. */
final class TrainingSession {

  private static final System.Logger LOG = System.getLogger(Trainer.class.getName());

  private final String task;
  private final Recipe recipe;
  private final TrainableNetwork network;
  private final BatchLoader loader;
  private final Progress progress;
  private final List<TrainingListener> listeners;
  private final int updatesPerEpoch;
  private final List<String> warnings;
  private final RunShare share;
  private final Optional<WorkerTurns> turns;

  private int epoch;
  private int batch;
  private long step;
  private long updates;
  private double lossSum;
  private final List<Double> losses = new ArrayList<>();
  private boolean stopped;

  /** Only the process that leads tells of the run. */
  TrainingSession(
      String task,
      TrainerSettings settings,
      TrainableNetwork network,
      BatchLoader loader,
      int epochSize) {
    this.task = task;
    this.recipe = settings.recipe;
    this.network = network;
    this.loader = loader;
    this.share = settings.share;
    this.progress = share.leads() ? settings.progress : Progress.none();
    this.listeners = share.leads() ? settings.listeners : List.of();
    this.updatesPerEpoch = recipe.updatesPerEpoch(epochSize);
    this.warnings = share.leads() ? RunWarnings.of(network.graph(), recipe, epochSize) : List.of();
    this.turns = settings.asynchronous.map(setting -> new WorkerTurns(setting, settings.seed));
  }

  TrainingRun run(Optional<CheckpointFolder> folder, int every) {
    turns.ifPresent(workers -> network.simulateWorkers(workers.count()));
    folder.ifPresentOrElse(this::resume, () -> listeners.forEach(TrainingListener::started));
    share.group().ifPresent(group -> goOnTogether(group));
    for (String warning : warnings) {
      LOG.log(System.Logger.Level.WARNING, "{0}: {1}", task, warning);
      listeners.forEach(listener -> listener.warning(warning));
    }
    while (epoch < recipe.epochs() && !stopped) {
      finishEpoch(folder, every);
      folder.ifPresent(this::save);
    }
    return new TrainingRun(
        finite(network.weights()), finite(network.averagedWeights()), losses, step);
  }

  /** Weights as they are; a loss can be a number before the update that ruins them. */
  private Weights finite(Weights weights) {
    Optional<String> broken = weights.firstNotFinite();
    if (broken.isPresent()) {
      throw new DivergedException(
          lenientFormat(
              "'%s' of %s is no longer finite after step %s: lower the rate or the weight decay",
              broken.get(), network.graph().name(), step));
    }
    return weights;
  }

  private void finishEpoch(Optional<CheckpointFolder> folder, int every) {
    int end = loader.batchesPerEpoch();
    int[] own = share.batches(batch, end, recipe.batchesPerUpdate());
    try (Batches batches = loader.epoch(epoch, own)) {
      while (batch < end) {
        step(batches);
        if (step % every == 0 && batch < end) {
          folder.ifPresent(this::save);
        }
      }
      double mean = lossSum / updates;
      losses.add(mean);
      TrainingEpoch done =
          new TrainingEpoch(
              task, epoch, step, mean, batches.skipped(), () -> finite(network.averagedWeights()));
      epoch++;
      batch = 0;
      updates = 0;
      lossSum = 0;
      for (TrainingListener listener : listeners) {
        stopped |= listener.epoch(done) == TrainingListener.Decision.STOP;
      }
      stopped = share.gather(stopped ? "stopped" : "").contains("stopped");
    }
  }

  /** One update. */
  private void step(Batches batches) {
    double rate = recipe.learningRate().at(step, updatesPerEpoch);
    turns.ifPresent(workers -> network.turn(workers.at(step)));
    List<StepLoss> parts = new ArrayList<>();
    int due = Math.min(recipe.batchesPerUpdate(), loader.batchesPerEpoch() - batch);
    while (parts.size() < due) {
      int round = Math.min(share.size(), due - parts.size());
      Optional<StepLoss> own =
          share.rank() < round ? Optional.of(accumulate(batches)) : Optional.empty();
      parts.addAll(
          share.group().isPresent() ? network.exchange(round) : List.of(own.orElseThrow()));
    }
    StepLoss loss = mean(parts);
    if (!Double.isFinite(loss.total())) {
      throw new DivergedException(
          String.format(
              Locale.ROOT,
              "the loss of %s is %s at step %d, learning rate %s: lower the rate or the weight"
                  + " decay",
              network.graph().name(),
              loss.total(),
              step,
              rate));
    }
    network.update(rate);
    batch += parts.size();
    step++;
    updates++;
    lossSum += loss.total();
    long steps = (long) recipe.epochs() * updatesPerEpoch;
    TrainingStep done = new TrainingStep(task, epoch, step, steps, loss, rate);
    listeners.forEach(listener -> listener.step(done));
    progress.report(task, step, steps, String.format(Locale.ROOT, "loss %.3f", lossSum / updates));
  }

  private StepLoss accumulate(Batches batches) {
    try (Batch next = batches.next()) {
      return network.accumulate(Images.of(next), targets(next));
    }
  }

  /** Deferred class weights are a matter of the targets, as the network has one loss for all. */
  private Targets targets(Batch batch) {
    boolean weighted = recipe.classWeightsFrom() > 0 && epoch >= recipe.classWeightsFrom();
    List<Double> weights = recipe.options().classWeights();
    return weighted && !weights.isEmpty()
        ? batch.targets().weighted(Doubles.toArray(weights))
        : batch.targets();
  }

  private static StepLoss mean(List<StepLoss> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    return new StepLoss(
        parts.stream().mapToDouble(StepLoss::crossEntropy).average().orElseThrow(),
        parts.stream().mapToDouble(StepLoss::auxiliary).average().orElseThrow(),
        parts.get(0).weightDecay());
  }

  private void resume(CheckpointFolder folder) {
    Optional<Checkpoint> newest =
        folder.newest(
            (file, reason) ->
                listeners.forEach(listener -> listener.damagedCheckpoint(file, reason)));
    if (newest.isEmpty()) {
      listeners.forEach(TrainingListener::started);
      return;
    }
    Checkpoint checkpoint = newest.get();
    Checkpoint.Position position = checkpoint.position();
    if (position.epoch() > recipe.epochs()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s has finished %d epochs in its checkpoint, the recipe has only %d",
              task,
              position.epoch(),
              recipe.epochs()));
    }
    network.restore(checkpoint.state());
    goOnFrom(position);
    for (int i = 0; i < listeners.size(); i++) {
      String state = i < position.listeners().size() ? position.listeners().get(i) : "";
      listeners.get(i).resumed(step, state);
    }
  }

  private void goOnFrom(Checkpoint.Position position) {
    epoch = position.epoch();
    batch = position.batch();
    step = position.step();
    updates = position.updates();
    lossSum = Double.parseDouble(position.lossSum());
    losses.clear();
    position.losses().forEach(loss -> losses.add(Double.valueOf(loss)));
    stopped = position.stopped();
  }

  /** Begins where rank 0 does. */
  private void goOnTogether(ProcessGroup group) {
    network.join(group);
    goOnFrom(
        new Gson()
            .fromJson(
                share.gather(new Gson().toJson(position(List.of()))).get(0),
                Checkpoint.Position.class));
  }

  private Checkpoint.Position position(List<String> listenerStates) {
    return new Checkpoint.Position(
        epoch,
        batch,
        step,
        updates,
        Double.toHexString(lossSum),
        losses.stream().map(Double::toHexString).toList(),
        stopped,
        listenerStates);
  }

  private void save(CheckpointFolder folder) {
    TrainingState state = network.state();
    finite(state.weights());
    state.averages().ifPresent(this::finite);
    List<String> states = listeners.stream().map(TrainingListener::state).toList();
    Path file = folder.save(position(states), state);
    listeners.forEach(listener -> listener.checkpoint(file));
  }
}
