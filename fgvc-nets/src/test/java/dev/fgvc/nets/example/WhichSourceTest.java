package dev.fgvc.nets.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.advisor.SourceAdvice;
import dev.fgvc.nets.backbone.BackboneTransform;
import dev.fgvc.nets.backbone.OnnxBackbone;
import dev.fgvc.nets.backbone.OnnxSettings;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhichSourceTest {

  @TempDir private Path folder;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @Test
  void answersFromFoldersAndAModel() throws IOException {
    Path model = folder.resolve("model.onnx");
    try (InputStream recorded = OnnxBackbone.class.getResourceAsStream("resnet.onnx")) {
      Files.copy(recorded, model);
    }
    OnnxSettings.defaults()
        .withTransform(BackboneTransform.imageNet(Resolution.square(64)))
        .write(model);
    Path target = paint("sunsets", 0xff2000, 0xff8000);
    List<Path> sources = List.of(paint("seas", 0x0000ff, 0x00ffff), paint("fires", 0xf01010));

    SourceAdvice advice = run(model, target, sources);

    assertThat(advice.sources()).hasSize(2);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .startsWith("features of all domains 0/15 0% 0 s\n")
        .contains("features of all domains 15/15 100%")
        .contains(advice.toText())
        .contains("pictures: " + folder.resolve("kept/report.html"));
    assertThat(folder.resolve("kept/seas.npz")).exists();

    said.reset();
    assertThat(run(model, target, sources).toText()).isEqualTo(advice.toText());
    assertThat(said.toString(StandardCharsets.UTF_8))
        .startsWith("features of all domains 15/15 100% 0 s\n");
  }

  @Test
  void saysHowItIsCalled() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WhichSource.main(new String[] {"model.onnx", "folder", "target"}))
        .withMessageContaining("MODEL.onnx FOLDER TARGET SOURCE");
  }

  private SourceAdvice run(Path model, Path target, List<Path> sources) throws IOException {
    try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      return WhichSource.run(model, folder.resolve("kept"), target, sources, out);
    }
  }

  /** A folder of class folders, each with three photos of one colour. */
  private Path paint(String name, int... colours) throws IOException {
    for (int colour : colours) {
      Path photos = folder.resolve(name).resolve(Integer.toHexString(colour));
      Files.createDirectories(photos);
      for (int i = 0; i < 3; i++) {
        BufferedImage image = new BufferedImage(12 + i, 9, BufferedImage.TYPE_INT_RGB);
        for (int cell = 0; cell < 9 * (12 + i); cell++) {
          image.setRGB(cell % (12 + i), cell / (12 + i), colour - cell % 9);
        }
        ImageIO.write(image, "png", photos.resolve(i + ".png").toFile());
      }
    }
    return folder.resolve(name);
  }
}
