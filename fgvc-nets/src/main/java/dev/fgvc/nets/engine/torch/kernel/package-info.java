/**
 * Single operations on activations, by the fastest code that libtorch, oneDNN or cuDNN has for
 * them. Which of it this machine's CPU can run is asked of {@link
 * dev.fgvc.nets.engine.torch.kernel.CpuCapabilities} alone.
 */
@NullMarked
package dev.fgvc.nets.engine.torch.kernel;

import org.jspecify.annotations.NullMarked;
