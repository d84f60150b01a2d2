/**
 * The engine on libtorch, through its JavaCPP binding. Activations are channels-last; every native
 * object lives in a {@code PointerScope} or belongs to a network that is closed, never to the
 * garbage collector.
 *
 * <p>This package is the face: the engine, its networks and distances. What it does inside lies in
 * rooms below, which nothing outside of this package may use, and whose arrows point one way:
 * {@code inference} and {@code training} are passes through a network, made of operations in {@code
 * kernel} and {@code kernel.winograd}, on libtorch as {@code runtime} binds it, in the memory of
 * {@code memory}.
 */
@NullMarked
package dev.fgvc.nets.engine.torch;

import org.jspecify.annotations.NullMarked;
