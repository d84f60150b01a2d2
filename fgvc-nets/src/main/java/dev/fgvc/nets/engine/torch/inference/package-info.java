/**
 * A pass of a batch through a graph for its outputs: which nodes merge, which results are
 * overwritten, which threads compute. The layers have batch norms folded, as the CPU or a GPU
 * computes them fastest.
 */
@NullMarked
package dev.fgvc.nets.engine.torch.inference;

import org.jspecify.annotations.NullMarked;
