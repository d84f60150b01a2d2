package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.torch.training.TrainingNorms.Statistics;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The tensors of one walk there and back, by the index of their node. Each is held by a reference
 * of its own, outside of pointer scopes, until it is dropped.
 */
final class PassTensors implements AutoCloseable {

  private final Tensor[] outputs;
  private final Tensor[] gradients;
  private final Tensor[] pending;
  private final int[] pendingStrides;
  private final Tensor[] masks;
  private final Statistics[] statistics;

  PassTensors(int nodes) {
    outputs = new Tensor[nodes];
    gradients = new Tensor[nodes];
    pending = new Tensor[nodes];
    pendingStrides = new int[nodes];
    masks = new Tensor[nodes];
    statistics = new Statistics[nodes];
  }

  /** Whether nobody but this holds a tensor. */
  static boolean isHeldOnce(Tensor tensor) {
    return tensor.use_count() == 1;
  }

  boolean hasOutput(int node) {
    return outputs[node] != null;
  }

  Tensor output(int node) {
    return outputs[node];
  }

  void keepOutput(int node, Tensor output) {
    keep(outputs, node, output);
  }

  void dropOutput(int node) {
    drop(outputs, node);
  }

  /** The sum of the gradients that have arrived at a node, if any has. */
  Optional<Tensor> gradient(int node) {
    return Optional.ofNullable(gradients[node]);
  }

  void replaceGradient(int node, Tensor gradient) {
    drop(gradients, node);
    keep(gradients, node, gradient);
  }

  /** Adds to the gradient of a node, in place where nobody else holds it. */
  void addGradient(int node, Tensor gradient) {
    Tensor sum = gradients[node];
    if (sum == null) {
      keep(gradients, node, gradient);
    } else if (isHeldOnce(sum)) {
      sum.add_(gradient);
    } else {
      replaceGradient(node, sum.add(gradient));
    }
  }

  /** A gradient of every n-th cell that has yet to be added. */
  record Pending(Tensor gradient, int stride) {}

  Optional<Pending> pending(int node) {
    return Optional.ofNullable(pending[node])
        .map(gradient -> new Pending(gradient, pendingStrides[node]));
  }

  void keepPending(int node, Tensor gradient, int stride) {
    keep(pending, node, gradient);
    pendingStrides[node] = stride;
  }

  void dropPending(int node) {
    drop(pending, node);
  }

  /** The factors by which a dropout multiplied, if it did. */
  Optional<Tensor> mask(int node) {
    return Optional.ofNullable(masks[node]);
  }

  void keepMask(int node, Tensor mask) {
    keep(masks, node, mask);
  }

  Statistics statistics(int norm) {
    return statistics[norm];
  }

  void keepStatistics(int norm, Statistics values) {
    statistics[norm] = values;
  }

  private static void keep(Tensor[] place, int node, Tensor tensor) {
    tensor.retainReference();
    place[node] = tensor;
  }

  private static void drop(Tensor[] place, int node) {
    if (place[node] != null) {
      place[node].releaseReference();
      place[node] = null;
    }
  }

  /** Drops all of a node. */
  void drop(int node) {
    drop(outputs, node);
    drop(gradients, node);
    drop(pending, node);
    drop(masks, node);
    if (statistics[node] != null) {
      statistics[node].close();
      statistics[node] = null;
    }
  }

  @Override
  public void close() {
    for (int node = 0; node < outputs.length; node++) {
      drop(node);
    }
  }
}
