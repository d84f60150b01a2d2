package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.CountSketch;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Compact bilinear pooling by Tensor Sketch: the count sketches of all cells, a product in the
 * frequency domain, the mean over the cells and one transform back, a few images at a time, since
 * the sketches are many times as large as the activation. All is in double precision: a bucket
 * without products comes back as rounding alone, which the slope of a square root would multiply by
 * thousands. Sums are taken in the same order each time, on a GPU too.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class TensorSketch {

  /** The most values in a sketch of all cells, unless a single image has more. */
  private static final long VALUES_AT_ONCE = 1 << 22;

  private static final int LAST = -1;

  private static final int SUM = 0;

  private final long dimension;
  private final long cells;
  private final Sketch first;
  private final Sketch second;

  private TensorSketch(Tensor input, Operation.TensorSketchPool pool) {
    dimension = pool.dimension();
    cells = input.size(2) * input.size(3);
    var sketches = pool.sketches(Math.toIntExact(input.size(1)));
    first = Sketch.of(sketches.get(0), pool.dimension(), input);
    second = Sketch.of(sketches.get(1), pool.dimension(), input);
  }

  /** The pooled sketches [n, d, 1, 1] of an activation, in its type. */
  static Tensor pool(Tensor input, Operation.TensorSketchPool pool) {
    TensorSketch sketch = new TensorSketch(input, pool);
    Tensor pooled =
        torch.empty(
            new long[] {input.size(0), pool.dimension(), 1, 1},
            input.options(),
            new MemoryFormatOptional());
    sketch.inParts(
        input.size(0),
        (from, count) ->
            pooled
                .narrow(0, from, count)
                .copy_(sketch.pooled(input.narrow(0, from, count)).view(count, -1, 1, 1)));
    return pooled;
  }

  /**
   * The gradient of the activation, in its type.
   *
   * @param gradient of the pooled sketches
   */
  public static Tensor backward(Tensor gradient, Tensor input, Operation.TensorSketchPool pool) {
    TensorSketch sketch = new TensorSketch(input, pool);
    Tensor result = torch.empty_like(input);
    sketch.inParts(
        input.size(0),
        (from, count) ->
            result
                .narrow(0, from, count)
                .copy_(
                    sketch.spread(gradient.narrow(0, from, count), input.narrow(0, from, count))));
    return result;
  }

  /** Takes a range of images. */
  @FunctionalInterface
  private interface Part {
    void run(long from, long count);
  }

  private void inParts(long images, Part part) {
    long together = Math.max(1, VALUES_AT_ONCE / (cells * dimension));
    for (long from = 0; from < images; from += together) {
      try (PointerScope temporaries = new PointerScope()) {
        part.run(from, Math.min(together, images - from));
      }
    }
  }

  /** [n, d]. */
  private Tensor pooled(Tensor input) {
    Tensor channels = channels(input);
    Tensor products = spectrum(first, channels).mul_(spectrum(second, channels));
    return buckets(images(products).sum(1)).div_(new Scalar((double) cells));
  }

  /**
   * The gradient of some images: a circular convolution passes the gradient on as its correlation
   * with the other factor, a product with the conjugate.
   */
  private Tensor spread(Tensor gradient, Tensor input) {
    Tensor channels = channels(input);
    Tensor ofCell = gradient.flatten(1, LAST).to(ScalarType.Double).div(new Scalar((double) cells));
    Tensor arrived = torch.fft_rfft(ofCell).unsqueeze(1);
    Tensor ofFirst = correlated(arrived, spectrum(second, channels));
    Tensor ofSecond = correlated(arrived, spectrum(first, channels));
    return first
        .back(ofFirst)
        .add_(second.back(ofSecond))
        .view(input.size(0), input.size(2), input.size(3), input.size(1))
        .permute(0, 3, 1, 2);
  }

  /** [n * h * w, d]. */
  private Tensor correlated(Tensor arrived, Tensor spectrum) {
    return buckets(arrived.mul(images(spectrum).conj()).flatten(0, 1));
  }

  /** [c, n * h * w]. */
  private static Tensor channels(Tensor input) {
    return input.transpose(0, 1).reshape(input.size(1), LAST).to(ScalarType.Double).contiguous();
  }

  /** The rows of each image's cells, [n, h * w, ...]. */
  private Tensor images(Tensor rows) {
    return rows.view(LAST, cells, rows.size(1));
  }

  /** [n * h * w, frequencies]. */
  private static Tensor spectrum(Sketch sketch, Tensor channels) {
    return torch.fft_rfft(sketch.apply(channels).t().contiguous());
  }

  private Tensor buckets(Tensor frequencies) {
    return torch.fft_irfft(
        frequencies, new LongOptional(dimension), LAST, new StringViewOptional());
  }

  /**
   * A count sketch.
   *
   * @param members the channels, bucket by bucket
   * @param starts of each bucket among the members
   * @param memberSigns of the members
   * @param buckets of the channels
   * @param signs of the channels
   */
  private record Sketch(
      Tensor members, Tensor starts, Tensor memberSigns, Tensor buckets, Tensor signs) {

    static Sketch of(CountSketch sketch, int dimension, Tensor like) {
      int[] members =
          IntStream.range(0, sketch.channels())
              .boxed()
              .sorted(Comparator.comparingInt(sketch::bucket))
              .mapToInt(Integer::intValue)
              .toArray();
      int[] starts = new int[dimension];
      for (int member = members.length - 1, bucket = dimension - 1; bucket >= 0; bucket--) {
        while (member >= 0 && sketch.bucket(members[member]) >= bucket) {
          member--;
        }
        starts[bucket] = member + 1;
      }
      int[] channels = IntStream.range(0, members.length).toArray();
      return new Sketch(
          whole(members, like),
          whole(starts, like),
          signs(sketch, members, like),
          whole(Arrays.stream(channels).map(sketch::bucket).toArray(), like),
          signs(sketch, channels, like));
    }

    private static Tensor whole(int[] values, Tensor like) {
      return TorchTensors.labels(values, Device.cpu()).to(like.device(), ScalarType.Long);
    }

    private static Tensor signs(CountSketch sketch, int[] channels, Tensor like) {
      float[] signs = new float[channels.length];
      for (int i = 0; i < signs.length; i++) {
        signs[i] = sketch.sign(channels[i]);
      }
      return TorchTensors.of(signs, new long[] {signs.length}, Device.cpu())
          .to(like.device(), ScalarType.Double);
    }

    /** From channels [c, m] to buckets [d, m]; a bucket's channels are added one after another. */
    Tensor apply(Tensor channels) {
      return torch
          .embedding_bag(
              channels, members, starts, false, SUM, false, new TensorOptional(memberSigns), false)
          .get0();
    }

    /** From gradients of buckets [m, d] to those of channels [m, c]. */
    Tensor back(Tensor gradients) {
      return gradients.index_select(1, buckets).mul_(signs);
    }
  }
}
