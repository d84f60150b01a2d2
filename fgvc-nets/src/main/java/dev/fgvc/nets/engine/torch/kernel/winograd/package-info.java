/**
 * Convolutions by Winograd's minimal filtering: the matrices, the tiling of an activation and its
 * cost, and the convolution made of them. For float32 on the CPU.
 */
@NullMarked
package dev.fgvc.nets.engine.torch.kernel.winograd;

import org.jspecify.annotations.NullMarked;
