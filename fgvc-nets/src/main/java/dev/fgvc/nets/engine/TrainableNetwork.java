package dev.fgvc.nets.engine;

import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.weights.Weights;

/**
 * A compiled network in training mode: batch norms use the batch's statistics and move their own,
 * unless those are frozen. A norm that sees one value a channel, as with a single image and
 * activations of one cell, takes its variance for 0, as TensorFlow does, and passes no gradient on.
 * One thread at a time. It keeps the memory of a step for the next one until it is closed.
 */
public interface TrainableNetwork extends AutoCloseable {

  /**
   * Returns the graph that was compiled.
   *
   * @return the graph
   */
  NetworkGraph graph();

  /**
   * The precision in which convolutions and fully connected layers compute: the one that was asked
   * for, but {@link Precision#FP32} for bfloat16 on a CPU that would not gain by it.
   *
   * @return the precision of the products
   */
  Precision precision();

  /**
   * Forward and backward: adds the gradient of this batch's loss to the gradients kept. Moving
   * statistics move; weights do not.
   *
   * @param images a batch
   * @param targets one class in [0, classes) for each image, or two where it was mixed
   * @return the batch's loss
   * @throws IllegalArgumentException if a label is out of range or there are not as many as images;
   *     nothing has changed then
   * @throws EngineException if memory ends, outside the Java heap or on the device. All gradients
   *     since the last update are dropped then, as this batch's are not whole; the network goes on
   *     with smaller batches
   */
  StepLoss accumulate(Images images, Targets targets);

  /**
   * The same for images of one class each.
   *
   * @param images a batch
   * @param labels one class in [0, classes) for each image
   * @return the batch's loss
   * @throws IllegalArgumentException as for targets
   */
  default StepLoss accumulate(Images images, int[] labels) {
    return accumulate(images, Targets.of(labels));
  }

  /**
   * Changes the weights by the optimizer's rule with the mean of the gradients of the batches
   * accumulated since the last update, moves the averages, and clears the gradients. The weight
   * decay's own gradient is added here, once; then the whole is clipped.
   *
   * @param learningRate at least 0
   * @throws IllegalStateException if no batch was accumulated since the last update, or all were
   *     dropped by one that failed
   */
  void update(double learningRate);

  /**
   * One whole training step: {@link #accumulate} and {@link #update}.
   *
   * @param images a batch
   * @param labels one class in [0, classes) for each image
   * @param learningRate at least 0
   * @return the loss before the update
   */
  default StepLoss step(Images images, int[] labels, double learningRate) {
    StepLoss loss = accumulate(images, labels);
    update(learningRate);
    return loss;
  }

  /**
   * The gradients kept since the last update, without that of the weight decay.
   *
   * @return one tensor for each variable being trained, shaped as the variable
   */
  Weights gradients();

  /**
   * The present values of all variables.
   *
   * @return a copy
   */
  Weights weights();

  /**
   * The moving averages of all variables, moving statistics included.
   *
   * @return a copy; the present values if no average is kept
   */
  Weights averagedWeights();

  /**
   * All that the next steps depend on: what came out of this network's steps so far.
   *
   * @return a copy
   * @throws IllegalStateException if gradients wait for an update
   */
  TrainingState state();

  /**
   * Goes on from a state that a network of the same graph and options gave. On a processor with the
   * same number of threads the steps that follow are the same, bit by bit.
   *
   * @param state to continue from; gradients waiting for an update are dropped
   * @throws IllegalArgumentException naming what the state lacks or has in another shape; nothing
   *     has changed then
   */
  void restore(TrainingState state);

  /** Frees the native memory. Closing twice does nothing. */
  @Override
  void close();
}
