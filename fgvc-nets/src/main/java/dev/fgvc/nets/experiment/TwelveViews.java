package dev.fgvc.nets.experiment;

import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Twelve views of the central crop, for evaluation as in table 5: the whole of it, its centre and
 * its four corners at one eighth higher resolution, each also mirrored.
 */
public final class TwelveViews {

  private static final double ENLARGEMENT = 1.125;

  private TwelveViews() {}

  /**
   * The views at a resolution.
   *
   * @param resolution of each view
   * @return twelve transforms without randomness
   */
  public static List<ImageTransform> of(Resolution resolution) {
    int height = (int) Math.round(ENLARGEMENT * resolution.height());
    int width = (int) Math.round(ENLARGEMENT * resolution.width());
    int bottom = height - resolution.height();
    int right = width - resolution.width();
    ImageTransform whole = CentralCrop.of(resolution);
    ImageTransform enlarged = CentralCrop.of(new Resolution(height, width));
    List<ImageTransform> views = new ArrayList<>();
    for (boolean mirrored : new boolean[] {false, true}) {
      views.add(new Window(whole, 0, 0, resolution, mirrored));
      views.add(new Window(enlarged, bottom / 2, right / 2, resolution, mirrored));
      views.add(new Window(enlarged, 0, 0, resolution, mirrored));
      views.add(new Window(enlarged, 0, right, resolution, mirrored));
      views.add(new Window(enlarged, bottom, 0, resolution, mirrored));
      views.add(new Window(enlarged, bottom, right, resolution, mirrored));
    }
    return List.copyOf(views);
  }

  /** A part of what another transform makes. */
  private record Window(
      ImageTransform from, int top, int left, Resolution resolution, boolean mirrored)
      implements ImageTransform {

    @Override
    public void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException {
      Resolution outer = from.resolution();
      FloatBuffer all = FloatBuffer.allocate(3 * outer.pixels());
      from.apply(file, random, all);
      int width = resolution.width();
      float[] row = new float[width];
      for (int channel = 0; channel < 3; channel++) {
        for (int y = 0; y < resolution.height(); y++) {
          all.get((channel * outer.height() + top + y) * outer.width() + left, row);
          if (mirrored) {
            reverse(row);
          }
          target.put(row);
        }
      }
    }

    private static void reverse(float[] row) {
      for (int i = 0, j = row.length - 1; i < j; i++, j--) {
        float swapped = row[i];
        row[i] = row[j];
        row[j] = swapped;
      }
    }
  }
}
