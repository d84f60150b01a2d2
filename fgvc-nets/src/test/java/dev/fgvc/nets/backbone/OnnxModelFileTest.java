package dev.fgvc.nets.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.MutationFuzzer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelFileTest {

  @TempDir private Path folder;

  @Test
  void tellsTheVersions() throws IOException {
    Path file = folder.resolve("model.onnx");
    Files.write(file, OnnxModels.channelMeans("n", 3, 8, 8).opset(18).irVersion(10).bytes());

    assertThat(OnnxModelFile.read(file).versions()).isEqualTo("IR version 10, opset 18");
  }

  @Test
  void damageIsRefusedOrHarmless() throws IOException {
    byte[] external =
        OnnxModels.channelMeans("n", 3, 8, 8).external("bias", "bias.data", 4).bytes();
    Files.write(folder.resolve("bias.data"), new byte[16]);
    byte[] resnet;
    try (InputStream model = OnnxModelFileTest.class.getResourceAsStream("resnet.onnx")) {
      resnet = model.readAllBytes();
    }

    MutationFuzzer.of(folder.resolve("damaged.onnx"), OnnxModelFile::read)
        .allowing(BackboneFormatException.class)
        .run(List.of(external, resnet), MutationFuzzer.files(400));
  }
}
