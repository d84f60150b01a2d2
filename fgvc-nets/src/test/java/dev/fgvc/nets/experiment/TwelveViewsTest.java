package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwelveViewsTest {

  private static final int SIDE = 16;

  @TempDir private Path folder;

  @Test
  void showsTheWholeTheCentreAndTheCornersAndTheirMirrorImages() throws IOException {
    Path file = gradient();
    float[] whole = apply(CentralCrop.of(Resolution.square(SIDE)), file);
    float[] enlarged = apply(CentralCrop.of(Resolution.square(18)), file);
    List<ImageTransform> views = TwelveViews.of(Resolution.square(SIDE));

    assertThat(views).hasSize(12).allMatch(view -> view.resolution().width() == SIDE);
    assertThat(apply(views.get(0), file)).isEqualTo(whole);
    int[][] corners = {{1, 1}, {0, 0}, {0, 2}, {2, 0}, {2, 2}};
    for (int v = 0; v < corners.length; v++) {
      float[] view = apply(views.get(1 + v), file);
      float[] mirrored = apply(views.get(7 + v), file);
      for (int channel = 0; channel < 3; channel++) {
        for (int y = 0; y < SIDE; y++) {
          for (int x = 0; x < SIDE; x++) {
            float expected = enlarged[(channel * 18 + corners[v][0] + y) * 18 + corners[v][1] + x];
            assertThat(view[(channel * SIDE + y) * SIDE + x]).isEqualTo(expected);
            assertThat(mirrored[(channel * SIDE + y) * SIDE + SIDE - 1 - x]).isEqualTo(expected);
          }
        }
      }
    }
  }

  private static float[] apply(ImageTransform transform, Path file) throws IOException {
    FloatBuffer target = FloatBuffer.allocate(3 * transform.resolution().pixels());
    transform.apply(file, new SplittableRandom(1), target);
    assertThat(target.hasRemaining()).isFalse();
    return Arrays.copyOf(target.array(), target.capacity());
  }

  private Path gradient() throws IOException {
    BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 40; x++) {
        image.setRGB(x, y, 6 * x << 16 | 6 * y << 8 | 3 * (x + y));
      }
    }
    Path file = folder.resolve("gradient.png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }
}
