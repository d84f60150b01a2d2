/**
 * Networks as data: an immutable graph of operations with the variable names of TF-slim, and the
 * paper's architectures as functions that draw such graphs. Nothing here computes; engines lower a
 * {@link dev.fgvc.nets.arch.NetworkGraph} to their own operations.
 *
 * <p>Start at {@link dev.fgvc.nets.arch.Architecture}; a network of one's own is drawn with {@link
 * dev.fgvc.nets.arch.GraphBuilder}.
 */
@NullMarked
package dev.fgvc.nets.arch;

import org.jspecify.annotations.NullMarked;
