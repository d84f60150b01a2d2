/**
 * Engines run networks: an {@link dev.fgvc.nets.engine.Engine} compiles a graph and its weights to
 * a {@link dev.fgvc.nets.engine.Network} for inference or a {@link
 * dev.fgvc.nets.engine.TrainableNetwork} for training. Both own native memory and are closed by
 * whoever compiled them. Engines are found as services, so that an application carries only the
 * native libraries it uses.
 */
@NullMarked
package dev.fgvc.nets.engine;

import org.jspecify.annotations.NullMarked;
