package dev.fgvc.data;

import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.PerceptualHash;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Finds images of one data set that are, as they are or altered a little, in another: of a target's
 * test set among the images that a network was trained on, for instance, which makes the measured
 * error too small. Compares {@link PerceptualHash fingerprints}, so copies that were re-encoded,
 * resized, or had their colours changed a little are found, and mirrored ones too. Of copies
 * cropped by 1/40 at each side, 90 % are found within 8 bits; of those cropped by 1/20, 20 % within
 * 8 bits and 60 % within 12. Among 2,607 different photos of butterflies, cars, flowers and dishes,
 * no two are within 8 bits of each other, and three pairs are where one of the two is mirrored; 101
 * pairs are within 12 bits. So confirm matches at larger distances by their features. Immutable.
 *
 * <pre>{@code
 * DuplicateReport report = DuplicateSearch.create().between(source.train(), target.validation());
 * Dataset clean = report.without(source.train(), target.validation());
 * }</pre>
 *
 * <p>The time is that of reading and decoding each image once, JPEG at a reduced size, and memory
 * is that of two numbers an image. Within 8 bits, an image and its mirror image are compared with
 * some 0.3 % of another set each, where fingerprints are spread evenly.
 */
public final class DuplicateSearch {

  /**
   * The largest distance of copies unless another is set, of {@value PerceptualHash#LENGTH} bits.
   */
  public static final int DISTANCE = 8;

  private final int distance;
  private final boolean mirrored;
  private final int threads;
  private final Progress progress;

  private DuplicateSearch(int distance, boolean mirrored, int threads, Progress progress) {
    this.distance = distance;
    this.mirrored = mirrored;
    this.threads = threads;
    this.progress = Objects.requireNonNull(progress, "progress");
  }

  /**
   * A search within {@value #DISTANCE} bits, for mirrored images too, with a thread for each CPU.
   *
   * @return the search; {@link #between} starts it
   */
  public static DuplicateSearch create() {
    return new DuplicateSearch(
        DISTANCE, true, Runtime.getRuntime().availableProcessors(), Progress.none());
  }

  /**
   * Finds more or less altered copies.
   *
   * @param bits by which fingerprints may differ, from 0 to 15; with more bits more different
   *     photos are found too
   * @return a new search
   */
  public DuplicateSearch withDistance(int bits) {
    if (bits < 0 || bits > HashIndex.MAX_DISTANCE) {
      throw new IllegalArgumentException(
          "distance " + bits + " must be from 0 to " + HashIndex.MAX_DISTANCE);
    }
    return new DuplicateSearch(bits, mirrored, threads, progress);
  }

  /**
   * Finds mirrored copies, or leaves them.
   *
   * @param enabled whether an image's mirror image counts as its copy
   * @return a new search
   */
  public DuplicateSearch withMirrored(boolean enabled) {
    return new DuplicateSearch(distance, enabled, threads, progress);
  }

  /**
   * Works with another number of threads.
   *
   * @param count at least 1
   * @return a new search
   */
  public DuplicateSearch withThreads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads " + count + " must be at least 1");
    }
    return new DuplicateSearch(distance, mirrored, count, progress);
  }

  /**
   * Tells how far it is.
   *
   * @param listener called by the thread that searches
   * @return a new search
   */
  public DuplicateSearch withProgress(Progress listener) {
    return new DuplicateSearch(distance, mirrored, threads, listener);
  }

  /**
   * Looks for each image of each set in each of the other sets. The report does not depend on the
   * number of threads.
   *
   * @param sets two or more with different names, such as training, validation and target
   * @return what was found, and which images could not be read
   * @throws IllegalArgumentException if there are fewer than two sets or two have the same name
   * @throws dev.fgvc.natives.NativeLibraryException if OpenCV cannot be loaded
   * @throws InterruptedIOException if the calling thread is interrupted; all threads have stopped
   *     then, and the thread stays interrupted
   */
  public DuplicateReport between(Dataset... sets) throws InterruptedIOException {
    long names = Arrays.stream(sets).map(Dataset::name).distinct().count();
    if (sets.length < 2 || names < sets.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d data sets with %d names: two or more with different names are compared",
              sets.length,
              names));
    }
    List<DuplicateReport.Unreadable> unreadable = new ArrayList<>();
    List<Hashed> hashed = new ArrayList<>();
    for (Dataset set : sets) {
      hashed.add(hash(set, unreadable));
    }
    List<DuplicateReport.Match> matches = new ArrayList<>();
    for (Hashed images : hashed) {
      for (Hashed others : hashed) {
        if (images != others) {
          match(images, others, matches);
        }
      }
    }
    return new DuplicateReport(List.of(sets), distance, matches, unreadable);
  }

  /**
   * A set whose fingerprints are known.
   *
   * @param positions of the images that could be read
   * @param hashes of these images
   */
  private record Hashed(Dataset set, int[] positions, PerceptualHash[] hashes, HashIndex index) {}

  private Hashed hash(Dataset set, List<DuplicateReport.Unreadable> unreadable)
      throws InterruptedIOException {
    PerceptualHash[] all = new PerceptualHash[set.size()];
    String[] reasons = new String[set.size()];
    Arrays.fill(reasons, "");
    ImageWork.run(
        "fingerprints of " + set.name(),
        set.size(),
        threads,
        progress,
        at -> {
          try {
            all[at] = PerceptualHash.of(set.path(at));
          } catch (ImageFormatException e) {
            reasons[at] = e.reason();
          } catch (IOException e) {
            reasons[at] = DatasetVerification.reason(e);
          }
        });
    VerificationReport.of(set, reasons)
        .findings()
        .forEach(finding -> unreadable.add(new DuplicateReport.Unreadable(set.name(), finding)));
    int[] positions = IntStream.range(0, all.length).filter(at -> reasons[at].isEmpty()).toArray();
    PerceptualHash[] hashes =
        Arrays.stream(positions).mapToObj(at -> all[at]).toArray(PerceptualHash[]::new);
    HashIndex index =
        new HashIndex(Arrays.stream(hashes).mapToLong(PerceptualHash::bits).toArray());
    return new Hashed(set, positions, hashes, index);
  }

  private void match(Hashed images, Hashed others, List<DuplicateReport.Match> matches) {
    for (int i = 0; i < images.hashes().length; i++) {
      HashIndex.Found plain = others.index().nearest(images.hashes()[i].bits(), distance);
      HashIndex.Found best = plain;
      if (mirrored && plain.distance() > 0) {
        HashIndex.Found other = others.index().nearest(images.hashes()[i].mirroredBits(), distance);
        best = other.distance() < plain.distance() ? other : plain;
      }
      if (!best.isNone()) {
        matches.add(
            new DuplicateReport.Match(
                place(images, i), place(others, best.position()), best.distance(), best != plain));
      }
    }
  }

  private static DuplicateReport.Place place(Hashed images, int i) {
    int position = images.positions()[i];
    return new DuplicateReport.Place(images.set().name(), position, images.set().path(position));
  }
}
