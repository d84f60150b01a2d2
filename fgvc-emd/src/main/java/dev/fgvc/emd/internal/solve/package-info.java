/**
 * The loop and its proof: candidates are chosen and solved, all pairs are priced, and the wrongly
 * priced ones join, until there are none. The face of the module calls this room and makes a
 * transport plan of its {@link dev.fgvc.emd.internal.solve.Solution}.
 */
@NullMarked
package dev.fgvc.emd.internal.solve;

import org.jspecify.annotations.NullMarked;
