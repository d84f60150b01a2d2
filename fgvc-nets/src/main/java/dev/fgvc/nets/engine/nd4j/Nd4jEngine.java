package dev.fgvc.nets.engine.nd4j;

import static dev.fgvc.nets.engine.nd4j.Nd4jLibrary.ND4J;

import dev.fgvc.artifact.Artifact;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.guard.GuardedNetwork;
import dev.fgvc.nets.engine.guard.GuardedTrainableNetwork;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.Locale;

/**
 * The engine on ND4J, on whichever backend is on the class path: nd4j-native computes on {@link
 * Device#cpu()}, nd4j-cuda-11.6 on the first GPU, {@code Device.cuda(0)}. A check of the torch
 * engine first of all; it is slower.
 */
public final class Nd4jEngine implements Engine {

  /** For {@link java.util.ServiceLoader}; use {@link Engine#nd4j()}. */
  public Nd4jEngine() {}

  @Override
  public String name() {
    return "nd4j";
  }

  @Override
  public int priority() {
    return 10;
  }

  @Override
  public String unavailableBecause() {
    return ND4J.unavailableBecause().orElse("");
  }

  @Override
  public List<Artifact> missingArtifacts() {
    return ND4J.missingArtifacts();
  }

  @Override
  public Network compile(NetworkGraph graph, Weights weights, InferenceOptions options) {
    weights.requireFor(graph);
    requireSupported(graph, options.device());
    if (options.precision() != Precision.FP32) {
      throw new EngineException(
          "ND4J computes in FP32 only, "
              + options.precision()
              + " was asked for: use Precision.FP32 or Engine.torch()");
    }
    return ND4J.call(
        "compiling " + graph.name(),
        () -> new GuardedNetwork(ND4J, new Nd4jNetwork(graph, weights)));
  }

  @Override
  public TrainableNetwork compileForTraining(
      NetworkGraph graph, Weights weights, TrainingOptions options) {
    weights.requireFor(graph);
    requireSupported(graph, options.device());
    if (graph.nodes().stream().anyMatch(Nd4jEngine::winsByPadding)) {
      throw new EngineException(
          graph.name()
              + " has a max pooling that counts padding, which ND4J can only infer with: use"
              + " Engine.torch() to train it");
    }
    return ND4J.call(
        "compiling " + graph.name() + " for training",
        () -> new GuardedTrainableNetwork(ND4J, new Nd4jTrainableNetwork(graph, weights, options)));
  }

  private static void requireSupported(NetworkGraph graph, Device device) {
    Device own = ND4J.call("asking for the backend's device", () -> Nd4jLibrary.device());
    if (!device.equals(own)) {
      throw new EngineException(
          String.format(
              Locale.ROOT,
              "ND4J's backend on the class path computes on %s, %s was asked for: put nd4j-native"
                  + " (CPU) or nd4j-cuda-11.6 (the first GPU) on the class path",
              own,
              device));
    }
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.Sliding sliding
          && sliding.window().padding() == Padding.FIXED
          && (sliding.window().height() % 2 == 0 || sliding.window().width() % 2 == 0)) {
        throw new EngineException(
            String.format(
                Locale.ROOT,
                "ND4J cannot pad a window of %s, node %d of %s: use an odd side, SAME padding or"
                    + " Engine.torch()",
                sliding.window(),
                node.index(),
                graph.name()));
      }
    }
  }

  private static boolean winsByPadding(Node node) {
    return node.operation() instanceof Operation.MaxPool pool && pool.countsPadding();
  }
}
