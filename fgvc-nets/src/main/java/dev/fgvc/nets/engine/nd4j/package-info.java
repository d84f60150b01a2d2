/**
 * The engine on ND4J. Activations are [1, channels, height, width], one image at a time, so that
 * memory does not grow with the batch in inference; a convolution is an im2col and one matrix
 * product, which took half the time of ND4J's own. Every array belongs to an {@code ArrayScope} or
 * to a network that is closed, never to the garbage collector. Inference folds batch norms;
 * training runs a reverse pass of its own, for ND4J's batch norm has no gradient that works.
 */
@NullMarked
package dev.fgvc.nets.engine.nd4j;

import org.jspecify.annotations.NullMarked;
