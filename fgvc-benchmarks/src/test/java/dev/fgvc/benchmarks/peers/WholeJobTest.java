package dev.fgvc.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.benchmarks.Settings;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeJobTest {

  private static final Resolution SMALL = Resolution.square(4);

  @TempDir Path folder;

  /** The first value of an image: -1 for black, 1 for red. */
  private static final class Redness implements Backbone {

    @Override
    public int featureDimension() {
      return 1;
    }

    @Override
    public FMatrixRMaj features(ImageBatch images) {
      FMatrixRMaj features = new FMatrixRMaj(images.count(), 1);
      for (int i = 0; i < images.count(); i++) {
        features.set(i, 0, ((Images) images).pixels().get(i * 3 * SMALL.pixels()));
      }
      return features;
    }
  }

  /** Two thirds of the source's mass at 0 and a third at 1, all of the target's at -1. */
  @Test
  void comparesTheListedPhotosOfTwoFoldersAsByHand() throws IOException {
    Path source = domain("source", "half/red.png: 0", "half/black.png: 0", "whole/red.png: 1");
    Path target = domain("target", "none/black.png: 0");

    double[] values = new WholeJob(folder, source, target, SMALL).compare(new Redness());

    double distance = 4 / 3.0;
    assertThat(values)
        .containsExactly(new double[] {distance, Math.exp(-0.01 * distance)}, within(1e-6));
  }

  @Test
  void isPreparedFromSettingsAndNamesAFileOfWeightsThatIsNotThere() throws IOException {
    Path photos = domain("photos", "only/red.png: 0");
    String weights = folder.resolve("lost.safetensors").toString();
    Settings settings =
        new Settings(
            Map.of(
                "weights",
                weights,
                "source",
                photos.toString(),
                "target",
                photos.toString(),
                "side",
                "75"));

    try (Work job = Works.prepare("whole-job", settings)) {
      assertThat(job)
          .isEqualTo(new WholeJob(Path.of(weights), photos, photos, Resolution.square(75)));
      assertThatThrownBy(job::run).hasMessageContaining("lost.safetensors");
    }
    assertThatThrownBy(() -> Works.prepare("whole-job", new Settings(Map.of("weights", weights))))
        .hasMessageContaining("source");
  }

  /**
   * Paints the photos that a list names, of the colour that a file is called after, and one of the
   * first class for validation that must not count.
   */
  private Path domain(String name, String... lines) throws IOException {
    Path domain = Files.createDirectory(folder.resolve(name));
    for (String line : lines) {
      String file = line.substring(0, line.indexOf(':'));
      paint(domain, file, file.endsWith("red.png") ? 0xff0000 : 0);
    }
    Files.write(domain.resolve("train.txt"), List.of(lines));
    String other = lines[0].substring(0, lines[0].indexOf('/')) + "/other.png";
    paint(domain, other, 0xff0000);
    Files.writeString(domain.resolve("val.txt"), other + ": 0");
    return domain;
  }

  private static void paint(Path folder, String name, int colour) throws IOException {
    BufferedImage photo = new BufferedImage(6, 6, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 36; i++) {
      photo.setRGB(i % 6, i / 6, colour);
    }
    Files.createDirectories(folder.resolve(name).getParent());
    ImageIO.write(photo, "png", folder.resolve(name).toFile());
  }
}
