package dev.fgvc.emd.internal.solve;

/**
 * The sizes from which on the solver takes another way.
 *
 * @param samplePairs pairs from which on some of many rows are solved first
 * @param greedyNodes nodes up to which a greedy flow is the start in place of the flow solver's.
 *     Where some of the rows have been solved first it always is, as their potentials are good: on
 *     665,473 x 5994 points the simplex took 12 s from it, and 3 s from a flow that took 14 s
 */
record Thresholds(long samplePairs, int greedyNodes) {

  /**
   * On two cores of Zen 5, with a greedy flow all the work on 5000 x 5000 points took 0.8 (64
   * dimensions) to 0.95 times (2048) as long, on 15,000 x 15,000 of 256 dimensions 1.3 times.
   */
  static final Thresholds USUAL = new Thresholds(RowSample.PAIRS, 12_000);
}
