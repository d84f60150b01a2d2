package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.ejml.data.FMatrixRMaj;

/** Inference on libtorch. Readers share a lock; closing takes it alone. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class TorchNetwork implements Network {

  private final NetworkGraph graph;
  private final Weights weights;
  private final Device device;
  private final FoldedLayers layers;
  private final TorchForward forward;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  TorchNetwork(NetworkGraph graph, Weights weights, Device device) {
    this.graph = graph;
    this.weights = weights;
    this.device = device;
    this.layers = new FoldedLayers(graph, weights, device);
    this.forward = new TorchForward(graph, layers);
  }

  @Override
  public NetworkGraph graph() {
    return graph;
  }

  @Override
  public Weights weights() {
    return weights;
  }

  @Override
  public FMatrixRMaj logits(Images images) {
    return run(images, graph.logits());
  }

  @Override
  public FMatrixRMaj features(Images images) {
    return run(images, graph.features());
  }

  private FMatrixRMaj run(Images images, Node wanted) {
    graph.shapes(images.resolution()); // refuses images too small before libtorch does
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(graph.name() + " is closed");
      }
      try (InferenceMode mode = new InferenceMode(true);
          PointerScope scope = new PointerScope()) {
        Tensor input = TorchTensors.images(images, device);
        Tensor result = forward.run(input, List.of(wanted)).get(0);
        return TorchTensors.matrix(result, images.count(), wanted.channels());
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      layers.close();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
