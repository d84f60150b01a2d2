package dev.fgvc.nets.train;

/**
 * Training by several workers that do not wait for each other, as the paper's networks were trained
 * (section 5.1.3), simulated in one process. Each worker reads the weights, computes the gradient
 * of its next batches with them, and makes an update of the weights as they are by then, which
 * other workers have updated in the meantime. The staleness of an update is the number of those:
 * {@code workers} - 1 on average. The order in which workers finish is drawn from the trainer's
 * seed, so that a run repeats itself bit by bit, and resumes so.
 *
 * <p>Weight decay is of the weights that are updated, and moving statistics of batch norms follow
 * the batches in the order of the updates. With one worker the run is that of ordinary training,
 * bit by bit.
 *
 * <p>Memory is that of the weights for each worker. Drawing the worker of an update takes time in
 * proportion to the number of workers, some microseconds for a thousand; a run that resumes draws
 * again from the first update on.
 *
 * @param workers from 1 to 1024
 * @param mostStale the largest staleness that is drawn, at least {@code workers} - 1, where workers
 *     take turns in one order throughout, and at most 65536
 */
public record AsynchronousUpdates(int workers, int mostStale) {

  /** Memory for the weights of each worker bounds their number long before this. */
  private static final int MOST_WORKERS = 1 << 10;

  /** Keeps sums of ages in range. */
  private static final int MOST_STALE = 1 << 16;

  /** Refuses values outside their ranges. */
  public AsynchronousUpdates {
    if (workers < 1 || workers > MOST_WORKERS) {
      throw new IllegalArgumentException(workers + " workers: from 1 to " + MOST_WORKERS);
    }
    if (mostStale < workers - 1 || mostStale > MOST_STALE) {
      throw new IllegalArgumentException(
          workers
              + " workers cannot all be at most "
              + mostStale
              + " updates late: from "
              + (workers - 1)
              + " to "
              + MOST_STALE);
    }
  }

  /**
   * Workers whose staleness varies up to twice its mean.
   *
   * @param workers from 1 to 1024
   * @return the setting
   */
  public static AsynchronousUpdates of(int workers) {
    return new AsynchronousUpdates(workers, Math.max(0, 2 * (workers - 1)));
  }
}
