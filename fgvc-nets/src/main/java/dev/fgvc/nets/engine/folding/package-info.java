/**
 * Networks for inference as far as all engines share them, free of any native library: folded
 * weights, and the network around what computes with them. For engines, not for users: a class of
 * one engine cannot see those of another.
 */
@org.jspecify.annotations.NullMarked
package dev.fgvc.nets.engine.folding;
