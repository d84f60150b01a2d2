package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.ClassSums;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.folding.FoldedNetwork;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Inference on ND4J. */
final class Nd4jNetwork extends FoldedNetwork {

  private final FoldedForward forward;

  Nd4jNetwork(NetworkGraph graph, Weights weights) {
    super(Nd4jLibrary.ND4J, graph, weights);
    this.forward = new FoldedForward(graph, folded());
  }

  @Override
  public Precision precision() {
    return Precision.FP32;
  }

  @Override
  protected List<FMatrixRMaj> compute(List<Node> nodes, ImageBatch batch, List<MapShape> shapes) {
    Images images = batch.toFloats();
    List<FMatrixRMaj> results =
        nodes.stream()
            .map(node -> Math.toIntExact(shapes.get(node.index()).size()))
            .map(size -> new FMatrixRMaj(images.count(), size))
            .toList();
    for (int i = 0; i < images.count(); i++) {
      List<float[]> values = forward.run(images, i, shapes, nodes);
      for (int n = 0; n < values.size(); n++) {
        FMatrixRMaj result = results.get(n);
        System.arraycopy(values.get(n), 0, result.data, i * result.numCols, result.numCols);
      }
    }
    return results;
  }

  @Override
  protected ClassSums newClassSums(int classes) {
    return new Nd4jClassSums(this, classes);
  }

  /** Adds the pooled features of one image to a row of the same length. */
  void addFeatures(ByteImages images, int image, List<MapShape> shapes, INDArray row) {
    forward.run(
        scope -> ImageArrays.of(scope, images, image),
        shapes,
        List.of(graph().features()),
        outputs -> {
          INDArray features = outputs.get(0).reshape(row.shape());
          try (INDArray wide = features.castTo(DataType.DOUBLE)) {
            return row.addi(wide);
          }
        });
  }

  @Override
  protected void release() {
    forward.close();
  }
}
