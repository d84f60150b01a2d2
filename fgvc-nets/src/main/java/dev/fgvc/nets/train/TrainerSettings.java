package dev.fgvc.nets.train;

import dev.fgvc.data.Dataset;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.progress.Progress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Everything a {@link Trainer} is told, with the defaults. A trainer changes only copies, which it
 * has made by {@link #with}.
 */
final class TrainerSettings {

  final Engine engine;
  Recipe recipe;

  /** Natural with the trainer's seed, if none was set. */
  Optional<Function<Dataset, Sampler>> sampler = Optional.empty();

  long seed;
  Progress progress = Progress.none();
  DamagedImages damaged = DamagedImages.fail();
  Optional<Checkpoints> checkpoints = Optional.empty();
  List<TrainingListener> listeners = List.of();
  RunShare share = new RunShare(Optional.empty());
  Optional<AsynchronousUpdates> asynchronous = Optional.empty();

  TrainerSettings(Engine engine, Recipe recipe) {
    this.engine = engine;
    this.recipe = recipe;
  }

  private TrainerSettings(TrainerSettings other) {
    this(other.engine, other.recipe);
    sampler = other.sampler;
    seed = other.seed;
    progress = other.progress;
    damaged = other.damaged;
    checkpoints = other.checkpoints;
    listeners = other.listeners;
    share = other.share;
    asynchronous = other.asynchronous;
  }

  /** The same but for one change. */
  TrainerSettings with(Consumer<TrainerSettings> change) {
    TrainerSettings changed = new TrainerSettings(this);
    change.accept(changed);
    return changed;
  }
}
