package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Window;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Gradients of one batch's loss, from the logits back to the first layer that is trained. A node's
 * gradient goes as soon as those of its inputs are known.
 */
final class ReversePass {

  private final ArrayScope scope;
  private final NetworkGraph graph;
  private final TrainingForward forward;
  private final int images;

  /** By node and image; null where nothing has arrived yet. */
  private final INDArray[][] gradients;

  /** Whether anything trained lies at or before a node. */
  private final boolean[] wanted;

  ReversePass(ArrayScope scope, NetworkGraph graph, TrainingForward forward, int images) {
    this.scope = scope;
    this.graph = graph;
    this.forward = forward;
    this.images = images;
    this.gradients = new INDArray[graph.nodes().size()][images];
    this.wanted = new boolean[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      wanted[node.index()] =
          hasTrainedVariables(node.operation())
              || node.inputs().stream().anyMatch(input -> wanted[input]);
    }
  }

  private boolean hasTrainedVariables(Operation operation) {
    return operation instanceof Operation.Layer layer
        && layer.variables().stream().anyMatch(this::isTrained);
  }

  private boolean isTrained(String variable) {
    return forward.variable(variable).isTrained();
  }

  /** Starts with the gradient of a head's logits; the scope keeps owning the array. */
  void start(Node head, int image, INDArray gradient) {
    add(head.index(), image, gradient);
  }

  void run() {
    for (int index = gradients.length - 1; index >= 0; index--) {
      Node node = graph.nodes().get(index);
      INDArray[] arrived = gradients[index];
      if (!wanted[index] || arrived[0] == null) {
        continue;
      }
      if (node.operation() instanceof Operation.BatchNorm norm) {
        INDArray[] inputs =
            forward.statistics(node).backward(scope, arrived, forward.batchNorm(norm));
        for (int i = 0; i < images; i++) {
          pass(node, 0, i, inputs[i]);
          scope.release(arrived[i]);
        }
      } else {
        for (int i = 0; i < images; i++) {
          step(node, i, arrived[i]);
        }
      }
      gradients[index] = new INDArray[images];
    }
  }

  /** Hands a gradient over to an input: it must not be used by the caller any more. */
  private void pass(Node node, int which, int image, INDArray gradient) {
    int input = node.inputs().get(which);
    if (wanted[input]) {
      add(input, image, gradient);
    } else {
      scope.release(gradient);
    }
  }

  private void add(int node, int image, INDArray gradient) {
    INDArray present = gradients[node][image];
    if (present == null) {
      gradients[node][image] = gradient;
    } else {
      MapOperations.addScaled(present, 1, gradient);
      scope.release(gradient);
    }
  }

  /** Who has a gradient once a node is done with it. */
  private enum Owner {
    /** Still the step, which releases it. */
    STEP,
    /** The node's first input, to which it was passed on. */
    INPUT
  }

  /** Passes one image's gradient through one node and releases it or hands it on. */
  private void step(Node node, int image, INDArray gradient) {
    if (node.operation().accept(new Step(node, image, gradient)) == Owner.STEP) {
      scope.release(gradient);
    }
  }

  /** Passes one image's gradient through one node. */
  private final class Step implements Operation.Visitor<Owner> {

    private final Node node;
    private final int image;
    private final INDArray gradient;

    Step(Node node, int image, INDArray gradient) {
      this.node = node;
      this.image = image;
      this.gradient = gradient;
    }

    @Override
    public Owner input(Operation.Input input) {
      return Owner.STEP;
    }

    @Override
    public Owner convolution(Operation.Convolution convolution) {
      ReversePass.this.convolution(
          node, image, gradient, convolution.scope(), convolution.window(), convolution.biases());
      return Owner.STEP;
    }

    @Override
    public Owner fullyConnected(Operation.FullyConnected layer) {
      ReversePass.this.convolution(node, image, gradient, layer.scope(), MapOperations.POINT, true);
      return Owner.STEP;
    }

    @Override
    public Owner batchNorm(Operation.BatchNorm norm) {
      throw new IllegalStateException("a batch norm takes the gradients of a whole batch");
    }

    @Override
    public Owner relu(Operation.Relu relu) {
      like(node, image, gradient, "relu_bp", forward.input(node, 0, image));
      return Owner.STEP;
    }

    @Override
    public Owner sigmoid(Operation.Sigmoid sigmoid) {
      like(node, image, gradient, "sigmoid_bp", forward.input(node, 0, image));
      return Owner.STEP;
    }

    @Override
    public Owner maxPool(Operation.MaxPool pool) {
      pool(node, image, gradient, "maxpool2d_bp", pool.window(), pool.countsPadding());
      return Owner.STEP;
    }

    @Override
    public Owner averagePool(Operation.AveragePool pool) {
      pool(node, image, gradient, "avgpool2d_bp", pool.window(), pool.countsPadding());
      return Owner.STEP;
    }

    @Override
    public Owner subsample(Operation.Subsample subsample) {
      pool(node, image, gradient, "maxpool2d_bp", subsample.window(), false);
      return Owner.STEP;
    }

    @Override
    public Owner globalAveragePool(Operation.GlobalAveragePool pool) {
      INDArray input = forward.input(node, 0, image);
      INDArray spread = scope.zeros(input.shape());
      gradient.divi(input.size(2) * input.size(3));
      MapOperations.addPerChannel(spread, gradient.reshape(input.size(1)));
      pass(node, 0, image, spread);
      return Owner.STEP;
    }

    @Override
    public Owner bilinearPool(Operation.BilinearPool pool) {
      INDArray input = forward.input(node, 0, image);
      pass(node, 0, image, BilinearPooling.poolGradient(scope, gradient, input));
      return Owner.STEP;
    }

    @Override
    public Owner tensorSketchPool(Operation.TensorSketchPool pool) {
      INDArray input = forward.input(node, 0, image);
      pass(node, 0, image, BilinearPooling.sketchGradient(scope, gradient, input, pool));
      return Owner.STEP;
    }

    @Override
    public Owner signedSquareRoot(Operation.SignedSquareRoot root) {
      INDArray input = forward.input(node, 0, image);
      pass(node, 0, image, BilinearPooling.rootGradient(scope, gradient, input, root));
      return Owner.STEP;
    }

    @Override
    public Owner l2Normalization(Operation.L2Normalization norm) {
      INDArray input = forward.input(node, 0, image);
      pass(node, 0, image, BilinearPooling.normGradient(scope, gradient, input, norm));
      return Owner.STEP;
    }

    @Override
    public Owner add(Operation.Add add) {
      INDArray second = scope.own(gradient.mul(add.scale()));
      pass(node, 1, image, second);
      pass(node, 0, image, gradient);
      return Owner.INPUT;
    }

    @Override
    public Owner multiply(Operation.Multiply multiply) {
      gradient.muli(multiply.factor());
      pass(node, 0, image, gradient);
      return Owner.INPUT;
    }

    @Override
    public Owner scaleChannels(Operation.ScaleChannels scale) {
      ReversePass.this.scaleChannels(node, image, gradient);
      return Owner.STEP;
    }

    @Override
    public Owner concatenate(Operation.Concatenate concatenate) {
      split(node, image, gradient);
      return Owner.STEP;
    }

    @Override
    public Owner dropout(Operation.Dropout dropout) {
      forward.mask(node).ifPresent(masks -> gradient.muli(masks[image]));
      pass(node, 0, image, gradient);
      return Owner.INPUT;
    }
  }

  private void convolution(
      Node node, int image, INDArray gradient, String layer, Window window, boolean biases) {
    INDArray input = forward.input(node, 0, image);
    INDArray matrix = MapOperations.matrix(gradient, gradient);
    if (biases && isTrained(layer + "/biases")) {
      try (INDArray sums = gradient.sum(0, 2, 3)) {
        MapOperations.addScaled(forward.variable(layer + "/biases").gradient(), 1, sums);
      }
    }
    Variable kernel = forward.variable(layer + "/weights");
    if (kernel.isTrained()) {
      INDArray columns = MapOperations.columns(scope, input, window, gradient);
      INDArray cells = MapOperations.matrix(columns, gradient);
      MapOperations.multiply(matrix, false, cells, true, kernel.gradient(), 1);
      if (columns != input) {
        scope.release(columns);
      }
    }
    if (wanted[node.inputs().get(0)]) {
      pass(node, 0, image, ofInput(input, kernel.value(), gradient, window));
    }
  }

  /** The gradient of a convolution's input. */
  private INDArray ofInput(INDArray input, INDArray kernel, INDArray gradient, Window window) {
    INDArray result = scope.empty(input.shape());
    INDArray matrix = MapOperations.matrix(gradient, gradient);
    if (MapOperations.isPoint(window)) {
      MapOperations.multiply(
          kernel, true, matrix, false, MapOperations.matrix(result, gradient), 0);
      return result;
    }
    INDArray columns =
        scope.empty(
            1, input.size(1), window.height(), window.width(), gradient.size(2), gradient.size(3));
    MapOperations.multiply(kernel, true, matrix, false, MapOperations.matrix(columns, gradient), 0);
    Window.Border border = MapOperations.border(input, window);
    MapOperations.execute(
        "col2im",
        List.of(columns),
        result,
        window.stride(),
        window.stride(),
        border.top(),
        border.left(),
        (int) input.size(2),
        (int) input.size(3),
        1,
        1,
        0); // asked for by ND4J's check, read by nothing
    scope.release(columns);
    return result;
  }

  private void like(Node node, int image, INDArray gradient, String operation, INDArray input) {
    INDArray result = scope.empty(input.shape());
    MapOperations.execute(operation, List.of(input, gradient), result);
    pass(node, 0, image, result);
  }

  private void pool(
      Node node,
      int image,
      INDArray gradient,
      String operation,
      Window window,
      boolean countsPadding) {
    INDArray input = forward.input(node, 0, image);
    INDArray result = scope.empty(input.shape());
    MapOperations.execute(
        operation,
        List.of(input, gradient),
        result,
        MapOperations.poolArguments(input, window, countsPadding));
    pass(node, 0, image, result);
  }

  private void scaleChannels(Node node, int image, INDArray gradient) {
    INDArray map = forward.input(node, 0, image);
    INDArray factors = forward.input(node, 1, image);
    try (INDArray product = gradient.mul(map)) {
      pass(node, 1, image, scope.own(product.sum(true, 2, 3)));
    }
    INDArray result = scope.empty(map.shape());
    MapOperations.multiplyPerChannel(gradient, factors, result);
    pass(node, 0, image, result);
  }

  private void split(Node node, int image, INDArray gradient) {
    long from = 0;
    for (int which = 0; which < node.inputs().size(); which++) {
      INDArray input = forward.input(node, which, image);
      INDArray part = scope.empty(input.shape());
      part.assign(
          gradient.get(
              NDArrayIndex.all(),
              NDArrayIndex.interval(from, from + input.size(1)),
              NDArrayIndex.all(),
              NDArrayIndex.all()));
      from += input.size(1);
      pass(node, which, image, part);
    }
  }
}
