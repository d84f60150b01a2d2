/**
 * What engines have in common when they prepare a network for inference, free of any native
 * library. For engines, not for users: a class of one engine cannot see those of another.
 */
@org.jspecify.annotations.NullMarked
package dev.fgvc.nets.engine.folding;
