package dev.fgvc.emd;

/**
 * The work that a solve took: the same for the same problem, whatever the machine does beside it.
 *
 * @param rounds restricted problems solved; 0 where the plan is forced
 * @param arcs pairs that the last of them had, of rows x columns in all
 * @param pivots steps of the network simplex in all rounds
 * @param rowsPriced rows of the cost matrix read to find wrongly priced pairs, in all rounds
 */
public record SolveStatistics(int rounds, int arcs, long pivots, long rowsPriced) {}
