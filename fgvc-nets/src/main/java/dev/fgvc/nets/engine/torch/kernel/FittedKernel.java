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

  private final Supplier<Tensor> source;
  private final boolean lasting;
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

  private FittedKernel(Supplier<Tensor> source, boolean lasting) {
    this.source = source;
    this.lasting = lasting;
  }

  /** Keeps a kernel [out, in, h, w], which belongs to the caller's scope too. */
  public static FittedKernel of(Tensor plain) {
    FittedKernel kernel = new FittedKernel(() -> plain, true);
    kernel.plain();
    return kernel;
  }

  /**
   * A plain kernel that is made again whenever it is needed; it is kept once there are more shapes
   * than copies.
   *
   * @param source makes it in the pointer scope that is open, the same at each call
   */
  public static FittedKernel remade(Supplier<Tensor> source) {
    return new FittedKernel(source, false);
  }

  /** The kernel in the plain layout; it belongs to the caller's scope. */
  public synchronized Tensor plain() {
    if (plain.isEmpty()) {
      Tensor made = source.get();
      made.retainReference();
      plain = Optional.of(made);
    }
    return new Tensor(plain.get());
  }

  /**
   * The kernel to use on an input; any number of threads may ask.
   *
   * @param threads how many share the input
   * @param recurring whether {@link #fit} is to make a copy for inputs of this shape
   */
  public Tensor forInput(Tensor input, int threads, boolean recurring, Fitting fitting) {
    InputShape shape =
        new InputShape(input.size(0), input.size(1), input.size(2), input.size(3), threads);
    synchronized (this) {
      Tensor copy = copies.get(shape);
      if (copy != null) {
        return copy;
      }
      boolean roomForCopy = copies.size() + awaited.size() < COPIES;
      if (recurring && roomForCopy) {
        awaited.put(shape, fitting);
      }
      if (lasting || !roomForCopy) {
        return plain();
      }
    }
    return source.get();
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
            try (PointerScope temporaries = new PointerScope()) {
              Tensor copy = fitting.fit(plain.orElseGet(source), shape.sizes());
              copy.retainReference();
              copies.put(shape, copy);
            }
          }
        });
    awaited.keySet().removeAll(copies.keySet());
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
