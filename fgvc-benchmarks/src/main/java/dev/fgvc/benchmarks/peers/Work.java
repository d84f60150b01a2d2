package dev.fgvc.benchmarks.peers;

/** One piece of work that a peer does as well; all preparation is over when it exists. */
interface Work extends AutoCloseable {

  /**
   * Does the whole work once; this is what is timed.
   *
   * @return numbers that any correct program gets, at most some thousands
   */
  double[] run();

  /** Frees what was prepared. */
  @Override
  default void close() {}
}
