package dev.fgvc.nets.engine.torch;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolution's kernel, with copies in the layouts that oneDNN wants for the inputs it meets.
 *
 * <p>The best layout depends on the batch, on the size of the map and on the threads. A kernel in
 * the plain layout is reordered at each call, quickly; one in the layout of another input may be
 * reordered at each call too, and slowly: for Inception-v3 on one image in bfloat16 that took ten
 * times as long as the products. So a copy serves one shape alone.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class FittedKernel implements AutoCloseable {

  /** Shapes that get a copy; any others are served by the plain kernel. */
  private static final int COPIES = 3;

  private final Tensor plain;
  private final Map<InputShape, Tensor> copies = new HashMap<>();

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

  /**
   * The kernel to use on an input; any number of threads may ask.
   *
   * @param threads how many share the input
   * @param recurring whether a copy for its shape is worth making
   */
  synchronized Tensor forInput(Tensor input, int threads, boolean recurring, Fitting fitting) {
    InputShape shape = new InputShape(input.size(0), input.size(2), input.size(3), threads);
    Tensor copy = copies.get(shape);
    if (copy == null && recurring && copies.size() < COPIES) {
      copy = fitted(shape, input.size(1), fitting);
      copies.put(shape, copy);
    }
    return copy == null ? plain : copy;
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
    copies.values().forEach(Tensor::releaseReference);
    copies.clear();
    plain.releaseReference();
  }
}
