package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import dev.fgvc.nets.engine.torch.runtime.BoxedOperator;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * oneDNN's convolution with what follows it done while the result is still in registers: a ReLU, or
 * the sum with an activation that is overwritten. libtorch registers it for its own compiler,
 * without a C++ function to bind, so it is called through the dispatcher. Kernels can be reordered
 * once to oneDNN's own layout.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class OneDnnConvolution implements AutoCloseable {

  /** Lists have no constructor that the binding reaches; their literals are compiled instead. */
  private static final String LITERALS =
      """
      def pair(first: int, second: int) -> List[int]:
          return [first, second]
      def four(n: int, c: int, h: int, w: int) -> List[int]:
          return [n, c, h, w]
      def nothing() -> List[Optional[number]]:
          none: List[Optional[number]] = []
          return none
      """;

  /** Paddings and strides below this are kept; larger paddings are done beforehand. */
  private static final int SIDES = 5;

  private final OwnedPointers owned = new OwnedPointers();
  private final Map<Integer, IValue> pairs = new HashMap<>();
  private final BoxedOperator pointwise;
  private final BoxedOperator addingInPlace;
  private final BoxedOperator reordering;
  private final CompilationUnit literals;
  private final IValue nothing;
  private final IValue absent;
  private final IValue one;
  private final IValue none;
  private final IValue relu;
  private final IValue add;

  /** Finds the operators and keeps the arguments that every call needs. */
  public OneDnnConvolution() {
    try (PointerScope temporaries = new PointerScope()) {
      pointwise = BoxedOperator.find("mkldnn::_convolution_pointwise", "", owned);
      addingInPlace = BoxedOperator.find("mkldnn::_convolution_pointwise_", "binary", owned);
      reordering = BoxedOperator.find("mkldnn::_reorder_convolution_weight", "", owned);
      literals = owned.keep(torch.compile(LITERALS));
      nothing = owned.keep(literal("nothing"));
      absent = owned.keep(new IValue());
      one = owned.keep(new IValue(1L));
      none = owned.keep(new IValue("none"));
      relu = owned.keep(new IValue("relu"));
      add = owned.keep(new IValue("add"));
      for (int first = 0; first < SIDES; first++) {
        for (int second = 0; second < SIDES; second++) {
          pairs.put(key(first, second), owned.keep(literal("pair", first, second)));
        }
      }
    }
  }

  /**
   * Whether this libtorch has the operators and they are right here: tries each on whole numbers,
   * of which sums are exact in any order, beside convolutions in float64, which oneDNN lacks.
   */
  static boolean work() {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope temporaries = new PointerScope();
        OneDnnConvolution operators = new OneDnnConvolution()) {
      Tensor input = wholeNumbers(2, 16, 5, 5);
      Tensor kernel = wholeNumbers(16, 16, 3, 3);
      Tensor expected =
          torch
              .conv2d(input.to(ScalarType.Double), kernel.to(ScalarType.Double))
              .to(ScalarType.Float);
      Tensor fitted =
          operators.reordered(kernel, WindowArguments.NONE, WindowArguments.UNIT, 1, input.shape());
      Tensor rectified =
          operators.convolve(
              input, fitted, Optional.empty(), WindowArguments.NONE, WindowArguments.UNIT, 1, true);
      Tensor sum = wholeNumbers(2, 16, 3, 3);
      Tensor expectedSum = sum.add(expected);
      operators.addTo(
          sum, input, kernel, Optional.empty(), WindowArguments.NONE, WindowArguments.UNIT, false);
      return rectified.equal(torch.relu(expected)) && sum.equal(expectedSum);
    } catch (RuntimeException e) {
      return false; // an older or newer libtorch: plain convolutions do the same
    }
  }

  /** A channels-last activation of small numbers of both signs, the same at each call. */
  private static Tensor wholeNumbers(long... shape) {
    long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return torch
        .arange(new Scalar(count), TorchTensors.floats())
        .remainder(new Scalar(17))
        .sub(new Scalar(8))
        .view(shape)
        .contiguous(MemoryFormat.ChannelsLast);
  }

  /** Whether a padding or strides can be passed on; larger paddings are rare. */
  public boolean knows(long[] size) {
    return Math.max(size[0], size[1]) < SIDES;
  }

  /** A kernel in the layout that suits an input of a given shape; right for others, but slow. */
  public Tensor reordered(
      Tensor kernel, long[] padding, long[] stride, long groups, long[] inputShape) {
    return reordering.call(
        new IValue(kernel),
        pair(padding),
        pair(stride),
        pair(new long[] {1, 1}),
        new IValue(groups),
        literal("four", inputShape));
  }

  /** The convolution, and a ReLU of it if asked. */
  public Tensor convolve(
      Tensor input,
      Tensor kernel,
      Optional<Tensor> biases,
      long[] padding,
      long[] stride,
      long groups,
      boolean rectify) {
    return pointwise.call(
        new IValue(input),
        new IValue(kernel),
        biases.map(IValue::new).orElse(absent),
        pair(padding),
        pair(stride),
        pair(new long[] {1, 1}),
        new IValue(groups),
        rectify ? relu : none,
        nothing,
        absent);
  }

  /**
   * Adds the convolution to an activation, which is overwritten, and takes a ReLU of that if asked.
   */
  public Tensor addTo(
      Tensor sum,
      Tensor input,
      Tensor kernel,
      Optional<Tensor> biases,
      long[] padding,
      long[] stride,
      boolean rectify) {
    return addingInPlace.call(
        new IValue(sum),
        new IValue(input),
        new IValue(kernel),
        biases.map(IValue::new).orElse(absent),
        pair(padding),
        pair(stride),
        pair(new long[] {1, 1}),
        one,
        add,
        one,
        rectify ? relu : absent,
        nothing,
        absent);
  }

  private IValue pair(long[] values) {
    return pairs.get(key(values[0], values[1]));
  }

  private IValue literal(String function, long... values) {
    IValueVector stack = new IValueVector();
    for (long value : values) {
      stack.push_back(new IValue(value));
    }
    Function compiled = literals.find_function(new QualifiedName(function));
    compiled.run(stack);
    return new IValue(stack.get(0));
  }

  private static int key(long first, long second) {
    return Math.toIntExact(first * SIDES + second);
  }

  @Override
  public void close() {
    owned.close();
  }
}
