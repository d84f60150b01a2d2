package dev.fgvc.emd;

/**
 * The work that a solve took.
 *
 * @param rounds flow problems solved; 0 where the plan is forced
 * @param arcs pairs that the last flow problem had, of rows x columns in all
 */
public record SolveStatistics(int rounds, int arcs) {}
