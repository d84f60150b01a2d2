/**
 * Training as the paper does it: a {@link dev.fgvc.nets.train.Recipe} says with which batches,
 * rates and loss; a {@link dev.fgvc.nets.train.Trainer} follows it on a data set. Pre-training,
 * fine-tuning and transfer differ only in the recipe and in the weights that training starts from.
 */
@NullMarked
package dev.fgvc.nets.train;

import org.jspecify.annotations.NullMarked;
