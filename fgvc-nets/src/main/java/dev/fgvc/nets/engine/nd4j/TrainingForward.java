package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.random.SplitMix64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One batch's forward pass in training; keeps every activation for the reverse pass. */
final class TrainingForward {

  private final ArrayScope scope;
  private final NetworkGraph graph;
  private final List<MapShape> shapes;
  private final Map<String, Variable> variables;
  private final Optional<SplitMix64> dropout;
  private final ToDoubleFunction<Operation.BatchNorm> decay;

  /** By node and image. */
  private final INDArray[][] maps;

  private final Map<Integer, BatchStatistics> statistics = new HashMap<>();
  private final Map<Integer, INDArray[]> masks = new HashMap<>();

  /**
   * A pass that has not begun.
   *
   * @param dropout draws what is dropped; absent, nothing is
   * @param decay of a batch norm's moving statistics at this batch
   */
  TrainingForward(
      ArrayScope scope,
      NetworkGraph graph,
      Map<String, Variable> variables,
      Images images,
      Optional<SplitMix64> dropout,
      ToDoubleFunction<Operation.BatchNorm> decay) {
    this.scope = scope;
    this.graph = graph;
    this.shapes = graph.shapes(images.resolution());
    this.variables = variables;
    this.dropout = dropout;
    this.decay = decay;
    this.maps = new INDArray[graph.nodes().size()][images.count()];
  }

  void run(Images images, boolean[] needed) {
    for (Node node : graph.nodes()) {
      if (!needed[node.index()]) {
        continue;
      }
      if (node.operation() instanceof Operation.BatchNorm norm) {
        BatchStatistics.Variables own = batchNorm(norm);
        INDArray[] inputs = maps[node.inputs().get(0)];
        statistics.put(
            node.index(),
            own.areFrozen()
                ? BatchStatistics.frozen(scope, inputs, norm, own)
                : BatchStatistics.of(scope, inputs, norm, own, decay.applyAsDouble(norm)));
      }
      for (int i = 0; i < images.count(); i++) {
        maps[node.index()][i] =
            node.operation() instanceof Operation.Input
                ? ImageArrays.of(scope, images, i)
                : node.operation().accept(new Step(node, i));
      }
    }
  }

  INDArray map(int node, int image) {
    return maps[node][image];
  }

  BatchStatistics statistics(Node node) {
    return statistics.get(node.index());
  }

  /** The factors of a dropout layer, or empty if it dropped nothing. */
  Optional<INDArray[]> mask(Node node) {
    return Optional.ofNullable(masks.get(node.index()));
  }

  Variable variable(String name) {
    return variables.get(name);
  }

  BatchStatistics.Variables batchNorm(Operation.BatchNorm norm) {
    String scopeName = norm.scope();
    return new BatchStatistics.Variables(
        norm.scaled() ? Optional.of(variable(scopeName + "/gamma")) : Optional.empty(),
        variable(scopeName + "/beta"),
        variable(scopeName + "/moving_mean"),
        variable(scopeName + "/moving_variance"));
  }

  /** Computes a node for one image. */
  private final class Step extends ForwardStep {

    private final Node node;
    private final int image;

    Step(Node node, int image) {
      super(scope, node, shapes.get(node.index()));
      this.node = node;
      this.image = image;
    }

    @Override
    INDArray input(int which) {
      return TrainingForward.this.input(node, which, image);
    }

    @Override
    MapOperations.Kernel kernel(Operation.Layer layer) {
      List<INDArray> values =
          layer.variables().stream().map(name -> variable(name).value()).toList();
      return new MapOperations.Kernel(values.get(0), values.subList(1, values.size()));
    }

    /** Every map stays for the reverse pass. */
    @Override
    INDArray target() {
      return empty();
    }

    @Override
    double scale(Operation.Add sum) {
      return sum.scale();
    }

    @Override
    public INDArray batchNorm(Operation.BatchNorm norm) {
      return statistics
          .get(node.index())
          .output(scope, image, TrainingForward.this.batchNorm(norm));
    }

    @Override
    public INDArray dropout(Operation.Dropout layer) {
      return TrainingForward.this.dropout(node, layer, input(0), image);
    }
  }

  INDArray input(Node node, int which, int image) {
    return maps[node.inputs().get(which)][image];
  }

  private INDArray dropout(Node node, Operation.Dropout layer, INDArray input, int image) {
    if (dropout.isEmpty()) {
      return scope.copy(input);
    }
    float[] factors = new float[Math.toIntExact(input.length())];
    for (int i = 0; i < factors.length; i++) {
      boolean kept = dropout.get().nextDouble() < layer.keepProbability();
      factors[i] = kept ? (float) (1 / layer.keepProbability()) : 0;
    }
    INDArray mask = scope.of(factors, input.shape());
    masks.computeIfAbsent(node.index(), index -> new INDArray[maps[index].length])[image] = mask;
    return scope.own(input.mul(mask));
  }
}
