package dev.fgvc.nets.engine;

import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.weights.Weights;
import java.util.List;

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
   * @throws IllegalArgumentException if a label is out of range, there are not as many as images,
   *     or a pixel is NaN or infinite; nothing has changed then
   * @throws IllegalStateException if a batch waits for its {@linkplain #exchange exchange}, or for
   *     an update that {@link TrainingOptions#syncBatchNorm} gives no other batch
   * @throws EngineException if memory ends, outside the Java heap or on the device. All gradients
   *     since the last update are dropped then, as this batch's are not whole; the network goes on
   *     with smaller batches. In a group in which other processes wait for a part of this batch by
   *     then, as with {@link TrainingOptions#syncBatchNorm}, on the way back, or in a later round
   *     of an update, the group is {@link ProcessGroup#abort aborted}
   * @throws ProcessGroupException in a group with such norms, if another process has ended or does
   *     not answer
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
   * Makes this network one of several that a group of processes train as one. It goes on from the
   * state of rank 0's, so that all begin alike. From then on {@link #accumulate} takes this
   * process's batch, at most one, and {@link #exchange} adds it to those of the others. Gradients
   * are sent as soon as the way back has completed {@link ProcessGroup#bucketBytes} of them, on
   * another thread: between the two calls the group is the network's alone.
   *
   * <pre>{@code
   * network.accumulate(images, labels);
   * List<StepLoss> losses = network.exchange(group.size());
   * network.update(learningRate);
   * }</pre>
   *
   * <p>All steps have the bits of one process that accumulates the batches of all ranks in their
   * order: gradients are added up and moving statistics moved in that order, and the batch of rank
   * r drops what batch {@code batches + r} of that process drops.
   *
   * <p>With {@link TrainingOptions#syncBatchNorm} the steps are those of one process with one batch
   * as large as all of them, but for rounding and dropout. {@link #accumulate} then exchanges too,
   * and processes without a batch do so in {@link #exchange}.
   *
   * @param processes all with a network of the same graph and options; it stays the caller's
   * @throws EngineException if this engine cannot
   * @throws IllegalArgumentException if graphs, options, the precision that comes of them, or kinds
   *     of devices differ among the processes
   * @throws IllegalStateException if it is in a group already, simulates workers, or gradients wait
   *     for an update
   * @throws ProcessGroupException if another process has ended or does not answer
   */
  default void join(ProcessGroup processes) {
    throw new EngineException(
        "this engine trains in one process alone; use Engine.torch() for several");
  }

  /**
   * Adds up what the first ranks of the group have accumulated since the last call, one batch each.
   * All processes call it, those without a batch too. Each sends and receives twice the gradients
   * at most, over the host's memory.
   *
   * @param count how many ranks have a batch, from rank 0 on; from 1 to the group's size
   * @return their losses, in the order of the ranks
   * @throws IllegalStateException if this network is in no group, or has a batch and should not, or
   *     the other way round, or with {@link TrainingOptions#syncBatchNorm} has exchanged for this
   *     update already: nothing has changed then. On all processes, if they no longer train alike,
   *     as they have not made the same updates or their weights differ. This and any other failure
   *     ends the group; training goes on from a checkpoint in another one
   * @throws ProcessGroupException if another process has ended or does not answer
   */
  default List<StepLoss> exchange(int count) {
    throw new IllegalStateException("this network is in no group");
  }

  /**
   * Simulates workers that train asynchronously, each with a copy of the weights as it has read
   * them last. All begin with the present weights. From then on {@link #accumulate} computes with
   * the weights of the worker whose {@linkplain #turn turn} it is, and {@link #update} changes the
   * present weights, which that worker then reads. The copies are part of the {@link #state}, and
   * take the memory of the weights for each worker.
   *
   * @param count how many, at least 1
   * @throws EngineException if this engine cannot
   * @throws IllegalStateException if there are workers already, this network is in a group, or
   *     gradients wait for an update
   */
  default void simulateWorkers(int count) {
    throw new EngineException(
        "this engine does not simulate asynchronous workers; use Engine.torch()");
  }

  /**
   * Begins a simulated worker's turn. The first is worker 0's.
   *
   * @param worker from 0
   * @throws IllegalArgumentException if there is no such worker
   * @throws IllegalStateException if no workers are simulated, or gradients wait for an update
   */
  default void turn(int worker) {
    throw new IllegalStateException("no workers are simulated");
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
   * @throws IllegalStateException if a batch waits for its {@linkplain #exchange exchange}, or an
   *     exchange has failed
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
   * All that the next steps depend on: what came out of this network's steps so far. Whose {@link
   * #turn} it is among simulated workers is the caller's to keep.
   *
   * @return a copy
   * @throws IllegalStateException if gradients wait for an update
   */
  TrainingState state();

  /**
   * Goes on from a state that a network of the same graph and options gave. On a CPU with the same
   * number of threads the steps that follow are the same, bit by bit. Where workers are simulated
   * it is worker 0's turn, as at the start.
   *
   * @param state to continue from; gradients waiting for an update are dropped
   * @throws IllegalArgumentException naming what the state lacks or has in another shape; nothing
   *     has changed then
   * @throws IllegalStateException if a batch waits for its {@linkplain #exchange exchange}, and
   *     none has failed; nothing has changed then
   */
  void restore(TrainingState state);

  /**
   * Frees the native memory. A group that waits for the exchange of a batch is {@link
   * ProcessGroup#abort aborted}. Waits for an exchange that is under way, which may go on until the
   * other processes have come to it or the group's time-out is over. Closing twice does nothing.
   */
  @Override
  void close();
}
