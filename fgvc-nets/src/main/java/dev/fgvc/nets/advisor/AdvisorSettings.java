package dev.fgvc.nets.advisor;

import dev.fgvc.progress.Progress;
import java.util.function.Consumer;

/**
 * Everything that a {@link SourceAdvisor} is told, with the defaults. An advisor changes only
 * copies.
 */
final class AdvisorSettings {

  KeptDomains kept;
  Progress progress = Progress.none();

  /** How many classes of each source are told. */
  int closest = 10;

  /** How often a pair of domains is resampled; 0 for no intervals. */
  int replicates = 100;

  /** The share of resampled values inside an interval. */
  double level = 0.95;

  double tolerance = 0.05;
  long seed = 1;

  AdvisorSettings(KeptDomains kept) {
    this.kept = kept;
  }

  /** A copy with one change. */
  AdvisorSettings with(Consumer<AdvisorSettings> change) {
    AdvisorSettings changed = new AdvisorSettings(kept);
    changed.progress = progress;
    changed.closest = closest;
    changed.replicates = replicates;
    changed.level = level;
    changed.tolerance = tolerance;
    changed.seed = seed;
    change.accept(changed);
    return changed;
  }
}
