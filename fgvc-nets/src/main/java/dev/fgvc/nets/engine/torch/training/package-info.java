/**
 * A pass there and back for the gradients of a batch, and what an update keeps: flat variables,
 * their gradients, the slots of an optimizer and moving averages. Memory of activations comes from
 * {@link dev.fgvc.nets.engine.torch.memory}.
 */
@NullMarked
package dev.fgvc.nets.engine.torch.training;

import org.jspecify.annotations.NullMarked;
