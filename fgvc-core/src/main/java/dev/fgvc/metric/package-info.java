/**
 * How well labels are predicted.
 *
 * <p>{@link dev.fgvc.metric.TopKError} counts errors batch by batch and may be merged over threads;
 * its {@link dev.fgvc.metric.ClassErrors} are the immutable result, overall and for each class;
 * {@link dev.fgvc.metric.HeadTailReport} splits them into well-represented and under-represented
 * classes, {@link dev.fgvc.metric.FrequencyReport} into many, medium and few; {@link
 * dev.fgvc.metric.Confusions} finds the pairs that are taken for one another.
 */
@NullMarked
package dev.fgvc.metric;

import org.jspecify.annotations.NullMarked;
