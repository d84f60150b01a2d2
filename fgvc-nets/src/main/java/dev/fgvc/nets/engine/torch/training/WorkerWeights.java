package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The weights that each of several asynchronous workers has read last. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class WorkerWeights implements AutoCloseable {

  private final FlatVariables present;
  private final List<FlatVariables> workers = new ArrayList<>();

  /** The present weights while a worker's are in their place. */
  private final Tensor aside;

  private int turn;

  /**
   * Lets all workers read the weights.
   *
   * @param present the variables being trained; they stay the caller's
   */
  public WorkerWeights(FlatVariables present, int count, Device device) {
    this.present = present;
    try (PointerScope temporaries = new PointerScope()) {
      aside = torch.empty_like(present.flat());
      aside.retainReference();
    }
    try {
      for (int worker = 0; worker < count; worker++) {
        workers.add(new FlatVariables(present.parameters(), device));
        turn = worker;
        read();
      }
    } catch (RuntimeException | Error e) {
      close(); // memory may end at any of them
      throw e;
    }
    turn = 0;
  }

  /** Begins a worker's turn. */
  public void turn(int worker) {
    if (worker < 0 || worker >= workers.size()) {
      throw new IllegalArgumentException(
          "worker " + worker + " is not from 0 to " + (workers.size() - 1));
    }
    turn = worker;
  }

  /** Computes something with the weights of the worker whose turn it is. */
  public <T> T withOwn(Supplier<T> pass) {
    try (PointerScope temporaries = new PointerScope()) {
      aside.copy_(present.flat());
      present.flat().copy_(workers.get(turn).flat());
      try {
        return pass.get();
      } finally {
        present.flat().copy_(aside);
      }
    }
  }

  /** Lets the worker whose turn it is read the weights again. */
  public void read() {
    workers.get(turn).flat().copy_(present.flat());
  }

  /** The weights of all workers, by names for a state. */
  public Map<String, FlatVariables> slots() {
    Map<String, FlatVariables> slots = new LinkedHashMap<>();
    for (int worker = 0; worker < workers.size(); worker++) {
      slots.put("worker-" + worker, workers.get(worker));
    }
    return slots;
  }

  @Override
  public void close() {
    workers.forEach(FlatVariables::close);
    aside.releaseReference();
  }
}
