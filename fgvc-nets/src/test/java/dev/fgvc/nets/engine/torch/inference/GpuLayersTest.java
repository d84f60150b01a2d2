package dev.fgvc.nets.engine.torch.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.testing.Filler;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The layers of a GPU on the CPU, but for cuDNN's own convolutions. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class GpuLayersTest {

  /** Odd sizes, so that borders differ from side to side. */
  @ParameterizedTest
  @EnumSource
  void endPointsAreThoseOfTheCpu(Architecture architecture) {
    NetworkGraph graph =
        architecture.builder().classes(5).widthMultiplier(0.25).auxiliaryHead(false).build();
    Weights weights = Filler.weights(graph, 1);
    Images images = Noise.images(2, 151, 1);
    try (InferenceLayers plain = layers(graph, weights, false);
        InferenceLayers gpu = layers(graph, weights, true);
        InferenceMode mode = new InferenceMode(true);
        PointerScope scope = new PointerScope()) {
      List<Node> ends = List.copyOf(graph.endpoints().values());
      List<Tensor> expected = run(graph, weights, plain, images, ends);
      List<Tensor> together = run(graph, weights, gpu, images, ends);
      for (int i = 0; i < ends.size(); i++) {
        String end = ends.get(i).toString();
        requireClose(end, together.get(i), expected.get(i));
      }
      // Where others are not asked for, what lies between merges.
      for (int i = 0; i < ends.size(); i += 7) {
        Tensor alone = run(graph, weights, gpu, images, ends.subList(i, i + 1)).get(0);
        requireClose(ends.get(i) + " alone", alone, expected.get(i));
      }
    }
  }

  /** An average that is asked for itself is computed where it stands. */
  @ParameterizedTest
  @EnumSource(names = {"TF_SLIM", "PYTORCH"})
  void averagesOfNarrowedActivationsAreThoseOfTheWide(Convention convention) {
    NetworkGraph graph =
        Architecture.INCEPTION_V3
            .builder()
            .classes(5)
            .widthMultiplier(0.25)
            .auxiliaryHead(false)
            .convention(convention)
            .build();
    Weights weights = Filler.weights(graph, 1);
    Images images = Noise.images(2, 151, 1);
    List<Node> features = List.of(graph.features());
    List<Node> withAverages =
        Stream.concat(
                features.stream(),
                graph.nodes().stream()
                    .filter(node -> node.operation() instanceof Operation.AveragePool))
            .toList();
    assertThat(withAverages).hasSize(10);
    for (boolean onGpu : new boolean[] {false, true}) {
      try (InferenceLayers layers = layers(graph, weights, onGpu);
          InferenceMode mode = new InferenceMode(true);
          PointerScope scope = new PointerScope()) {
        requireClose(
            "on a GPU: " + onGpu,
            run(graph, weights, layers, images, features).get(0),
            run(graph, weights, layers, images, withAverages).get(0));
      }
    }
  }

  private static InferenceLayers layers(NetworkGraph graph, Weights weights, boolean asOnGpu) {
    FoldedWeights folded = FoldedWeights.of(graph, weights);
    LayerTensors tensors = new LayerTensors(Device.cpu(), ScalarType.Float);
    return asOnGpu ? new CudaLayers(graph, folded, tensors) : new CpuLayers(graph, folded, tensors);
  }

  private static List<Tensor> run(
      NetworkGraph graph,
      Weights weights,
      InferenceLayers layers,
      Images images,
      List<Node> wanted) {
    Tensor input = TorchTensors.images(images, Device.cpu(), ScalarType.Float);
    return new TorchForward(graph, FoldedWeights.of(graph, weights), layers).run(input, wanted);
  }

  private static void requireClose(String what, Tensor actual, Tensor expected) {
    float difference = actual.sub(expected).norm().item_float();
    assertThat(difference).as(what).isLessThan(2e-5f * expected.norm().item_float());
  }

  /** Along a ResNet's stream none is added, not even those of what is pooled in front of it. */
  @Test
  void biasesWaitForTheNextNorm() {
    NetworkGraph graph = Architecture.RESNET_V2_50.builder().classes(5).build();
    DeferredBiases deferred =
        DeferredBiases.of(graph, FoldedWeights.of(graph, Weights.initialize(graph, 1)));
    String unit = "resnet_v2_50/block2/unit_1/bottleneck_v2";
    assertThat(deferred.missing(graph.endpoint("resnet_v2_50/conv1"))).isPresent();
    assertThat(deferred.missing(graph.endpoint(unit + "/conv3"))).isPresent();
    assertThat(deferred.missing(graph.endpoint(unit + "/shortcut"))).isPresent();
    assertThat(deferred.missing(graph.endpoint(unit))).isPresent();
    assertThat(deferred.missing(graph.endpoint(unit + "/conv1"))).isEmpty();
    assertThat(deferred.missing(graph.endpoint("resnet_v2_50/logits"))).isEmpty();
  }
}
