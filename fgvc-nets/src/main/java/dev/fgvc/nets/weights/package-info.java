/**
 * Values for a network's variables, by the names that TF-slim gives them and in TensorFlow's order,
 * and the files that hold them.
 */
@NullMarked
package dev.fgvc.nets.weights;

import org.jspecify.annotations.NullMarked;
