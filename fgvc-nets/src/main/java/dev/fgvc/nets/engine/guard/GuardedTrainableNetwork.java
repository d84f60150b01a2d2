package dev.fgvc.nets.engine.guard;

import dev.fgvc.loader.Targets;
import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.Weights;
import java.util.List;

/** A network being trained whose failures are told in an engine's words. */
public final class GuardedTrainableNetwork implements TrainableNetwork {

  private final NativeLibrary library;
  private final TrainableNetwork network;

  /**
   * Wraps a network.
   *
   * @param library that the network computes with
   * @param network closed with this one
   */
  public GuardedTrainableNetwork(NativeLibrary library, TrainableNetwork network) {
    this.library = library;
    this.network = network;
  }

  @Override
  public NetworkGraph graph() {
    return network.graph();
  }

  @Override
  public Precision precision() {
    return network.precision();
  }

  @Override
  public StepLoss accumulate(Images images, Targets targets) {
    FinitePixels.require(images);
    return library.call(
        "training " + name() + " on " + images.count() + " images of " + images.resolution(),
        () -> network.accumulate(images, targets));
  }

  @Override
  public void join(ProcessGroup processes) {
    library.run("sharing the state of " + name(), () -> network.join(processes));
  }

  @Override
  public List<StepLoss> exchange(int count) {
    return library.call("adding up the gradients of " + name(), () -> network.exchange(count));
  }

  @Override
  public void simulateWorkers(int count) {
    library.run("copying the weights of " + name(), () -> network.simulateWorkers(count));
  }

  @Override
  public void turn(int worker) {
    library.run("a turn of " + name(), () -> network.turn(worker));
  }

  @Override
  public void update(double learningRate) {
    library.run("an update of " + name(), () -> network.update(learningRate));
  }

  @Override
  public Weights gradients() {
    return library.call("reading the gradients of " + name(), network::gradients);
  }

  @Override
  public Weights weights() {
    return library.call("reading the weights of " + name(), network::weights);
  }

  @Override
  public Weights averagedWeights() {
    return library.call("reading the averages of " + name(), network::averagedWeights);
  }

  @Override
  public TrainingState state() {
    return library.call("reading the state of " + name(), network::state);
  }

  @Override
  public void restore(TrainingState state) {
    library.run("restoring the state of " + name(), () -> network.restore(state));
  }

  @Override
  public void close() {
    library.run("closing " + name(), network::close);
  }

  private String name() {
    return graph().name();
  }
}
