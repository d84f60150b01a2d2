package dev.fgvc.nets.train;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a run keeps what it needs to go on after its process ended, at whatever moment. Each
 * checkpoint holds weights, moving statistics, the optimizer's values, averages, the place in the
 * epoch and what listeners keep; it is written whole or not at all, with a checksum. Its size is
 * that of the weights times four with the paper's options (RMSProp and averages).
 *
 * <p>Given to {@link Trainer#withCheckpoints}, a run that finds checkpoints of its own in the
 * folder goes on from the newest, and on the CPU with the same number of threads its losses are
 * those of a run that was never interrupted, bit by bit. One that finds another run's refuses.
 *
 * <p>Damage is never passed over in silence. If the newest file is damaged and one before it is
 * whole, the run goes on from that one and the damaged file is renamed to {@code .damaged}; if none
 * is whole, the run refuses, however often it is started, and leaves all files as they are. A file
 * that cannot be read, as permission is missing, is no damaged one: the run refuses and names it.
 * Checkpoints that lack the hash of the start weights, as the first version wrote them, are
 * refused, too: nothing tells whether they are the same run's.
 *
 * @param folder is made if it is not there; one run at a time
 * @param every updates between two checkpoints, at least 1; there is one at the end of each epoch
 *     too
 * @param keep how many of the newest stay, at least 1; from 2 on one damaged file is no loss
 */
public record Checkpoints(Path folder, int every, int keep) {

  private static final int DEFAULT_EVERY = 1000;
  private static final int DEFAULT_KEEP = 2;

  /** Refuses counts below 1. */
  public Checkpoints {
    Objects.requireNonNull(folder, "folder");
    checkArgument(
        every >= 1 && keep >= 1,
        "checkpoints every %s updates, %s kept: both must be at least 1",
        every,
        keep);
  }

  /**
   * A checkpoint each 1,000 updates and at the end of each epoch; the newest two stay.
   *
   * @param folder is made if it is not there
   * @return the setting
   */
  public static Checkpoints in(Path folder) {
    return new Checkpoints(folder, DEFAULT_EVERY, DEFAULT_KEEP);
  }

  /**
   * The same at other intervals.
   *
   * @param updates between two checkpoints, at least 1
   * @return a new setting
   */
  public Checkpoints every(int updates) {
    return new Checkpoints(folder, updates, keep);
  }

  /**
   * The same keeping more or fewer.
   *
   * @param newest how many stay, at least 1
   * @return a new setting
   */
  public Checkpoints keep(int newest) {
    return new Checkpoints(folder, every, newest);
  }

  /** The same in a folder below this one. */
  Checkpoints below(String name) {
    return new Checkpoints(folder.resolve(name), every, keep);
  }
}
