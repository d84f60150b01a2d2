package dev.fgvc.nets.train;

import java.nio.file.Path;

/**
 * Hears of what happens while a {@link Trainer} trains. Called by the training thread, which waits;
 * what it throws ends the run.
 */
public interface TrainingListener {

  /** Whether the run goes on after an epoch. */
  enum Decision {
    /** To the next epoch, if there is one. */
    CONTINUE,
    /** The run ends here, as if the recipe had no more epochs. */
    STOP
  }

  /**
   * The run starts from a checkpoint: what was heard of later steps is void.
   *
   * @param step updates that were made so far
   * @param state what {@link #state()} gave when the checkpoint was written; empty if this listener
   *     was not there
   */
  default void resumed(long step, String state) {}

  /**
   * After each update.
   *
   * @param step where the run is, and its loss
   */
  default void step(TrainingStep step) {}

  /**
   * After each epoch.
   *
   * @param epoch what came out of it
   * @return whether to go on
   */
  default Decision epoch(TrainingEpoch epoch) {
    return Decision.CONTINUE;
  }

  /**
   * After each checkpoint.
   *
   * @param file where it is
   */
  default void checkpoint(Path file) {}

  /**
   * A checkpoint that cannot be used; the one before it is tried next.
   *
   * @param file where it is kept now, under another name
   * @param reason what is wrong with it
   */
  default void damagedCheckpoint(Path file, String reason) {}

  /**
   * What this listener needs to know again when the run resumes.
   *
   * @return any text, kept in each checkpoint
   */
  default String state() {
    return "";
  }
}
