package dev.fgvc.nets.engine.torch.kernel;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolution's kernel, with copies in the layouts that oneDNN wants for the inputs it meets.
 *
 * <p>The best layout depends on the batch, on the size of the activation and on the threads. A
 * kernel in the plain layout is reordered at each call, quickly; one in the layout of another input
 * may be reordered at each call too, and slowly: for Inception-v3 on one image in bfloat16 that
 * took ten times as long as the products. So a copy serves one shape alone.
 *
 * <p>Copies are made between batches: among the activations of a batch they would leave the
 * allocator no room for large ones, which it then fetches from the system and gives back each time.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class FittedKernel implements AutoCloseable {

  /** Shapes that get a copy; any others are served by the plain kernel. */
  private static final int COPIES = 3;

  /** How often a plain kernel is made before it is kept. */
  private static final int TIMES = 3;

  private final Supplier<Tensor> source;
  private int timesMade;
  private Optional<Tensor> plain = Optional.empty();
  private final Map<InputShape, Tensor> copies = new HashMap<>();

  /** Shapes that are to get a copy, and how. */
  private final Map<InputShape, Fitting> awaited = new HashMap<>();

  /** A batch of activations and the threads that share it. */
  private record InputShape(long count, long channels, long height, long width, int threads) {

    private long[] sizes() {
      return new long[] {count, channels, height, width};
    }
  }

  /** Makes a copy for an input. */
  public interface Fitting {
    Tensor fit(Tensor plain, long[] inputShape);
  }

  private FittedKernel(Supplier<Tensor> source) {
    this.source = source;
  }

  /**
   * A kernel [out, in, h, w].
   *
   * @param source makes it in the plain layout in the pointer scope that is open, the same at each
   *     call
   */
  public static FittedKernel of(Supplier<Tensor> source) {
    return new FittedKernel(source);
  }

  /** The kernel in the plain layout; it belongs to the caller's scope. */
  private Tensor plain() {
    if (plain.isPresent()) {
      return new Tensor(plain.get());
    }
    Tensor made = source.get();
    if (++timesMade >= TIMES) {
      made.retainReference();
      plain = Optional.of(made);
      return new Tensor(made);
    }
    return made;
  }

  /**
   * The kernel to use on an input; any number of threads may ask. The first input's shape gets its
   * copy at once, and the plain kernel goes.
   *
   * @param threads how many share the input
   * @param recurring whether {@link #fit} is to make a copy for inputs of this shape
   */
  public synchronized Tensor forInput(
      Tensor input, int threads, boolean recurring, Fitting fitting) {
    InputShape shape =
        new InputShape(input.size(0), input.size(1), input.size(2), input.size(3), threads);
    if (copies.isEmpty() && awaited.isEmpty()) {
      fit(shape, fitting);
    }
    Tensor copy = copies.get(shape);
    if (copy != null) {
      return copy;
    }
    if (recurring && copies.size() + awaited.size() < COPIES) {
      awaited.put(shape, fitting);
    }
    return plain();
  }

  /** Whether {@link #fit} has something to do. */
  public synchronized boolean isAwaited(int threads) {
    return awaited.keySet().stream().anyMatch(shape -> shape.threads() == threads);
  }

  /**
   * Makes the copies for activations that this many threads share; libtorch is to be set to as
   * many.
   */
  public synchronized void fit(int threads) {
    awaited.forEach(
        (shape, fitting) -> {
          if (shape.threads() == threads) {
            fit(shape, fitting);
          }
        });
    awaited.keySet().removeAll(copies.keySet());
  }

  private void fit(InputShape shape, Fitting fitting) {
    try (PointerScope temporaries = new PointerScope()) {
      Tensor copy = fitting.fit(plain(), shape.sizes());
      copy.retainReference();
      copies.put(shape, copy);
    }
  }

  @Override
  public synchronized void close() {
    copies.values().forEach(Tensor::releaseReference);
    copies.clear();
    awaited.clear();
    plain.ifPresent(Tensor::releaseReference);
    plain = Optional.empty();
  }
}
