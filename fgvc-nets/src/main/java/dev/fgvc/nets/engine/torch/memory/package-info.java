/**
 * Where native memory comes from and who owns it: pooled activations, page-locked copies, heaps of
 * the C library. The lowest room: it depends on no other.
 */
@NullMarked
package dev.fgvc.nets.engine.torch.memory;

import org.jspecify.annotations.NullMarked;
