package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.concurrent.Tasks;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes what outlives a batch, such as fitted kernels, on a thread of its own while threads compute
 * side by side. The C library gives each thread memory of its own: among the activations, what
 * stays would leave no room for large ones. Without such a thread the caller's does it.
 */
@SuppressWarnings("try") // scopes are opened for what their closing does
public final class FittingThread {

  private volatile Optional<ExecutorService> thread = Optional.empty();

  /**
   * Sets the thread.
   *
   * @param single on which libtorch computes alone; the caller ends it
   */
  public void set(ExecutorService single) {
    thread = Optional.of(single);
  }

  /** Makes a tensor, which belongs to the caller's pointer scope. */
  public Tensor make(Supplier<Tensor> work) {
    Optional<ExecutorService> other = thread;
    if (other.isEmpty() || torch.get_num_threads() > 1) {
      return work.get();
    }
    Tensor made = Tasks.awaitUninterruptibly(other.get().submit(() -> retained(work)));
    PointerScope.getInnerScope().attach(made);
    made.releaseReference();
    return made;
  }

  private static Tensor retained(Supplier<Tensor> work) {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope temporaries = new PointerScope()) {
      Tensor made = work.get();
      made.retainReference();
      return made;
    }
  }
}
