package dev.fgvc.data;

import dev.fgvc.image.ImageCheck;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Looks at every image of a data set before a long run does, and says which cannot be used and why:
 * a file that is missing, a folder or beyond its root, one that is empty, truncated, of another
 * format or declares too many pixels. Nothing is repaired and nothing left out. Immutable.
 *
 * <pre>{@code
 * VerificationReport report = DatasetVerification.of(dataset).withRoot(root).run();
 * Dataset usable = report.withoutFindings();
 * }</pre>
 */
public final class DatasetVerification {

  private final Dataset dataset;
  private final Optional<Path> root;
  private final ImageCheck check;
  private final int threads;
  private final Progress progress;

  private DatasetVerification(
      Dataset dataset, Optional<Path> root, ImageCheck check, int threads, Progress progress) {
    this.dataset = Objects.requireNonNull(dataset, "dataset");
    this.root = root;
    this.check = Objects.requireNonNull(check, "check");
    this.threads = threads;
    this.progress = Objects.requireNonNull(progress, "progress");
  }

  /**
   * A verification of headers, with a thread for each CPU.
   *
   * @param dataset what to look at
   * @return the verification; {@link #run()} starts it
   */
  public static DatasetVerification of(Dataset dataset) {
    return new DatasetVerification(
        dataset,
        Optional.empty(),
        ImageCheck.header(),
        Runtime.getRuntime().availableProcessors(),
        Progress.none());
  }

  /**
   * Requires that each image lies below a folder, links resolved.
   *
   * @param folder the folder
   * @return a new verification
   */
  public DatasetVerification withRoot(Path folder) {
    return new DatasetVerification(dataset, Optional.of(folder), check, threads, progress);
  }

  /**
   * Looks into the files in another way, such as {@link ImageCheck#decoding}.
   *
   * @param other what is done to each file
   * @return a new verification
   */
  public DatasetVerification withCheck(ImageCheck other) {
    return new DatasetVerification(dataset, root, other, threads, progress);
  }

  /**
   * Works with another number of threads.
   *
   * @param count at least 1
   * @return a new verification
   */
  public DatasetVerification withThreads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads " + count + " must be at least 1");
    }
    return new DatasetVerification(dataset, root, check, count, progress);
  }

  /**
   * Tells how far it is.
   *
   * @param listener called by the thread that runs the verification
   * @return a new verification
   */
  public DatasetVerification withProgress(Progress listener) {
    return new DatasetVerification(dataset, root, check, threads, listener);
  }

  /**
   * Looks at all images. The report does not depend on the number of threads.
   *
   * @return what was found, in the order of the data set
   * @throws dev.fgvc.natives.NativeLibraryException if the check needs OpenCV and it cannot be
   *     loaded
   * @throws InterruptedIOException if the calling thread is interrupted; all threads have stopped
   *     then, and the thread stays interrupted
   * @throws IOException if the root cannot be found
   */
  public VerificationReport run() throws IOException {
    Optional<Path> realRoot =
        root.isPresent() ? Optional.of(root.get().toRealPath()) : Optional.empty();
    String[] reasons = new String[dataset.size()];
    ImageWork.run(
        "verify " + dataset.name(),
        reasons.length,
        threads,
        progress,
        at -> reasons[at] = reason(dataset.path(at), realRoot));
    return VerificationReport.of(dataset, reasons);
  }

  /** Why a file cannot be used; empty if it can. */
  private String reason(Path path, Optional<Path> realRoot) {
    try {
      if (realRoot.isPresent()) {
        Path real = path.toRealPath();
        if (!real.startsWith(realRoot.get())) {
          return "leaves its root " + realRoot.get() + ": it is " + real;
        }
      }
      if (Files.isDirectory(path)) {
        return "a folder where a file should be";
      }
      check.check(path);
      return "";
    } catch (ImageFormatException e) {
      return e.reason();
    } catch (IOException e) {
      return reason(e);
    }
  }

  /** Why a file could not be read. */
  static String reason(IOException failure) {
    return failure instanceof NoSuchFileException ? "no such file" : "cannot be read: " + failure;
  }
}
