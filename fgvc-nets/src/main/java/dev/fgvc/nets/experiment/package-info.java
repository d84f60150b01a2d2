/**
 * The paper's experiments, each as one call on data sets of one's own: settings in, a result with
 * the paper's tables out.
 *
 * <p>A {@link dev.fgvc.nets.experiment.Laboratory} trains networks by a {@link
 * dev.fgvc.nets.experiment.TrainingPlan} and shares them between experiments. Every number is a
 * {@link dev.fgvc.nets.experiment.Measurement} over several seeds; every claim is a {@link
 * dev.fgvc.nets.experiment.Direction} with a margin. Beside the examples, this is the one place
 * where networks and domain similarity meet.
 */
@NullMarked
package dev.fgvc.nets.experiment;

import org.jspecify.annotations.NullMarked;
