package dev.fgvc.emd;

/**
 * The work that a solve took, in counts that are the same each time the same problem is solved.
 * Large problems of which a part is solved first have its pivots and rows among theirs.
 *
 * @param rounds restricted problems solved, without those of a part; 0 where the plan is forced
 * @param arcs source-target pairs in the last of these problems, of sources x targets in all
 * @param pivots steps of the network simplex
 * @param rowsPriced rows of the cost matrix read to find wrongly priced pairs; columns, where it is
 *     the targets that are read one after the other
 */
public record SolveStatistics(int rounds, int arcs, long pivots, long rowsPriced) {}
