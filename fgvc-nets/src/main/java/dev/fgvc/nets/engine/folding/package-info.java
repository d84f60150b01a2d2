/**
 * The preparation of a network for inference that all engines share, free of any native library.
 * For engines, not for users: a class of one engine cannot see those of another.
 */
@org.jspecify.annotations.NullMarked
package dev.fgvc.nets.engine.folding;
