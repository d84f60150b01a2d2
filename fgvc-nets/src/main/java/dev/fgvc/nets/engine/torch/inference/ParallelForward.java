package dev.fgvc.nets.engine.torch.inference;

import static com.google.common.math.IntMath.divide;
import static java.math.RoundingMode.CEILING;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.concurrent.Tasks;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import dev.fgvc.nets.engine.torch.runtime.ProcessSettings;
import dev.fgvc.nets.engine.torch.runtime.SingleThreadWorkers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Inference on parts of a batch side by side, each part on a thread of its own. Where all threads
 * share each layer, they wait for each other at its end, and the activations of the whole batch
 * push each other out of the caches; neither happens here. On a GPU, and with batches too small or
 * too uneven to share, the batch goes through whole.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class ParallelForward implements AutoCloseable {

  /**
   * The bytes of a part's images: eight of 299 x 299 in bfloat16, four in float32, measured as the
   * best.
   */
  private static final long PART_BYTES = 9 << 19;

  private final TorchForward forward;
  private final InferenceLayers layers;
  private final boolean onCpu;

  private final long valueBytes;

  /** Whether it computes in float32 for somebody who asked for bfloat16 and its memory. */
  private final boolean inPlaceOfBfloat16;

  private Optional<ExecutorService> workers = Optional.empty();
  private Optional<ExecutorService> fitting = Optional.empty();

  /**
   * Prepares the walks over a network.
   *
   * @param asked for; in float32 in place of bfloat16, parts have half the images, so that
   *     activations take the memory of bfloat16, for up to a tenth more time
   */
  public ParallelForward(
      NetworkGraph graph,
      FoldedWeights folded,
      InferenceLayers layers,
      InferenceOptions options,
      Precision asked) {
    this.forward = new TorchForward(graph, folded, layers);
    this.layers = layers;
    this.onCpu = options.device().kind() == Device.Kind.CPU;
    this.valueBytes = options.precision() == Precision.BF16 ? 2 : 4;
    this.inPlaceOfBfloat16 = options.precision() != asked;
  }

  /** Makes the network's input of some images, in the pointer scope that is open. */
  public interface Input {
    Tensor part(int first, int size);
  }

  /**
   * Computes some nodes for a batch; all tensors belong to the caller's pointer scope.
   *
   * @param images is asked for on the threads that compute
   */
  public List<Tensor> run(int count, Resolution resolution, Input images, List<Node> wanted) {
    int threads = onCpu ? SingleThreadWorkers.threads() : 1;
    int sharing = ProcessSettings.mayChange() ? threads : 1;
    int parts = parts(count, 3 * resolution.pixels() * valueBytes, sharing, inPlaceOfBfloat16);
    if (parts == 1) {
      List<Tensor> results = forward.run(images.part(0, count), wanted);
      layers.fit(threads);
      layers.passed(count, threads);
      return results;
    }
    List<Future<List<Tensor>>> running = new ArrayList<>();
    ExecutorService pool = workers(threads);
    for (int part = 0; part < parts; part++) {
      int first = (int) ((long) part * count / parts);
      int size = (int) ((part + 1L) * count / parts) - first;
      running.add(pool.submit(() -> part(images, first, size, wanted)));
    }
    List<Tensor> results = joined(running, wanted.size());
    passed(pool, count / parts);
    passed(pool, divide(count, parts, CEILING));
    return results;
  }

  /** Fits kernels to a part's images as one of the threads would. */
  private void passed(ExecutorService pool, int size) {
    if (layers.isUnfitted(1)) {
      Tasks.awaitUninterruptibly(pool.submit(() -> layers.fit(1)));
    }
    layers.passed(size, 1);
  }

  /** The same with half as many images at once in place of bfloat16, where that can be. */
  static int parts(int count, long imageBytes, int threads, boolean inPlaceOfBfloat16) {
    int parts = inPlaceOfBfloat16 ? parts(count, 2 * imageBytes, threads) : 1;
    return parts > 1 ? parts : parts(count, imageBytes, threads);
  }

  /**
   * How many parts keep all threads busy: a multiple of the threads or single images, or 1 where
   * more than an eighth of the time some thread would have no image left.
   */
  static int parts(int count, long imageBytes, int threads) {
    if (threads == 1 || count < threads) {
      return 1;
    }
    int most = (int) Math.max(1, PART_BYTES / imageBytes);
    int parts = threads * divide(count, Math.multiplyExact(threads, most), CEILING);
    return 7L * divide(count, parts, CEILING) * parts <= 8L * count ? Math.min(parts, count) : 1;
  }

  private List<Tensor> part(Input images, int first, int size, List<Node> wanted) {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope scope = new PointerScope()) {
      List<Tensor> results = forward.run(images.part(first, size), wanted);
      results.forEach(Tensor::retainReference);
      return results;
    }
  }

  /** Waits for all parts even if one fails, since they read the caller's images. */
  private static List<Tensor> joined(List<Future<List<Tensor>>> running, int count) {
    List<List<Tensor>> parts = new ArrayList<>();
    Optional<Throwable> failure = Optional.empty();
    for (Future<List<Tensor>> part : running) {
      try {
        parts.add(Uninterruptibles.getUninterruptibly(part));
      } catch (ExecutionException e) {
        failure = failure.or(() -> Optional.of(e.getCause()));
      }
    }
    try {
      if (failure.isPresent()) {
        throw Tasks.unchecked(failure.get());
      }
      List<Tensor> whole = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int result = i;
        Tensor[] pieces = parts.stream().map(part -> part.get(result)).toArray(Tensor[]::new);
        whole.add(torch.cat(new TensorVector(pieces), 0));
      }
      return whole;
    } finally {
      parts.forEach(part -> part.forEach(Tensor::releaseReference));
    }
  }

  private synchronized ExecutorService workers(int threads) {
    if (workers.isEmpty()) {
      workers = Optional.of(SingleThreadWorkers.start(threads));
      fitting = Optional.of(SingleThreadWorkers.start(1));
      layers.fitOn(fitting.get());
    }
    return workers.get();
  }

  /** Ends the threads; nothing may be running. */
  @Override
  public synchronized void close() {
    workers.ifPresent(ExecutorService::shutdown);
    fitting.ifPresent(ExecutorService::shutdown);
  }
}
