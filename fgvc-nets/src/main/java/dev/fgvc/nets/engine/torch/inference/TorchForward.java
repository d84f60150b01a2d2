package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Walks a graph for inference and computes its nodes. Nothing but the walk reads results, so
 * operations merge and overwrite; training has a walk of its own.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class TorchForward {

  private final NetworkGraph graph;
  private final FoldedWeights folded;
  private final InferenceLayers layers;

  /** For each node the one that really computes its output. */
  private final int[] producers;

  /** Whether a node's output has no negative values, whatever the weights. */
  private final boolean[] nonNegative;

  TorchForward(NetworkGraph graph, FoldedWeights folded, InferenceLayers layers) {
    this.graph = graph;
    this.folded = folded;
    this.layers = layers;
    this.producers = new int[graph.nodes().size()];
    this.nonNegative = new boolean[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      producers[node.index()] =
          folded.isIdentity(node) ? producers[node.inputs().get(0)] : node.index();
      nonNegative[node.index()] =
          node.operation() instanceof Operation.Relu
              || selectsOrAverages(node.operation())
                  && node.inputs().stream().allMatch(input -> nonNegative[producers[input]]);
    }
  }

  private static boolean selectsOrAverages(Operation operation) {
    return operation instanceof Operation.MaxPool
        || operation instanceof Operation.AveragePool
        || operation instanceof Operation.Subsample
        || operation instanceof Operation.Concatenate;
  }

  /** Computes some nodes for a batch; all tensors belong to the caller's pointer scope. */
  List<Tensor> run(Tensor images, List<Node> wanted) {
    Pass pass = new Pass(images, wanted);
    for (Node node : graph.nodes()) {
      if (pass.isDue(node)) {
        pass.step(node);
      }
    }
    return wanted.stream()
        .map(node -> graph.nodes().get(producers[node.index()]))
        .map(producer -> layers.whole(producer, pass.results[producer.index()]))
        .toList();
  }

  /** One walk over the graph: what is computed, and who still reads it. */
  private final class Pass {

    private static final int NOBODY = -1;

    private final Tensor[] results = new Tensor[producers.length];
    private final boolean[] done = new boolean[producers.length];

    /** How many needed nodes read each producer's output, plus one for each wanted result. */
    private final int[] readers = new int[producers.length];

    /** The last needed node that reads a producer's output. */
    private final int[] lastReader = new int[producers.length];

    Pass(Tensor images, List<Node> wanted) {
      Arrays.fill(lastReader, NOBODY);
      wanted.forEach(node -> readers[producers[node.index()]]++);
      for (int i = readers.length - 1; i >= 0; i--) {
        if (readers[i] > 0) {
          for (int input : graph.nodes().get(i).inputs()) {
            int producer = producers[input];
            readers[producer]++;
            lastReader[producer] = Math.max(lastReader[producer], i);
          }
        }
      }
      results[0] = images;
      done[0] = true;
      readers[0]++; // the images belong to the caller: neither overwritten nor freed
    }

    boolean isDue(Node node) {
      return readers[node.index()] > 0
          && producers[node.index()] == node.index()
          && !done[node.index()];
    }

    /** Computes a node, and with it those after it that its operation can take along. */
    void step(Node node) {
      if (node.operation() instanceof Operation.Convolution convolution) {
        fusedConvolution(node, convolution);
        return;
      }
      Optional<Node> follower = soleReader(node);
      if (node.operation() instanceof Operation.AveragePool pool
          && follower.isPresent()
          && follower.get().operation() instanceof Operation.Convolution convolution
          && convolution.window().isPointwise()) {
        pooledConvolution(node, pool, follower.get(), convolution);
        return;
      }
      finish(List.of(node), scoped(() -> compute(node)));
    }

    private void fusedConvolution(Node node, Operation.Convolution convolution) {
      Tensor input = input(node, 0);
      List<Node> chain = new ArrayList<>(List.of(node));
      Optional<Tensor> sum = Optional.empty();
      boolean relu = false;
      Optional<Node> next = soleReader(node);
      if (next.isPresent() && isSumOnto(next.get(), node)) {
        chain.add(next.get());
        sum = Optional.of(input(next.get(), 0));
        next = soleReader(next.get());
      }
      if (next.isPresent() && next.get().operation() instanceof Operation.Relu) {
        chain.add(next.get());
        relu = true;
      }
      Optional<Tensor> overwritten = sum;
      boolean rectified = relu;
      finish(chain, scoped(() -> layers.convolution(convolution, input, overwritten, rectified)));
    }

    /** Whether a sum takes a node's output as its second part and nothing else reads the first. */
    private boolean isSumOnto(Node sum, Node part) {
      if (!(sum.operation() instanceof Operation.Add add)
          || folded.remainingScale(graph, sum, add) != 1) {
        return false;
      }
      int first = producers[sum.inputs().get(0)];
      return producers[sum.inputs().get(1)] == part.index() && done[first] && readers[first] == 1;
    }

    /**
     * A 1x1 convolution and an average commute, but for biases where padded cells count; pooling
     * what comes out is the cheaper order as these convolutions narrow the activation.
     */
    private void pooledConvolution(
        Node poolNode, Operation.AveragePool pool, Node node, Operation.Convolution convolution) {
      Tensor input = input(poolNode, 0);
      List<Node> chain = new ArrayList<>(List.of(poolNode, node));
      Optional<Node> relu =
          soleReader(node).filter(next -> next.operation() instanceof Operation.Relu);
      relu.ifPresent(chain::add);
      finish(
          chain,
          scoped(
              () -> {
                boolean biasesLast = pool.countsPadding();
                try (Tensor thin =
                    biasesLast
                        ? layers.convolutionWithoutBiases(convolution, input)
                        : layers.convolution(convolution, input, Optional.empty(), false)) {
                  Tensor averages = layers.apply(pool, List.of(thin), false);
                  Tensor pooled = biasesLast ? layers.withBiases(convolution, averages) : averages;
                  if (relu.isPresent()) {
                    torch.relu_(pooled);
                  }
                  return pooled;
                }
              }));
    }

    /** The only node that reads another's output, if it is not wanted itself. */
    private Optional<Node> soleReader(Node node) {
      int index = node.index();
      return readers[index] == 1 && lastReader[index] != NOBODY
          ? Optional.of(graph.nodes().get(lastReader[index]))
          : Optional.empty();
    }

    /** Keeps the result of a chain under its last node, and lets go of what was read last. */
    private void finish(List<Node> chain, Tensor result) {
      Node last = chain.get(chain.size() - 1);
      chain.forEach(node -> done[node.index()] = true);
      results[last.index()] = result;
      for (Node node : chain) {
        for (int input : node.inputs()) {
          int producer = producers[input];
          if (--readers[producer] == 0 && results[producer] != null) {
            if (results[producer].equals(result)) {
              // Overwritten in place: only the first of two equal pointers frees the memory.
              results[last.index()] = results[producer];
            } else {
              results[producer].close();
            }
            results[producer] = null;
          }
        }
      }
    }

    private Tensor input(Node node, int which) {
      return results[producers[node.inputs().get(which)]];
    }

    private boolean mayOverwrite(Node node, int which) {
      return readers[producers[node.inputs().get(which)]] == 1;
    }

    private Tensor compute(Node node) {
      Operation operation = node.operation();
      Tensor input = input(node, 0);
      if (operation instanceof Operation.BatchNorm batchNorm) {
        return layers.batchNorm(batchNorm, input);
      } else if (operation instanceof Operation.FullyConnected layer) {
        return layers.fullyConnected(layer, input);
      } else if (operation instanceof Operation.Relu && mayOverwrite(node, 0)) {
        return torch.relu_(input);
      } else if (operation instanceof Operation.Add add) {
        return sum(node, input, folded.remainingScale(graph, node, add));
      }
      return layers.apply(
          operation,
          node.inputs().stream().map(index -> results[producers[index]]).toList(),
          node.inputs().stream().allMatch(index -> nonNegative[producers[index]]));
    }

    private Tensor sum(Node node, Tensor first, double scale) {
      Tensor second = input(node, 1);
      return mayOverwrite(node, 0)
          ? first.add_(second, new Scalar(scale))
          : first.add(second, new Scalar(scale));
    }
  }

  /** Runs an operation; of the native objects that it makes only its result stays. */
  private static Tensor scoped(Supplier<Tensor> operation) {
    Tensor result;
    try (PointerScope temporaries = new PointerScope()) {
      result = operation.get();
      result.retainReference();
    }
    PointerScope.getInnerScope().attach(result);
    result.releaseReference();
    return result;
  }
}
