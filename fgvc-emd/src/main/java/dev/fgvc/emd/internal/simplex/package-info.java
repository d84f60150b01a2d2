/**
 * The exact part: a spanning tree that carries the flow, the pivots that make it optimal on the
 * candidate arcs, and the potentials that prove it. It knows nothing of how the arcs were chosen.
 */
@NullMarked
package dev.fgvc.emd.internal.simplex;

import org.jspecify.annotations.NullMarked;
