package dev.fgvc.nets.train;

import dev.fgvc.nets.engine.StepLoss;

/**
 * One update of the weights.
 *
 * @param task what the run is called
 * @param epoch counted from 0
 * @param step updates made so far, this one included
 * @param steps updates of the whole run
 * @param loss before the update, the mean of the batches it was made of
 * @param learningRate of the update
 */
public record TrainingStep(
    String task, int epoch, long step, long steps, StepLoss loss, double learningRate) {}
