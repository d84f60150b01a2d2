package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.Batches;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.progress.Progress;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.ejml.data.FMatrixRMaj;

/** Runs something over all images of a data set, in order, while the next batches are decoded. */
final class BatchedInference {

  private static final int BATCH_SIZE = 32;

  private BatchedInference() {}

  static void run(
      String task,
      Dataset dataset,
      Resolution resolution,
      Progress progress,
      Function<Images, FMatrixRMaj> network,
      BiConsumer<FMatrixRMaj, int[]> consumer) {
    try (BatchLoader loader =
            BatchLoader.builder(dataset, CentralCrop.of(resolution)).batchSize(BATCH_SIZE).build();
        Batches batches = loader.epoch(0)) {
      long done = 0;
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          Images images = new Images(batch.images(), batch.size(), batch.resolution());
          consumer.accept(network.apply(images), batch.labels());
          done += batch.size();
        }
        progress.report(task, done, dataset.size(), "");
      }
    }
  }
}
