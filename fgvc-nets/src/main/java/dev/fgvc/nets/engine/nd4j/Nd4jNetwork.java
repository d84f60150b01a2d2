package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
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
  public List<FMatrixRMaj> outputs(List<Node> nodes, ImageBatch batch) {
    List<MapShape> shapes = graph.shapes(batch.resolution(), nodes);
    forward.requireComputed(nodes);
    Images images = batch.toFloats();
    List<FMatrixRMaj> results =
        nodes.stream()
            .map(node -> Math.toIntExact(shapes.get(node.index()).size()))
            .map(size -> new FMatrixRMaj(images.count(), size))
            .toList();
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(graph.name() + " is closed");
      }
      for (int i = 0; i < images.count(); i++) {
        int image = i;
        List<float[]> values =
            Nd4jFailures.during(
                graph.name() + " at " + images.resolution(),
                () -> forward.run(images, image, shapes, nodes));
        for (int n = 0; n < values.size(); n++) {
          FMatrixRMaj result = results.get(n);
          System.arraycopy(values.get(n), 0, result.data, i * result.numCols, result.numCols);
        }
      }
      return results;
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
