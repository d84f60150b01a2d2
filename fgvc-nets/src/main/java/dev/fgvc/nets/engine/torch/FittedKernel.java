package dev.fgvc.nets.engine.torch;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A convolution's kernel, with copies in the layouts that oneDNN wants for the inputs it meets.
 *
 * <p>The best layout depends on the batch, on the size of the map and on the threads. A kernel in
 * the plain layout is reordered at each call, quickly; one in the layout of another input may be
 * reordered at each call too, and slowly: for Inception-v3 on one image in bfloat16 that took ten
 * times as long as the products. So a copy serves one shape alone. It is made when a shape comes
 * for the second time, since most of those that come once are the last batch of a data set.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class FittedKernel implements AutoCloseable {

  /** Shapes that get a copy; any others are served by the plain kernel. */
  private static final int COPIES = 3;

  /** Shapes to remember at all. */
  private static final int REMEMBERED = 64;

  private final Tensor plain;
  private final Map<InputShape, Optional<Tensor>> seen = new HashMap<>();
  private int copies;

  /** A batch of maps and the threads that share it. */
  private record InputShape(long count, long height, long width, int threads) {}

  /** Makes a copy for an input. */
  interface Fitting {
    Tensor fit(Tensor plain, long[] inputShape);
  }

  /** Takes a kernel [out, in, h, w], which belongs to the caller's scope too. */
  FittedKernel(Tensor plain) {
    this.plain = plain;
    plain.retainReference();
  }

  Tensor plain() {
    return plain;
  }

  /** The kernel to use on an input; any number of threads may ask. */
  synchronized Tensor forInput(Tensor input, Fitting fitting) {
    InputShape shape =
        new InputShape(input.size(0), input.size(2), input.size(3), torch.get_num_threads());
    Optional<Tensor> copy = seen.get(shape);
    if (copy == null) {
      if (seen.size() < REMEMBERED) {
        seen.put(shape, Optional.empty());
      }
      return plain;
    }
    if (copy.isEmpty() && copies < COPIES) {
      copies++;
      copy = Optional.of(fitted(shape, input.size(1), fitting));
      seen.put(shape, copy);
    }
    return copy.orElse(plain);
  }

  private Tensor fitted(InputShape shape, long channels, Fitting fitting) {
    try (PointerScope temporaries = new PointerScope()) {
      long[] sizes = {shape.count(), channels, shape.height(), shape.width()};
      Tensor copy = fitting.fit(plain, sizes);
      copy.retainReference();
      return copy;
    }
  }

  @Override
  public synchronized void close() {
    seen.values().forEach(copy -> copy.ifPresent(Tensor::releaseReference));
    seen.clear();
    plain.releaseReference();
  }
}
