package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.Batches;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Runs something over all images of a data set, in order, while the next batches are decoded. A
 * batch has {@value #BATCH_SIZE} images at the most, all views counted, or one file.
 */
final class BatchedInference {

  static final int BATCH_SIZE = 32;

  /** Decode one view, which keeps a network of usual size busy; several views have one each. */
  static final int DECODING_THREADS = 2;

  private BatchedInference() {}

  /**
   * Runs over several transforms of each image at once.
   *
   * @param networks gets the same files once for each transform, in their order, each with all its
   *     views
   * @param <T> what comes of a batch
   */
  static <T> void run(
      String task,
      Dataset dataset,
      List<? extends ImageTransform> transforms,
      Progress progress,
      Function<List<Images>, T> networks,
      BiConsumer<T, int[]> consumer) {
    run(task, dataset, transforms, 0, progress, networks, consumer);
  }

  /**
   * Begins in the middle.
   *
   * @param first the first image, a multiple of the batch size, or the number of images; other than
   *     0 with transforms of one view only
   * @param <T> what comes of a batch
   */
  static <T> void run(
      String task,
      Dataset dataset,
      List<? extends ImageTransform> transforms,
      int first,
      Progress progress,
      Function<List<Images>, T> networks,
      BiConsumer<T, int[]> consumer) {
    int firstBatch = (first + BATCH_SIZE - 1) / BATCH_SIZE;
    try (Views streams = new Views(dataset, transforms, firstBatch)) {
      long done = first;
      while (streams.next()) {
        int[] labels = streams.labels();
        consumer.accept(networks.apply(streams.images()), labels);
        done += labels.length;
        progress.report(task, done, dataset.size(), "");
      }
    }
  }

  /** One stream of batches for each transform, all at the same place of the data set. */
  private static final class Views implements AutoCloseable {

    private final List<BatchLoader> loaders = new ArrayList<>();
    private final List<Batches> streams = new ArrayList<>();
    private final List<Batch> current = new ArrayList<>();
    private final int viewsOfFirst;

    Views(Dataset dataset, List<? extends ImageTransform> transforms, int firstBatch) {
      viewsOfFirst = transforms.get(0).views();
      int most = transforms.stream().mapToInt(ImageTransform::views).max().getAsInt();
      for (ImageTransform transform : transforms) {
        BatchLoader loader =
            BatchLoader.builder(dataset, transform)
                .batchSize(Math.max(1, BATCH_SIZE / most))
                .threads(transforms.size() == 1 ? DECODING_THREADS : 1)
                .build();
        loaders.add(loader);
        streams.add(loader.epoch(0, firstBatch));
      }
    }

    boolean next() {
      closeBatches();
      if (!streams.get(0).hasNext()) {
        return false;
      }
      streams.forEach(stream -> current.add(stream.next()));
      return true;
    }

    List<Images> images() {
      return current.stream().map(Images::of).toList();
    }

    /** One for each file. */
    int[] labels() {
      int[] all = current.get(0).labels();
      return IntStream.range(0, all.length / viewsOfFirst)
          .map(i -> all[i * viewsOfFirst])
          .toArray();
    }

    private void closeBatches() {
      current.forEach(Batch::close);
      current.clear();
    }

    @Override
    public void close() {
      closeBatches();
      streams.forEach(Batches::close);
      loaders.forEach(BatchLoader::close);
    }
  }
}
