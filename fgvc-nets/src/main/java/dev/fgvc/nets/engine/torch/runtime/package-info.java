/**
 * The binding to libtorch: how it is loaded, what is set for the process, threads, devices,
 * operators without a C++ function, and tensors made of Java's arrays. Nothing here knows a
 * network.
 */
@NullMarked
package dev.fgvc.nets.engine.torch.runtime;

import org.jspecify.annotations.NullMarked;
