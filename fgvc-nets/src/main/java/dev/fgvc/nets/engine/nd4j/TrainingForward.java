package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.random.SplitMix64;
import java.util.ArrayList;
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
                : compute(node, i);
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

  MapOperations.Kernel kernel(String layer, boolean biases) {
    return new MapOperations.Kernel(
        variable(layer + "/weights").value(),
        biases ? List.of(variable(layer + "/biases").value()) : List.of());
  }

  private INDArray compute(Node node, int image) {
    Operation operation = node.operation();
    MapShape shape = shapes.get(node.index());
    INDArray input = input(node, 0, image);
    if (operation instanceof Operation.Convolution convolution) {
      MapOperations.Kernel kernel = kernel(convolution.scope(), convolution.biases());
      return MapOperations.convolution(scope, input, kernel, convolution.window(), shape);
    } else if (operation instanceof Operation.FullyConnected layer) {
      MapOperations.Kernel kernel = kernel(layer.scope(), true);
      return MapOperations.convolution(scope, input, kernel, MapOperations.everyNth(1), shape);
    } else if (operation instanceof Operation.BatchNorm norm) {
      return statistics.get(node.index()).output(scope, image, batchNorm(norm));
    } else if (operation instanceof Operation.MaxPool pool) {
      return MapOperations.maxPool(scope, input, pool, shape);
    } else if (operation instanceof Operation.AveragePool pool) {
      return MapOperations.averagePool(scope, input, pool, shape);
    } else if (operation instanceof Operation.Subsample subsample) {
      return MapOperations.subsample(scope, input, subsample, shape);
    } else if (operation instanceof Operation.GlobalAveragePool) {
      return MapOperations.globalAveragePool(scope, input);
    } else if (operation instanceof Operation.Concatenate) {
      List<INDArray> parts = new ArrayList<>();
      node.inputs().forEach(index -> parts.add(maps[index][image]));
      return MapOperations.concatenate(scope, parts, shape);
    } else if (operation instanceof Operation.Dropout layer) {
      return dropout(node, layer, input, image);
    }
    INDArray output = MapOperations.empty(scope, shape);
    if (operation instanceof Operation.Relu) {
      MapOperations.relu(input, output);
    } else if (operation instanceof Operation.Sigmoid) {
      MapOperations.sigmoid(input, output);
    } else if (operation instanceof Operation.ScaleChannels) {
      MapOperations.multiplyPerChannel(input, input(node, 1, image), output);
    } else if (operation instanceof Operation.Multiply multiply) {
      input.muli(multiply.factor(), output);
    } else if (operation instanceof Operation.Add add) {
      output.assign(input);
      MapOperations.addScaled(output, add.scale(), input(node, 1, image));
    } else {
      throw new IllegalStateException("no lowering for " + operation);
    }
    return output;
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
