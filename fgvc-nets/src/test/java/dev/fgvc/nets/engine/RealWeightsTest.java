package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.SharedFiles;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Inception-v3 with weights that were really trained, against Keras on the same inputs. */
class RealWeightsTest {

  private static final int SIDE = 299;
  private static final List<String> PHOTOS =
      List.of(
          "n01440764_tench",
          "n01748264_Indian_cobra",
          "n01871265_tusker",
          "n02692877_airship",
          "n02951585_can_opener",
          "n03733805_measuring_cup");

  @ParameterizedTest
  @CsvSource({"torch, 1e-4", "nd4j, 1e-3"})
  void featuresOfPhotosEqualThoseOfKeras(String engine, double bound) throws IOException {
    Weights file = Weights.read(SharedFiles.require("weights/inception_v3.safetensors"));
    float[] expected = Reference.npy("inception_v3_real/features.npy");
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(10).auxiliaryHead(false).build();

    Weights.Transfer transfer = file.transferTo(graph, 1);

    assertThat(transfer.report().missing())
        .containsExactly(
            "InceptionV3/Logits/Conv2d_1c_1x1/weights", "InceptionV3/Logits/Conv2d_1c_1x1/biases");
    assertThat(transfer.report().reshaped()).isEmpty();
    assertThat(transfer.report().unused()).isEmpty();
    float[] pixels = new float[PHOTOS.size() * 3 * SIDE * SIDE];
    for (int i = 0; i < PHOTOS.size(); i++) {
      float[] rowsColumnsChannels = Reference.npy("preprocess/" + PHOTOS.get(i) + ".299.npy");
      for (int j = 0; j < rowsColumnsChannels.length; j++) {
        pixels[(i * 3 + j % 3) * SIDE * SIDE + j / 3] = rowsColumnsChannels[j];
      }
    }
    Images images = new Images(FloatBuffer.wrap(pixels), PHOTOS.size(), Resolution.square(SIDE));
    try (Network network = Engine.named(engine).compile(graph, transfer.weights())) {
      assertThat(Reference.relativeError(network.features(images).data, expected))
          .isLessThan(bound);
    }
    if (engine.equals("torch")) {
      InferenceOptions rounded = InferenceOptions.defaults().withPrecision(Precision.BF16);
      try (Network network = Engine.torch().compile(graph, transfer.weights(), rounded)) {
        double error = Reference.relativeError(network.features(images).data, expected);
        assertThat(error).isLessThan(1e-2);
        assertThat(error > bound).isEqualTo(network.precision() == Precision.BF16);
      }
    }
  }
}
