package dev.fgvc.nets.arch;

import dev.fgvc.image.Resolution;
import java.util.List;
import java.util.Locale;

/** Derives the shape of a node's output for one image from those of its inputs. */
final class NodeShape implements Operation.Visitor<MapShape> {

  private final NetworkGraph graph;
  private final Node node;
  private final List<MapShape> shapes;
  private final Resolution resolution;

  private NodeShape(NetworkGraph graph, Node node, List<MapShape> shapes, Resolution resolution) {
    this.graph = graph;
    this.node = node;
    this.shapes = shapes;
    this.resolution = resolution;
  }

  /**
   * The shape of a node's output.
   *
   * @param shapes of all nodes before this one
   * @throws IllegalArgumentException if the images are too small
   */
  static MapShape of(NetworkGraph graph, Node node, List<MapShape> shapes, Resolution resolution) {
    return node.operation().accept(new NodeShape(graph, node, shapes, resolution));
  }

  private MapShape before() {
    return shapes.get(node.inputs().get(0));
  }

  private MapShape slid(Operation.Sliding operation, String step) {
    Window window = operation.window();
    MapShape input = before();
    int height = window.outputHeight(input.height());
    int width = window.outputWidth(input.width());
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s cannot take images of %s: at %s a window of %s meets a map of %dx%d; use larger images",
              graph.name(),
              resolution,
              step,
              window,
              input.height(),
              input.width()));
    }
    return new MapShape(node.channels(), height, width);
  }

  private MapShape unchanged() {
    return new MapShape(node.channels(), before().height(), before().width());
  }

  private MapShape point() {
    return new MapShape(node.channels(), 1, 1);
  }

  @Override
  public MapShape input(Operation.Input input) {
    return new MapShape(node.channels(), resolution.height(), resolution.width());
  }

  @Override
  public MapShape convolution(Operation.Convolution convolution) {
    return slid(convolution, convolution.scope());
  }

  @Override
  public MapShape fullyConnected(Operation.FullyConnected layer) {
    return point();
  }

  @Override
  public MapShape batchNorm(Operation.BatchNorm norm) {
    return unchanged();
  }

  @Override
  public MapShape relu(Operation.Relu relu) {
    return unchanged();
  }

  @Override
  public MapShape sigmoid(Operation.Sigmoid sigmoid) {
    return unchanged();
  }

  @Override
  public MapShape maxPool(Operation.MaxPool pool) {
    return slid(pool, "max pooling");
  }

  @Override
  public MapShape averagePool(Operation.AveragePool pool) {
    return slid(pool, "average pooling");
  }

  @Override
  public MapShape subsample(Operation.Subsample subsample) {
    return slid(subsample, "subsample");
  }

  @Override
  public MapShape globalAveragePool(Operation.GlobalAveragePool pool) {
    return point();
  }

  @Override
  public MapShape bilinearPool(Operation.BilinearPool pool) {
    return point();
  }

  @Override
  public MapShape tensorSketchPool(Operation.TensorSketchPool pool) {
    return point();
  }

  @Override
  public MapShape signedSquareRoot(Operation.SignedSquareRoot root) {
    return unchanged();
  }

  @Override
  public MapShape l2Normalization(Operation.L2Normalization norm) {
    return unchanged();
  }

  @Override
  public MapShape add(Operation.Add add) {
    return unchanged();
  }

  @Override
  public MapShape multiply(Operation.Multiply multiply) {
    return unchanged();
  }

  @Override
  public MapShape scaleChannels(Operation.ScaleChannels scale) {
    return unchanged();
  }

  @Override
  public MapShape concatenate(Operation.Concatenate concatenate) {
    return unchanged();
  }

  @Override
  public MapShape dropout(Operation.Dropout dropout) {
    return unchanged();
  }
}
