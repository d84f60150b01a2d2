/**
 * The engine on libtorch, through its JavaCPP binding. Maps are channels-last; every native object
 * lives in a {@code PointerScope} or belongs to a network that is closed, never to the garbage
 * collector. Inference folds batch norms; training keeps all weights in one flat tensor, so that an
 * update is a handful of operations whatever the network.
 */
@NullMarked
package dev.fgvc.nets.engine.torch;

import org.jspecify.annotations.NullMarked;
