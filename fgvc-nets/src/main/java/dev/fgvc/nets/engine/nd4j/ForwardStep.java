package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Computes a node's output for one image. What training and inference do differently, batch norms
 * and dropout and where values are written, is left to them.
 */
abstract class ForwardStep implements Operation.Visitor<INDArray> {

  private final ArrayScope scope;
  private final Node node;
  private final MapShape shape;

  ForwardStep(ArrayScope scope, Node node, MapShape shape) {
    this.scope = scope;
    this.node = node;
    this.shape = shape;
  }

  /** The output of one of the nodes that this one reads. */
  abstract INDArray input(int which);

  /** The kernel and biases of this node, a convolution or a fully connected layer. */
  abstract MapOperations.Kernel kernel(Operation.Layer layer);

  /** Where an operation that changes each value by itself writes: its first input or new memory. */
  abstract INDArray target();

  /** The factor of a sum's second part. */
  abstract double scale(Operation.Add sum);

  /** New memory for this node's output. */
  final INDArray empty() {
    return MapOperations.empty(scope, shape);
  }

  @Override
  public INDArray input(Operation.Input input) {
    throw new IllegalStateException("images are given, not computed");
  }

  @Override
  public INDArray convolution(Operation.Convolution convolution) {
    return MapOperations.convolution(
        scope, input(0), kernel(convolution), convolution.window(), shape);
  }

  @Override
  public INDArray fullyConnected(Operation.FullyConnected layer) {
    return MapOperations.convolution(scope, input(0), kernel(layer), MapOperations.POINT, shape);
  }

  @Override
  public INDArray relu(Operation.Relu relu) {
    INDArray output = target();
    MapOperations.relu(input(0), output);
    return output;
  }

  @Override
  public INDArray sigmoid(Operation.Sigmoid sigmoid) {
    INDArray output = target();
    MapOperations.sigmoid(input(0), output);
    return output;
  }

  @Override
  public INDArray maxPool(Operation.MaxPool pool) {
    return MapOperations.maxPool(scope, input(0), pool, shape);
  }

  @Override
  public INDArray averagePool(Operation.AveragePool pool) {
    return MapOperations.averagePool(scope, input(0), pool, shape);
  }

  @Override
  public INDArray subsample(Operation.Subsample subsample) {
    return MapOperations.subsample(scope, input(0), subsample, shape);
  }

  @Override
  public INDArray globalAveragePool(Operation.GlobalAveragePool pool) {
    return MapOperations.globalAveragePool(scope, input(0));
  }

  @Override
  public INDArray bilinearPool(Operation.BilinearPool pool) {
    return BilinearPooling.pool(scope, input(0));
  }

  @Override
  public INDArray tensorSketchPool(Operation.TensorSketchPool pool) {
    return BilinearPooling.sketch(scope, input(0), pool);
  }

  @Override
  public INDArray signedSquareRoot(Operation.SignedSquareRoot root) {
    return BilinearPooling.signedSquareRoot(scope, input(0), root);
  }

  @Override
  public INDArray l2Normalization(Operation.L2Normalization norm) {
    return BilinearPooling.l2Normalization(scope, input(0), norm);
  }

  @Override
  public INDArray add(Operation.Add add) {
    INDArray output = target();
    if (output != input(0)) {
      output.assign(input(0));
    }
    MapOperations.addScaled(output, scale(add), input(1));
    return output;
  }

  @Override
  public INDArray multiply(Operation.Multiply multiply) {
    INDArray output = target();
    input(0).muli(multiply.factor(), output);
    return output;
  }

  @Override
  public INDArray scaleChannels(Operation.ScaleChannels scale) {
    INDArray output = target();
    MapOperations.multiplyPerChannel(input(0), input(1), output);
    return output;
  }

  @Override
  public INDArray concatenate(Operation.Concatenate concatenate) {
    List<INDArray> parts = IntStream.range(0, node.inputs().size()).mapToObj(this::input).toList();
    return MapOperations.concatenate(scope, parts, shape);
  }
}
