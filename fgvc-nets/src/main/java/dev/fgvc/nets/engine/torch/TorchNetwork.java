package dev.fgvc.nets.engine.torch;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.ClassSums;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.folding.FoldedNetwork;
import dev.fgvc.nets.engine.torch.inference.InferenceLayers;
import dev.fgvc.nets.engine.torch.inference.ParallelForward;
import dev.fgvc.nets.engine.torch.kernel.CpuCapabilities;
import dev.fgvc.nets.engine.torch.runtime.ProcessSettings;
import dev.fgvc.nets.engine.torch.runtime.TorchLibrary;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.nets.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.ejml.data.FMatrixRMaj;

/** Inference on libtorch. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class TorchNetwork extends FoldedNetwork {

  private final InferenceOptions options;
  private final ScalarType type;
  private final InferenceLayers layers;
  private final ParallelForward forward;

  TorchNetwork(NetworkGraph graph, Weights weights, InferenceOptions asked) {
    super(TorchLibrary.LIBTORCH, graph, weights);
    this.options = CpuCapabilities.ofThisMachine().computed(asked);
    this.type = options.precision() == Precision.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
    this.layers = InferenceLayers.of(graph, folded(), options.device(), type);
    this.forward = new ParallelForward(graph, folded(), layers, options, asked.precision());
  }

  @Override
  public Precision precision() {
    return options.precision();
  }

  @Override
  protected ClassSums newClassSums(int classes) {
    return new TorchClassSums(this, options.device(), classes);
  }

  /** The pooled features [n, d] of bytes [n, h, w, 3], all on the network's device. */
  Tensor features(Tensor bytes, Normalization normalization) {
    int count = Math.toIntExact(bytes.size(0));
    Resolution resolution =
        new Resolution(Math.toIntExact(bytes.size(1)), Math.toIntExact(bytes.size(2)));
    ParallelForward.Input input =
        (first, size) -> TorchTensors.normalised(bytes.narrow(0, first, size), normalization, type);
    Tensor features = forward.run(count, resolution, input, List.of(graph().features())).get(0);
    return features.reshape(count, featureDimension());
  }

  @Override
  protected List<FMatrixRMaj> compute(List<Node> nodes, ImageBatch images, List<MapShape> shapes) {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope scope = new PointerScope()) {
      ParallelForward.Input input =
          (first, size) -> TorchTensors.images(images.part(first, size), options.device(), type);
      List<Tensor> results = forward.run(images.count(), images.resolution(), input, nodes);
      List<FMatrixRMaj> outputs = new ArrayList<>(nodes.size());
      for (int i = 0; i < results.size(); i++) {
        outputs.add(
            TorchTensors.matrix(
                results.get(i).to(ScalarType.Float),
                images.count(),
                Math.toIntExact(shapes.get(nodes.get(i).index()).size())));
      }
      return outputs;
    }
  }

  @Override
  protected void release() {
    forward.close();
    layers.close();
    ProcessSettings.giveBack(options.device());
  }
}
