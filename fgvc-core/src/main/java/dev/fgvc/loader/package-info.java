/**
 * From a data set to batches of numbers.
 *
 * <p>A {@link dev.fgvc.loader.Sampler} says which images an epoch shows in which order: all of
 * them, or a share that balances a long tail. A {@link dev.fgvc.loader.BatchLoader} transforms them
 * on background threads, a few batches ahead, into pooled direct buffers; {@link
 * dev.fgvc.loader.Batches} hands them out. Everything random comes from a seed and from where an
 * image stands, never from timing, so the number of threads changes nothing but the speed.
 */
@NullMarked
package dev.fgvc.loader;

import org.jspecify.annotations.NullMarked;
