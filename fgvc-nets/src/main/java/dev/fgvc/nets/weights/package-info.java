/**
 * Values for a network's variables, by the names that TF-slim gives them and in TensorFlow's order,
 * and the files that hold them.
 *
 * <p>{@link dev.fgvc.nets.weights.Weights} is the set of values; {@link
 * dev.fgvc.nets.weights.SavedNetwork} adds the graph, the classes and where it all comes from, and
 * is the form to keep. {@link dev.fgvc.nets.weights.WeightsImport} starts networks from the files
 * of TensorFlow, Keras, timm and torchvision; {@link dev.fgvc.nets.weights.ImportReport} says what
 * became of every variable. What other libraries call the variables stands in tables beside this
 * package ({@code names/*.txt}).
 *
 * <p>Every file may be hostile: places, sizes, shapes and checksums are checked before memory is
 * taken, and what is wrong is told by {@link dev.fgvc.nets.weights.WeightsFormatException}.
 */
@NullMarked
package dev.fgvc.nets.weights;

import org.jspecify.annotations.NullMarked;
