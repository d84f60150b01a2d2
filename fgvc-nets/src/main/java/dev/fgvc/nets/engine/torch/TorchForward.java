package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Window;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Walks a graph and computes its nodes. What differs between inference and training, the layers
 * with variables, is left to {@link Layers}.
 */
final class TorchForward {

  private static final long[] UNIT = {1, 1};
  private static final long[] NONE = {0, 0};

  /** The operations whose meaning depends on the mode. */
  interface Layers {

    /** Whether a node's output is its input itself, such as dropout in inference. */
    boolean isIdentity(Node node);

    /** Whether outputs may be overwritten and freed as soon as nothing reads them any more. */
    boolean releasesResults();

    Tensor convolution(Operation.Convolution operation, Tensor input);

    Tensor fullyConnected(Operation.FullyConnected operation, Tensor input);

    Tensor batchNorm(Operation.BatchNorm operation, Tensor input);

    Tensor dropout(Operation.Dropout operation, Tensor input);
  }

  private final NetworkGraph graph;
  private final Layers layers;

  /** For each node the one that really computes its output. */
  private final int[] producers;

  TorchForward(NetworkGraph graph, Layers layers) {
    this.graph = graph;
    this.layers = layers;
    this.producers = new int[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      producers[node.index()] =
          layers.isIdentity(node) ? producers[node.inputs().get(0)] : node.index();
    }
  }

  /** Computes some nodes for a batch; all tensors belong to the caller's pointer scope. */
  List<Tensor> run(Tensor images, List<Node> wanted) {
    int[] readers = readers(wanted);
    Tensor[] results = new Tensor[readers.length];
    for (Node node : graph.nodes()) {
      int index = node.index();
      if (readers[index] == 0 || producers[index] != index) {
        continue;
      }
      results[index] = compute(node, images, results, readers);
      for (int input : node.inputs()) {
        int producer = producers[input];
        if (--readers[producer] == 0 && layers.releasesResults()) {
          if (results[producer] != results[index]) { // equal after an activation in place
            results[producer].close();
          }
          results[producer] = null;
        }
      }
    }
    return wanted.stream().map(node -> results[producers[node.index()]]).toList();
  }

  /** How many needed nodes read each producer's output, plus one for each wanted result. */
  private int[] readers(List<Node> wanted) {
    int[] readers = new int[graph.nodes().size()];
    wanted.forEach(node -> readers[producers[node.index()]]++);
    for (int i = readers.length - 1; i >= 0; i--) {
      if (readers[i] > 0) {
        graph.nodes().get(i).inputs().forEach(input -> readers[producers[input]]++);
      }
    }
    return readers;
  }

  private Tensor compute(Node node, Tensor images, Tensor[] results, int[] readers) {
    Operation operation = node.operation();
    if (operation instanceof Operation.Input) {
      return images;
    }
    int producer = producers[node.inputs().get(0)];
    Tensor input = results[producer];
    boolean lastReader =
        layers.releasesResults()
            && readers[producer] == 1
            && !(graph.nodes().get(producer).operation() instanceof Operation.Input);
    if (operation instanceof Operation.Convolution convolution) {
      return layers.convolution(convolution, input);
    } else if (operation instanceof Operation.BatchNorm batchNorm) {
      return layers.batchNorm(batchNorm, input);
    } else if (operation instanceof Operation.Relu) {
      if (lastReader) {
        torch.relu_(input);
        return input;
      }
      return torch.relu(input);
    } else if (operation instanceof Operation.Add add) {
      Tensor second = results[producers[node.inputs().get(1)]];
      Scalar scale = new Scalar(add.scale());
      if (lastReader) {
        input.add_(second, scale);
        return input;
      }
      return input.add(second, scale);
    } else if (operation instanceof Operation.MaxPool pool) {
      return maxPool(input, pool);
    } else if (operation instanceof Operation.AveragePool pool) {
      return averagePool(input, pool);
    } else if (operation instanceof Operation.Subsample subsample) {
      long stride = subsample.stride();
      return torch.max_pool2d(input, UNIT, new long[] {stride, stride}, NONE, UNIT, false);
    } else if (operation instanceof Operation.GlobalAveragePool) {
      return torch.mean(input, new long[] {2, 3}, true, new ScalarTypeOptional());
    } else if (operation instanceof Operation.FullyConnected layer) {
      return layers.fullyConnected(layer, input.reshape(input.size(0), layer.inputs()));
    } else if (operation instanceof Operation.Sigmoid) {
      return torch.sigmoid(input);
    } else if (operation instanceof Operation.Multiply multiply) {
      return input.mul(new Scalar(multiply.factor()));
    } else if (operation instanceof Operation.ScaleChannels) {
      return input.mul(results[producers[node.inputs().get(1)]]);
    } else if (operation instanceof Operation.Concatenate) {
      TensorVector parts = new TensorVector();
      node.inputs().forEach(index -> parts.push_back(results[producers[index]]));
      return torch.cat(parts, 1);
    } else if (operation instanceof Operation.Dropout dropout) {
      return layers.dropout(dropout, input);
    }
    throw new IllegalStateException("no lowering for " + operation);
  }

  /** A convolution with zero padding as the window says. */
  static Tensor convolve(Tensor input, Tensor kernel, Optional<Tensor> biases, Window window) {
    Window.Border border = border(input, window);
    boolean symmetric = border.isSymmetric();
    Tensor padded = symmetric ? input : pad(input, border, 0);
    long[] padding = symmetric ? new long[] {border.top(), border.left()} : NONE;
    TensorOptional optionalBiases = biases.map(TensorOptional::new).orElseGet(TensorOptional::new);
    return torch.conv2d(padded, kernel, optionalBiases, strides(window), padding, UNIT, 1);
  }

  private static Tensor maxPool(Tensor input, Operation.MaxPool pool) {
    Window window = pool.window();
    Window.Border border = border(input, window);
    boolean ownPadding = border.isSymmetric() && !pool.countsPadding();
    double padValue = pool.countsPadding() ? 0 : Double.NEGATIVE_INFINITY;
    Tensor padded = ownPadding ? input : pad(input, border, padValue);
    long[] padding = ownPadding ? new long[] {border.top(), border.left()} : NONE;
    return torch.max_pool2d(padded, kernel(window), strides(window), padding, UNIT, false);
  }

  private static Tensor averagePool(Tensor input, Operation.AveragePool pool) {
    Window window = pool.window();
    Window.Border border = border(input, window);
    boolean countsPadding = pool.countsPadding();
    if (border.isSymmetric()) {
      long[] padding = {border.top(), border.left()};
      return torch.avg_pool2d(
          input,
          kernel(window),
          strides(window),
          padding,
          false,
          countsPadding,
          new LongOptional());
    }
    if (countsPadding) {
      long cells = (long) window.height() * window.width();
      return sumPool(pad(input, border, 0), window).div_(new Scalar((double) cells));
    }
    Tensor ones = torch.ones(new long[] {1, 1, input.size(2), input.size(3)}, input.options());
    return sumPool(pad(input, border, 0), window).div_(sumPool(pad(ones, border, 0), window));
  }

  private static Tensor sumPool(Tensor input, Window window) {
    return torch.avg_pool2d(
        input, kernel(window), strides(window), NONE, false, true, new LongOptional(1));
  }

  private static Tensor pad(Tensor input, Window.Border border, double value) {
    long[] sides = {border.left(), border.right(), border.top(), border.bottom()};
    return torch.constant_pad_nd(input, sides, new Scalar(value));
  }

  private static Window.Border border(Tensor input, Window window) {
    return window.border((int) input.size(2), (int) input.size(3));
  }

  private static long[] kernel(Window window) {
    return new long[] {window.height(), window.width()};
  }

  private static long[] strides(Window window) {
    return new long[] {window.stride(), window.stride()};
  }
}
