/**
 * The parts of a transportation problem: masses as integers, potentials in twice double precision,
 * and sets of candidate arcs. It knows costs, and no way to solve.
 */
@NullMarked
package dev.fgvc.emd.internal.problem;

import org.jspecify.annotations.NullMarked;
