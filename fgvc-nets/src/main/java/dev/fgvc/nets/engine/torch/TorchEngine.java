package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.Weights;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;

/**
 * The engine on libtorch.
 *
 * <p>In float32 on the processors, inference computes convolutions without strides by Winograd's
 * minimal filtering where that is cheaper, which depends on shapes and threads alone and wants at
 * least one image a thread. Logits and features of the paper's networks stay within 2e-6 of the
 * authors' code, relative to their Euclidean norm, as they do by products one by one.
 */
public final class TorchEngine implements Engine {

  /** For {@link java.util.ServiceLoader}; use {@link Engine#torch()}. */
  public TorchEngine() {}

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public String unavailableBecause() {
    try {
      TorchLibrary.load();
      return "";
    } catch (NoClassDefFoundError e) {
      return "libtorch's binding is not on the class path: add org.bytedeco:pytorch-platform"
          + " (missing class: "
          + e.getMessage()
          + ")";
    } catch (UnsatisfiedLinkError e) {
      return "libtorch's native library cannot be loaded: add org.bytedeco:pytorch, openblas and"
          + " javacpp with the classifier of this platform, or org.bytedeco:pytorch-platform ("
          + e.getMessage()
          + ")";
    } catch (UncheckedIOException e) {
      return "libtorch's native library cannot be unpacked (" + e.getCause() + ")";
    }
  }

  @Override
  public Network compile(NetworkGraph graph, Weights weights, InferenceOptions options) {
    weights.requireFor(graph);
    requireDevice(options.device());
    FreedMemory.keep();
    return TorchFailures.during(
        "compiling " + graph.name(), () -> new TorchNetwork(graph, weights, options));
  }

  @Override
  public TrainableNetwork compileForTraining(
      NetworkGraph graph, Weights weights, TrainingOptions options) {
    weights.requireFor(graph);
    requireDevice(options.device());
    FreedMemory.keep();
    return new TorchTrainableNetwork(graph, weights, options);
  }

  @Override
  public <T> List<T> sideBySide(List<Supplier<T>> tasks) {
    int threads = Math.min(tasks.size(), torch.get_num_threads());
    return threads < 2 ? Engine.super.sideBySide(tasks) : LoneThreads.run(threads, tasks);
  }

  /** Refuses a device that is not there, and has float32 mean float32 on one that is. */
  static void requireDevice(Device device) {
    if (device.kind() != Device.Kind.CUDA) {
      return;
    }
    int count = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
    if (device.index() >= count) {
      throw new EngineException(
          String.format(
              Locale.ROOT,
              "libtorch sees %d CUDA devices, %s was asked for: put the native library with the"
                  + " classifier -gpu on the class path and check the driver, or use Device.cpu()",
              count,
              device));
    }
    // cuDNN would round the factors of float32 convolutions to 11 significant bits.
    torch.globalContext().setAllowTF32CuDNN(false);
  }
}
