/**
 * Uses of a trained network: errors on a validation set and features of a domain, both on central
 * crops as in the paper's section 5.1.3. A {@link dev.fgvc.nets.eval.LinearProbe} and {@link
 * dev.fgvc.nets.eval.NearestNeighbors} tell what features are worth without training.
 */
@NullMarked
package dev.fgvc.nets.eval;

import org.jspecify.annotations.NullMarked;
