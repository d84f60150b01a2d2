package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The operations of a network on one image's activation [1, channels, height, width]. Results are
 * new arrays of the scope given, unless a method says that it works in place.
 */
final class MapOperations {

  /** The window of a fully connected layer: the one cell that its input has. */
  static final Window POINT = Window.square(1, 1, Padding.VALID);

  private MapOperations() {}

  /** A convolution's kernel as a matrix [out, in * height * width], and its biases, if any. */
  record Kernel(INDArray matrix, List<INDArray> biases) {}

  static INDArray convolution(
      ArrayScope scope, INDArray input, Kernel kernel, Window window, MapShape shape) {
    INDArray output = empty(scope, shape);
    INDArray columns = columns(scope, input, window, output);
    multiply(kernel.matrix(), false, matrix(columns, output), false, matrix(output, output), 0);
    if (columns != input) {
      scope.release(columns);
    }
    kernel.biases().forEach(biases -> addPerChannel(output, biases));
    return output;
  }

  /**
   * The cells under each position of a window, [1, in, height, width, rows, columns]; for a window
   * of one cell the activation itself.
   */
  static INDArray columns(ArrayScope scope, INDArray input, Window window, INDArray output) {
    if (isPoint(window)) {
      return input;
    }
    INDArray columns =
        scope.empty(
            1, input.size(1), window.height(), window.width(), output.size(2), output.size(3));
    Window.Border border = border(input, window);
    execute(
        "im2col",
        List.of(input),
        columns,
        window.height(),
        window.width(),
        window.stride(),
        window.stride(),
        border.top(),
        border.left(),
        1,
        1,
        window.padding() == Padding.SAME ? 1 : 0);
    return columns;
  }

  /** The same values as a matrix with a column for each cell of an activation. */
  static INDArray matrix(INDArray values, INDArray map) {
    long cells = map.size(2) * map.size(3);
    return values.reshape(values.length() / cells, cells);
  }

  /** Whether the columns of a window are the activation itself. */
  static boolean isPoint(Window window) {
    return window.height() == 1 && window.width() == 1 && window.stride() == 1;
  }

  static Window.Border border(INDArray input, Window window) {
    return window.border((int) input.size(2), (int) input.size(3));
  }

  /** result = a b + keep * result for row-major matrices, either factor transposed if asked. */
  static void multiply(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray result, int keep) {
    DynamicCustomOp product =
        DynamicCustomOp.builder("matmul")
            .addInputs(a, b)
            .addOutputs(result)
            .addIntegerArguments(transposeA ? 1 : 0, transposeB ? 1 : 0, 0)
            .addFloatingPointArguments(1.0, (double) keep)
            .build();
    Nd4j.exec(product);
  }

  /** In place. */
  static void addPerChannel(INDArray map, INDArray values) {
    DynamicCustomOp addition =
        DynamicCustomOp.builder("biasadd")
            .addInputs(map, values)
            .addOutputs(map)
            .addBooleanArguments(true)
            .build();
    Nd4j.exec(addition);
  }

  /** One factor a channel; the result may be the activation itself. */
  static void multiplyPerChannel(INDArray map, INDArray factors, INDArray result) {
    Nd4j.exec(new BroadcastMulOp(map, factors.reshape(map.size(1)), result, 1));
  }

  /** The result may be the activation itself. */
  static void relu(INDArray map, INDArray result) {
    Nd4j.exec(new RectifiedLinear(map, result, 0.0));
  }

  static void sigmoid(INDArray map, INDArray result) {
    Nd4j.exec(new Sigmoid(map, result));
  }

  /** sum += scale * term, in place. */
  static void addScaled(INDArray sum, double scale, INDArray term) {
    Nd4j.getBlasWrapper().level1().axpy(sum.length(), scale, term, sum);
  }

  /** In place. */
  static void squareRoot(INDArray values) {
    Nd4j.exec(new Sqrt(values, values));
  }

  /** The sum over each channel's cells. */
  static double[] channelSums(INDArray map) {
    try (INDArray sums = map.sum(0, 2, 3)) {
      float[] values = ArrayScope.values(sums);
      double[] wide = new double[values.length];
      for (int c = 0; c < wide.length; c++) {
        wide[c] = values[c];
      }
      return wide;
    }
  }

  static INDArray maxPool(
      ArrayScope scope, INDArray input, Operation.MaxPool pool, MapShape shape) {
    if (!pool.countsPadding()) {
      return maxPool(scope, input, pool.window(), shape);
    }
    Window window = pool.window();
    Window unpadded = new Window(window.height(), window.width(), window.stride(), Padding.VALID);
    INDArray padded = zeroPadded(scope, input, border(input, window));
    INDArray output = maxPool(scope, padded, unpadded, shape);
    scope.release(padded);
    return output;
  }

  static INDArray subsample(
      ArrayScope scope, INDArray input, Operation.Subsample subsample, MapShape shape) {
    return maxPool(scope, input, subsample.window(), shape);
  }

  private static INDArray maxPool(ArrayScope scope, INDArray input, Window window, MapShape shape) {
    INDArray output = empty(scope, shape);
    execute("maxpool2d", List.of(input), output, poolArguments(input, window, false));
    return output;
  }

  private static INDArray zeroPadded(ArrayScope scope, INDArray input, Window.Border border) {
    long height = input.size(2);
    long width = input.size(3);
    INDArray padded =
        scope.zeros(
            1,
            input.size(1),
            height + border.top() + border.bottom(),
            width + border.left() + border.right());
    padded
        .get(
            NDArrayIndex.all(),
            NDArrayIndex.all(),
            NDArrayIndex.interval(border.top(), border.top() + height),
            NDArrayIndex.interval(border.left(), border.left() + width))
        .assign(input);
    return padded;
  }

  static INDArray averagePool(
      ArrayScope scope, INDArray input, Operation.AveragePool pool, MapShape shape) {
    INDArray output = empty(scope, shape);
    execute(
        "avgpool2d",
        List.of(input),
        output,
        poolArguments(input, pool.window(), pool.countsPadding()));
    return output;
  }

  /** The last but one says whether padding counts in a mean; the last, channels first. */
  static int[] poolArguments(INDArray input, Window window, boolean countsPadding) {
    Window.Border border = border(input, window);
    int same = window.padding() == Padding.SAME ? 1 : 0;
    return new int[] {
      window.height(),
      window.width(),
      window.stride(),
      window.stride(),
      border.top(),
      border.left(),
      1,
      1,
      same,
      countsPadding ? 1 : 0,
      0
    };
  }

  static INDArray globalAveragePool(ArrayScope scope, INDArray input) {
    return scope.own(input.mean(true, 2, 3));
  }

  static INDArray concatenate(ArrayScope scope, List<INDArray> parts, MapShape shape) {
    INDArray output = empty(scope, shape);
    execute("concat", parts, output, 1);
    return output;
  }

  static INDArray empty(ArrayScope scope, MapShape shape) {
    return scope.empty(1, shape.channels(), shape.height(), shape.width());
  }

  static void execute(String name, List<INDArray> inputs, INDArray output, int... arguments) {
    DynamicCustomOp operation =
        DynamicCustomOp.builder(name)
            .addInputs(inputs.toArray(new INDArray[0]))
            .addOutputs(output)
            .addIntegerArguments(arguments)
            .build();
    Nd4j.exec(operation);
  }
}
