package dev.fgvc.nets.engine.torch;

import static dev.fgvc.nets.engine.torch.runtime.TorchLibrary.LIBTORCH;

import dev.fgvc.artifact.Artifact;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.guard.GuardedNetwork;
import dev.fgvc.nets.engine.guard.GuardedTrainableNetwork;
import dev.fgvc.nets.engine.torch.runtime.ProcessSettings;
import dev.fgvc.nets.engine.torch.runtime.SingleThreadWorkers;
import dev.fgvc.nets.engine.torch.runtime.TorchDevices;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.function.Supplier;

/**
 * The engine on libtorch.
 *
 * <p>In float32 on the CPU, inference computes convolutions without strides by Winograd's minimal
 * filtering where that is cheaper, which depends on shapes and threads alone and wants at least one
 * image a thread. Logits and features of the paper's networks stay within 2e-6 of the authors'
 * code, relative to their Euclidean norm, as they do by products one by one.
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
    return LIBTORCH.unavailableBecause().orElse("");
  }

  @Override
  public List<Artifact> missingArtifacts() {
    return LIBTORCH.missingArtifacts();
  }

  @Override
  public Network compile(NetworkGraph graph, Weights weights, InferenceOptions options) {
    weights.requireFor(graph);
    return LIBTORCH.call(
        "compiling " + graph.name(),
        () -> {
          prepare(options.device(), options.precision() == Precision.FP32);
          return new GuardedNetwork(LIBTORCH, new TorchNetwork(graph, weights, options));
        });
  }

  @Override
  public TrainableNetwork compileForTraining(
      NetworkGraph graph, Weights weights, TrainingOptions options) {
    weights.requireFor(graph);
    return LIBTORCH.call(
        "compiling " + graph.name() + " for training",
        () -> {
          prepare(options.device(), !options.bfloat16());
          return new GuardedTrainableNetwork(
              LIBTORCH, new TorchTrainableNetwork(graph, weights, options));
        });
  }

  private static void prepare(Device device, boolean float32) {
    TorchDevices.require(device);
    ProcessSettings.raiseMmapThreshold();
    if (float32) {
      ProcessSettings.useFullFloat32(device);
    }
  }

  @Override
  public <T> List<T> sideBySide(List<Supplier<T>> tasks) {
    int threads = LIBTORCH.call("counting threads", () -> SingleThreadWorkers.most(tasks.size()));
    return threads < 2 ? Engine.super.sideBySide(tasks) : SingleThreadWorkers.run(threads, tasks);
  }
}
