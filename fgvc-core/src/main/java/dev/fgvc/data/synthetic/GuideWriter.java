package dev.fgvc.data.synthetic;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.fgvc.concurrent.Tasks;
import dev.fgvc.data.DatasetFolder;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.data.ListFile;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Puts a planned guide on disk: folders, pictures in parallel, lists, and the renaming at the end.
 */
final class GuideWriter {

  /** Pictures of one task: enough to make its overhead small, few enough to show progress. */
  private static final int CHUNK = 16;

  private final Map<String, List<Species>> domains;
  private final int pixels;
  private final double variation;
  private final int threads;

  GuideWriter(Map<String, List<Species>> domains, int pixels, double variation, int threads) {
    this.domains = domains;
    this.pixels = pixels;
    this.variation = variation;
    this.threads = threads;
  }

  private record Picture(Species species, int number, Path file) {}

  Map<String, DatasetSplits> write(Path root, Progress progress) throws IOException {
    Path target = root.toAbsolutePath().normalize();
    Path parent = target.getParent();
    if (parent == null) {
      throw new FileAlreadyExistsException(root.toString());
    }
    requireEmpty(target);
    Files.createDirectories(parent);
    Path draft = parent.resolve("." + target.getFileName() + "-" + UUID.randomUUID());
    try {
      writeDomains(draft, progress);
      Files.deleteIfExists(target);
      Files.move(draft, target);
    } catch (ClosedByInterruptException e) {
      InterruptedIOException interrupted = new InterruptedIOException("interrupted while writing");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      if (Files.exists(draft)) {
        // Below a folder of our own there are no links to follow.
        MoreFiles.deleteRecursively(draft, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    }
    Map<String, DatasetSplits> splits = new LinkedHashMap<>();
    for (String domain : domains.keySet()) {
      splits.put(domain, DatasetFolder.read(target.resolve(domain)));
    }
    return Collections.unmodifiableMap(splits);
  }

  private static void requireEmpty(Path target) throws IOException {
    if (!Files.exists(target)) {
      return;
    }
    if (Files.isDirectory(target)) {
      try (Stream<Path> entries = Files.list(target)) {
        if (entries.findAny().isEmpty()) {
          return;
        }
      }
    }
    throw new FileAlreadyExistsException(
        target.toString(), null, "expected no folder or an empty one");
  }

  private void writeDomains(Path draft, Progress progress) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    for (Map.Entry<String, List<Species>> domain : domains.entrySet()) {
      Path folder = Files.createDirectories(draft.resolve(domain.getKey()));
      List<Species> classes = new ArrayList<>(domain.getValue());
      classes.sort(Comparator.comparing(Species::name));
      List<LabeledImage> training = new ArrayList<>();
      List<LabeledImage> validation = new ArrayList<>();
      for (int label = 0; label < classes.size(); label++) {
        Species species = classes.get(label);
        Path classFolder = Files.createDirectories(folder.resolve(species.name()));
        for (int number = 1; number <= species.pictures(); number++) {
          Path file = classFolder.resolve(String.format(Locale.ROOT, "%04d.jpg", number));
          pictures.add(new Picture(species, number, file));
          (number <= species.training() ? training : validation).add(new LabeledImage(file, label));
        }
      }
      ListFile.write(folder.resolve(DatasetFolder.TRAIN_LIST), folder, training);
      ListFile.write(folder.resolve(DatasetFolder.VALIDATION_LIST), folder, validation);
    }
    drawAll(pictures, progress);
  }

  private void drawAll(List<Picture> pictures, Progress progress) throws IOException {
    ExecutorService workers =
        Executors.newFixedThreadPool(threads, Tasks.daemons("fgvc-field-guide"));
    try {
      var finished = new ExecutorCompletionService<Integer>(workers);
      int tasks = 0;
      for (int from = 0; from < pictures.size(); from += CHUNK, tasks++) {
        List<Picture> chunk = pictures.subList(from, Math.min(from + CHUNK, pictures.size()));
        finished.submit(() -> draw(chunk));
      }
      int done = 0;
      for (int i = 0; i < tasks; i++) {
        done += finished.take().get();
        progress.report("draw field guide", done, pictures.size(), "");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while drawing");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException("drawing failed", e.getCause());
    } finally {
      Tasks.stop(workers); // nobody draws any more where the draft is about to be deleted
    }
  }

  private int draw(List<Picture> chunk) throws IOException {
    try (JpegWriter writer = new JpegWriter()) {
      for (Picture picture : chunk) {
        if (Thread.interrupted()) {
          throw new InterruptedIOException("drawing was stopped");
        }
        Species species = picture.species();
        long seed = species.pictureSeed(picture.number());
        Files.write(picture.file(), writer.encode(Scene.draw(species, pixels, variation, seed)));
      }
    }
    return chunk.size();
  }
}
