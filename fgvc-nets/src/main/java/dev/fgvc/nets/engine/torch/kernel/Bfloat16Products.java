package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import dev.fgvc.nets.engine.torch.runtime.BoxedOperator;
import dev.fgvc.nets.engine.torch.runtime.ProcessSettings;
import dev.fgvc.nets.engine.torch.runtime.SingleThreadWorkers;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Products of bfloat16 by instructions of this CPU, and whether they are worth it.
 *
 * <p>The names of instructions do not tell: with AVX-512 BF16 but without AMX, Inception-v3 took
 * 0.7 of the time of float32 on an AMD EPYC, and 1.4 to 1.7 times as long on an Intel Xeon of
 * family 6, model 207. So a convolution is measured.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class Bfloat16Products {

  /**
   * How many times as fast as in float32 a convolution has to be in bfloat16. It was 0.6 times as
   * fast on that Xeon, and is several times as fast with AMX.
   */
  private static final double WORTHWHILE = 1.25;

  /** Turns of the measurement, of which the fastest counts for each type. */
  private static final int TURNS = 12;

  private Bfloat16Products() {}

  /**
   * Whether a convolution in bfloat16 multiplies by instructions for it, which neither libtorch nor
   * oneDNN says. These instructions take subnormal numbers for zeros whatever the thread's mode;
   * code that widens its factors and multiplies them in float32 keeps them.
   */
  static boolean exist() {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope temporaries = new PointerScope();
        OwnedPointers owned = new OwnedPointers()) {
      if (!BoxedOperator.find("mkldnn::_is_mkldnn_bf16_supported", "", owned).test()) {
        return false;
      }
      Tensor subnormal = torch.full(new long[] {64, 64, 3, 3}, new Scalar(Float.MIN_NORMAL / 2));
      boolean keptInFloat32 = subnormal.sum().item_float() > 0;
      Tensor ones = torch.ones(new long[] {1, 64, 8, 8}, new TensorOptions(ScalarType.BFloat16));
      Tensor products = torch.conv2d(ones, subnormal.to(ScalarType.BFloat16));
      return keptInFloat32 && !products.any().item_bool();
    } catch (RuntimeException e) {
      return false; // another libtorch, without the operator
    }
  }

  /**
   * Whether they exist and a convolution is clearly faster by them than in float32. That takes some
   * 15 ms, on a thread of its own where one may be started: threads that share a small convolution
   * wait for each other longer than they compute, beside other work.
   */
  static boolean areWorthwhile() {
    Supplier<Boolean> measurement = () -> exist() && gain() > WORTHWHILE;
    return ProcessSettings.mayChange()
        ? SingleThreadWorkers.run(1, List.of(measurement)).get(0)
        : measurement.get();
  }

  /** The time of a convolution in float32 over that in bfloat16. */
  private static double gain() {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope temporaries = new PointerScope()) {
      Sample single = Sample.of(ScalarType.Float);
      Sample half = Sample.of(ScalarType.BFloat16);
      long singleTime = Long.MAX_VALUE;
      long halfTime = Long.MAX_VALUE;
      for (int turn = 0; turn < TURNS; turn++) { // by turns, so that a busy moment hits both
        singleTime = Math.min(singleTime, single.nanoseconds());
        halfTime = Math.min(halfTime, half.nanoseconds());
      }
      return (double) singleTime / halfTime;
    }
  }

  /** A convolution with 58 million multiply-adds, less than half a millisecond in float32. */
  private record Sample(Tensor input, Tensor kernel) {

    static Sample of(ScalarType type) {
      return new Sample(
          torch.ones(1, 64, 28, 28).to(type).contiguous(MemoryFormat.ChannelsLast),
          torch.ones(64, 64, 3, 3).to(type).contiguous(MemoryFormat.ChannelsLast));
    }

    long nanoseconds() {
      long start = System.nanoTime();
      torch.conv2d(input, kernel).close();
      return System.nanoTime() - start;
    }
  }
}
