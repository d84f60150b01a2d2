/**
 * Costs of moving mass: matrices in memory, views of them, and Euclidean distances that are
 * computed a few rows at a time, on all threads of the common pool. Every other room reads costs
 * through {@link dev.fgvc.emd.internal.cost.CostMatrix}; {@link dev.fgvc.emd.internal.cost.Lines}
 * and {@link dev.fgvc.emd.internal.cost.RowBlocks} are loops that they share. This one knows no
 * room but {@code vector}.
 */
@NullMarked
package dev.fgvc.emd.internal.cost;

import org.jspecify.annotations.NullMarked;
