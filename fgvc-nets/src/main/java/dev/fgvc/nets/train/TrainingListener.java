package dev.fgvc.nets.train;

import java.nio.file.Path;

/**
 * Hears of what happens while a {@link Trainer} trains. Called by the training thread, which waits.
 * First {@link #started} or {@link #resumed} is called, then the others as the run goes on.
 *
 * <p>What a listener throws ends the run where it is. No batch and no step is lost by that: started
 * again, the run goes on from its newest checkpoint, and all listeners hear of every step after it
 * once more, the one at which it ended included.
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
   * The run starts at its beginning: what was heard of its steps before, by a process that ended
   * before the first checkpoint, is void.
   */
  default void started() {}

  /**
   * The run starts from a checkpoint: what was heard of later steps is void.
   *
   * @param step updates that were made so far
   * @param state what {@link #state()} gave when the checkpoint was written; empty if this listener
   *     was not there
   */
  default void resumed(long step, String state) {}

  /**
   * Something about the run that its caller may not expect, said once it has started or resumed and
   * before its first step: batches smaller than the recipe's, moving statistics that cannot settle
   * in so few batches. It is logged as a warning too.
   *
   * @param message what it is and what to do about it
   */
  default void warning(String message) {}

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
   * A checkpoint that cannot be used; the run goes on from the one before it.
   *
   * @param file where it is kept now, under another name
   * @param reason what is wrong with it
   */
  default void damagedCheckpoint(Path file, String reason) {}

  /**
   * Returns the state that this listener needs when the run resumes. Called just before each
   * checkpoint is written: what the listener has written itself should be safe when this returns.
   *
   * @return any text, kept in each checkpoint
   */
  default String state() {
    return "";
  }
}
