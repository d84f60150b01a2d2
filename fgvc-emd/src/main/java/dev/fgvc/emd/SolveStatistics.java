package dev.fgvc.emd;

/**
 * The work that a solve took, in counts that are the same each time the same problem is solved.
 *
 * @param rounds restricted problems solved; 0 where the plan is forced
 * @param arcs source-target pairs in the last of these problems, of sources x targets in all
 * @param pivots steps of the network simplex in all rounds
 * @param rowsPriced rows of the cost matrix read to find wrongly priced pairs, in all rounds
 */
public record SolveStatistics(int rounds, int arcs, long pivots, long rowsPriced) {}
