/**
 * First plans and first potentials: Sinkhorn scaling on a sample and on candidate arcs, a greedy
 * flow, the northwest-corner rule, and OR-Tools' minimum-cost flow where that is on the class path.
 * They decide how long a solve takes, never its result.
 */
@NullMarked
package dev.fgvc.emd.internal.start;

import org.jspecify.annotations.NullMarked;
