package dev.fgvc.nets.engine.guard;

import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/** A network whose failures are told in an engine's words. */
public final class GuardedNetwork implements Network {

  private final NativeLibrary library;
  private final Network network;

  /**
   * Wraps a network.
   *
   * @param library that the network computes with
   * @param network closed with this one
   */
  public GuardedNetwork(NativeLibrary library, Network network) {
    this.library = library;
    this.network = network;
  }

  @Override
  public NetworkGraph graph() {
    return network.graph();
  }

  @Override
  public Weights weights() {
    return library.call("reading the weights of " + graph().name(), network::weights);
  }

  @Override
  public Precision precision() {
    return network.precision();
  }

  @Override
  public List<FMatrixRMaj> outputs(List<Node> nodes, ImageBatch images) {
    FinitePixels.require(images);
    return library.call(
        images.count() + " images of " + images.resolution() + " through " + graph().name(),
        () -> network.outputs(nodes, images));
  }

  @Override
  public DeviceClassMeans classMeans(int classes) {
    return library.call(
        "sums of " + classes + " classes of " + graph().name(), () -> network.classMeans(classes));
  }

  @Override
  public void close() {
    library.run("closing " + graph().name(), network::close);
  }
}
