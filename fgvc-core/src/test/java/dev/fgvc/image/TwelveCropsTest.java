package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.Batches;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwelveCropsTest {

  private static final int HEIGHT = 41;
  private static final int WIDTH = 56;
  private static final Resolution SIZE = new Resolution(20, 24);
  private static final int FLOATS = 3 * SIZE.pixels();

  /** By hand: 41 / 8 / 2 and 56 / 8 / 2, rounded down, are left out on each side of the centre. */
  private static final int[][] BOXES = {
    {2, 3, 37, 50}, {0, 0, 37, 50}, {0, 6, 37, 50}, {4, 0, 37, 50}, {4, 6, 37, 50}, {0, 0, 41, 56}
  };

  @TempDir private Path folder;
  private Path file;
  private final byte[] bgr = CentralCropTest.filled("twelve", HEIGHT, WIDTH);

  @BeforeEach
  void writePicture() throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
    image.getRaster().setDataElements(0, 0, WIDTH, HEIGHT, rgb());
    file = folder.resolve("picture.png");
    ImageIO.write(image, "png", file.toFile());
  }

  /** In the order of the raster's bands. */
  private byte[] rgb() {
    byte[] rgb = bgr.clone();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i - i % 3 + 2 - i % 3] = bgr[i];
    }
    return rgb;
  }

  @Test
  void showsTheCentreTheCornersAndTheWholeAndTheirMirrorImages() throws IOException {
    float[] views = floats(TwelveCrops.of(SIZE));

    assertThat(views).hasSize(12 * FLOATS);
    for (int i = 0; i < BOXES.length; i++) {
      assertThat(view(views, i)).as("view %d", i).isEqualTo(expected(BOXES[i], false));
      assertThat(view(views, 6 + i)).as("view %d", 6 + i).isEqualTo(expected(BOXES[i], true));
    }
    assertThat(view(views, 0)).isEqualTo(floats(CentralCrop.of(SIZE)));
  }

  @Test
  void writesTheNearestBytes() throws IOException {
    float[] views = floats(TwelveCrops.of(SIZE));
    ByteBuffer bytes = ByteBuffer.allocate(5 + views.length).position(5);

    TwelveCrops.of(SIZE).apply(file, new SplittableRandom(1), bytes);

    assertThat(bytes.hasRemaining()).isFalse();
    for (int view = 0; view < 12; view++) {
      for (int i = 0; i < FLOATS; i++) {
        float value = views[view * FLOATS + i % 3 * SIZE.pixels() + i / 3];
        assertThat(bytes.get(5 + view * FLOATS + i)).isEqualTo(TargetRows.level(value));
      }
    }
  }

  @Test
  void reducedPhotosGiveTheViewsThatTheirCropsGive() throws IOException {
    BufferedImage photo = new BufferedImage(800, 600, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < 600; y++) {
      for (int x = 0; x < 800; x++) {
        photo.setRGB(x, y, x * 255 / 800 << 16 | y * 255 / 600 << 8 | (x + y) % 256 / 2);
      }
    }
    file = folder.resolve("photo.jpg");
    ImageIO.write(photo, "jpg", file.toFile());
    ImageDecoding sparing = ImageDecoding.sparing();

    float[] views = floats(TwelveCrops.of(SIZE).withDecoding(sparing));

    assertThat(view(views, 0)).isEqualTo(floats(CentralCrop.of(SIZE).withDecoding(sparing)));
    float[] exact = floats(TwelveCrops.of(SIZE));
    double sum = 0;
    for (int i = 0; i < exact.length; i++) {
      sum += Math.abs(exact[i] - views[i]);
    }
    assertThat(sum / exact.length).isBetween(1e-6, 0.06);
  }

  @Test
  void batchesHoldAllViewsOfAFileWithItsLabel() throws IOException {
    Dataset dataset =
        Dataset.of(
            "two",
            List.of("a", "b"),
            List.of(new LabeledImage(file, 1), new LabeledImage(file, 0)));
    float[] views = floats(TwelveCrops.of(SIZE));

    try (BatchLoader loader = BatchLoader.builder(dataset, TwelveCrops.of(SIZE)).build();
        Batches batches = loader.epoch(0);
        Batch batch = batches.next()) {
      assertThat(batch.size()).isEqualTo(24);
      assertThat(batch.labels()).startsWith(1, 1).endsWith(0, 0).hasSize(24);
      assertThat(batch.positions()).startsWith(0, 0).endsWith(1, 1).hasSize(24);
      FloatBuffer images = batch.images();
      float[] second = new float[views.length];
      images.get(views.length, second);
      assertThat(images.limit()).isEqualTo(2 * views.length);
      assertThat(second).isEqualTo(views);
    }
  }

  @Test
  void needsRoomForAllViews() {
    FloatBuffer small = FloatBuffer.allocate(12 * FLOATS - 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TwelveCrops.of(SIZE).apply(file, new SplittableRandom(1), small))
        .withMessageContaining("12 views of 3x20x24 needs 17280");
  }

  private float[] floats(ImageTransform transform) throws IOException {
    FloatBuffer target = FloatBuffer.allocate(transform.views() * FLOATS);
    transform.apply(file, new SplittableRandom(1), target);
    assertThat(target.hasRemaining()).isFalse();
    return target.array();
  }

  private static float[] view(float[] views, int view) {
    return Arrays.copyOfRange(views, view * FLOATS, (view + 1) * FLOATS);
  }

  /** Cut out before it is resized. */
  private float[] expected(int[] box, boolean mirrored) {
    FloatBuffer out = FloatBuffer.allocate(FLOATS);
    Pixels cut = CentralCropTest.cut(bgr, WIDTH, new Box(box[0], box[1], box[2], box[3]));
    Bilinear.resize(cut, SIZE, mirrored, Colour.UNCHANGED, TargetRows.planes(out, SIZE));
    return out.array();
  }
}
