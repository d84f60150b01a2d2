package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.guard.GuardedClassSums;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.ejml.data.FMatrixRMaj;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

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
    this.forward = new FoldedForward(graph, weights);
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
  public Precision precision() {
    return Precision.FP32;
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
    return whileOpen(
        () -> {
          for (int i = 0; i < images.count(); i++) {
            List<float[]> values = forward.run(images, i, shapes, nodes);
            for (int n = 0; n < values.size(); n++) {
              FMatrixRMaj result = results.get(n);
              System.arraycopy(values.get(n), 0, result.data, i * result.numCols, result.numCols);
            }
          }
          return results;
        });
  }

  @Override
  public DeviceClassMeans classMeans(int classes) {
    return new DeviceClassMeans(
        graph,
        classes,
        count ->
            new GuardedClassSums(
                Nd4jLibrary.ND4J, graph.name(), whileOpen(() -> new Nd4jClassSums(this, count))));
  }

  /** Runs something that needs the layers, and keeps closing away meanwhile. */
  <T> T whileOpen(Supplier<T> work) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(graph.name() + " is closed");
      }
      return work.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Adds the pooled features of one image to a row of the same length. */
  void addFeatures(ByteImages images, int image, List<MapShape> shapes, INDArray row) {
    forward.run(
        scope -> ImageArrays.of(scope, images, image),
        shapes,
        List.of(graph.features()),
        outputs -> {
          INDArray features = outputs.get(0).reshape(row.shape());
          try (INDArray wide = features.castTo(DataType.DOUBLE)) {
            return row.addi(wide);
          }
        });
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
