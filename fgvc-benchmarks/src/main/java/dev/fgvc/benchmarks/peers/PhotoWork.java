package dev.fgvc.benchmarks.peers;

import dev.fgvc.benchmarks.Settings;
import dev.fgvc.data.Dataset;
import dev.fgvc.data.ImageFolder;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.Batches;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/** Epochs over a folder of photos. */
final class PhotoWork implements Work {

  /** Compared are means over the cells of a grid on the first photos. */
  private static final int PHOTOS = 16;

  private static final int GRID = 4;
  private static final int BATCH = 32;

  private final BatchLoader loader;

  private PhotoWork(BatchLoader loader) {
    this.loader = loader;
  }

  static Work epoch(Settings settings) throws IOException {
    Path folder = settings.path("folder");
    int side = NetworkWork.description(folder).get("side").getAsInt();
    Dataset photos = ImageFolder.read(folder.resolve("photos"));
    return new PhotoWork(
        BatchLoader.builder(photos, CentralCrop.of(Resolution.square(side)))
            .batchSize(BATCH)
            .threads(settings.number("threads"))
            .build());
  }

  @Override
  public double[] run() {
    double[] means = {};
    try (Batches batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          if (means.length == 0) {
            means = cellMeans(batch);
          }
        }
      }
    }
    return means;
  }

  /**
   * Returns the means of the cells into which adaptive average pooling divides a plane; cells may
   * share a row or column.
   */
  private static double[] cellMeans(Batch batch) {
    FloatBuffer pixels = batch.images();
    int side = batch.resolution().height();
    int planes = 3 * Math.min(PHOTOS, batch.size());
    double[] means = new double[planes * GRID * GRID];
    for (int cell = 0; cell < means.length; cell++) {
      int plane = cell / (GRID * GRID) * side * side;
      int row = cell / GRID % GRID;
      int column = cell % GRID;
      double sum = 0;
      int count = 0;
      for (int y = first(row, side); y < end(row, side); y++) {
        for (int x = first(column, side); x < end(column, side); x++) {
          sum += pixels.get(plane + y * side + x);
          count++;
        }
      }
      means[cell] = sum / count;
    }
    return means;
  }

  private static int first(int cell, int side) {
    return cell * side / GRID;
  }

  private static int end(int cell, int side) {
    return ((cell + 1) * side + GRID - 1) / GRID;
  }

  @Override
  public void close() {
    loader.close();
  }
}
