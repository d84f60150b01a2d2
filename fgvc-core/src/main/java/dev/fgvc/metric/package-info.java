/**
 * How well labels are predicted.
 *
 * <p>{@link dev.fgvc.metric.TopKError} counts errors batch by batch and may be merged over threads;
 * its {@link dev.fgvc.metric.ClassErrors} are the immutable result, overall and for each class;
 * {@link dev.fgvc.metric.HeadTailReport} splits them into well-represented and under-represented
 * classes.
 */
@NullMarked
package dev.fgvc.metric;

import org.jspecify.annotations.NullMarked;
