package dev.fgvc.nets.train;

import static com.google.common.base.Strings.lenientFormat;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a run begins or goes on, for a listener that keeps the figures of one run. A run that is
 * tried again in the same process may use the same listener again; another run may not, as its
 * steps would take the place of the first one's.
 */
final class RunStart {

  private Optional<String> heard = Optional.empty();
  private OptionalLong pending = OptionalLong.empty();

  /**
   * Notes where the run begins.
   *
   * @param step the last one that was made before
   * @return whether what was kept of later steps is void now; else {@link #at} tells
   */
  boolean isKnown(long step) {
    pending = heard.isEmpty() ? OptionalLong.empty() : OptionalLong.of(step);
    return heard.isEmpty();
  }

  /**
   * Hears of a step.
   *
   * @param step which
   * @param where the figures are kept
   * @return the step after which what was kept is void from now on, if any
   * @throws IllegalStateException if the step is another run's than those before
   */
  OptionalLong at(TrainingStep step, Object where) {
    if (pending.isPresent() && heard.isPresent() && !heard.get().equals(step.task())) {
      throw new IllegalStateException(
          lenientFormat(
              "%s holds the figures of '%s', and '%s' is another run: give it metrics of its own",
              where, heard.get(), step.task()));
    }
    heard = Optional.of(step.task());
    OptionalLong due = pending;
    pending = OptionalLong.empty();
    return due;
  }
}
