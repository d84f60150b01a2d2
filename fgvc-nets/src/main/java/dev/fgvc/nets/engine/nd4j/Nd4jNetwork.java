package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.weights.Weights;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.ejml.data.FMatrixRMaj;

/** Inference on ND4J. Readers share a lock; closing takes it alone. */
final class Nd4jNetwork implements Network {

  private final NetworkGraph graph;
  private final Weights weights;
  private final FoldedForward forward;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  Nd4jNetwork(NetworkGraph graph, Weights weights) {
    this.graph = graph;
    this.weights = weights;
    this.forward =
        Nd4jFailures.during("compiling " + graph.name(), () -> new FoldedForward(graph, weights));
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

  /** Any node's output, one row an image: channels, then rows, then columns. */
  FMatrixRMaj run(Images images, Node wanted) {
    var shapes = graph.shapes(images.resolution());
    int columns = Math.toIntExact(shapes.get(wanted.index()).size());
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(graph.name() + " is closed");
      }
      FMatrixRMaj result = new FMatrixRMaj(images.count(), columns);
      for (int i = 0; i < images.count(); i++) {
        int image = i;
        float[] values =
            Nd4jFailures.during(
                graph.name() + " at " + images.resolution(),
                () -> forward.run(images, image, shapes, wanted));
        System.arraycopy(values, 0, result.data, i * columns, columns);
      }
      return result;
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      forward.close();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
