package dev.fgvc.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Gives a reader many damaged files and requires of each that it is read or refused as documented:
 * by one of the allowed exceptions, with a message that names the file or its folder, on a heap
 * that is a small multiple of the file, within {@value #MOST_SECONDS} seconds of CPU time.
 *
 * <pre>{@code
 * Outcome outcome =
 *     MutationFuzzer.of(folder.resolve("features.npy"), path -> readAll(path))
 *         .allowing(FeatureFileException.class)
 *         .run(List.of(sample), MutationFuzzer.files(500));
 * }</pre>
 *
 * <p>File n of a run depends on the samples, the words, the seed and n alone. A file that breaks
 * the rules is kept below {@code target/fuzz}, and the message tells which it was.
 */
public final class MutationFuzzer {

  /** Sets the number of files of each reader, for long runs. */
  public static final String FILES_PROPERTY = "fgvc.fuzz.files";

  /** Sets another seed; 1 unless set. */
  public static final String SEED_PROPERTY = "fgvc.fuzz.seed";

  private static final int MOST_SECONDS = 10;

  /** A reader that waits for something uses no CPU; other work may share it, so be patient. */
  private static final int MOST_SECONDS_WAITING = 120;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Reads a file that may be damaged. */
  @FunctionalInterface
  public interface Reader {

    /**
     * Reads all of the file that its user would.
     *
     * @param file the damaged file
     * @throws IOException if it cannot be read
     */
    void read(Path file) throws IOException;
  }

  /**
   * The outcome for the files.
   *
   * @param files how many were tried
   * @param read how many were read all the same, the damage being harmless or invisible
   * @param refused how many were refused, by the name of the exception
   * @param mostHeap the largest part of the heap limit that a file took
   * @param mostSeconds CPU time of the slowest file
   */
  public record Outcome(
      int files, int read, Map<String, Integer> refused, double mostHeap, double mostSeconds) {

    /** One line. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d files: %d read, refused %s, heap at most %.2f of the limit, at most %.2f s",
          files,
          read,
          refused,
          mostHeap,
          mostSeconds);
    }
  }

  private final Path file;
  private final Path named;
  private final Reader reader;
  private final List<Class<? extends Throwable>> allowed;
  private final List<String> words;
  private final UnaryOperator<byte[]> packing;
  private final long heapBase;
  private final int heapPerByte;

  private MutationFuzzer(
      Path file,
      Path named,
      Reader reader,
      List<Class<? extends Throwable>> allowed,
      List<String> words,
      UnaryOperator<byte[]> packing,
      long heapBase,
      int heapPerByte) {
    this.file = file;
    this.named = named;
    this.reader = reader;
    this.allowed = allowed;
    this.words = words;
    this.packing = packing;
    this.heapBase = heapBase;
    this.heapPerByte = heapPerByte;
  }

  /**
   * A fuzzer that allows no exception yet, and 4 MiB of heap and 64 bytes for each byte of a file.
   *
   * @param file where to put the damaged files, one after the other
   * @param reader what is tried
   * @return the fuzzer
   */
  public static MutationFuzzer of(Path file, Reader reader) {
    return new MutationFuzzer(
        file,
        file.getParent(),
        reader,
        List.of(),
        List.of(),
        UnaryOperator.identity(),
        4L << 20,
        64);
  }

  /**
   * How many files a test tries.
   *
   * @param usual in the usual build
   * @return that, or what the property {@value #FILES_PROPERTY} says
   */
  public static int files(int usual) {
    return Integer.getInteger(FILES_PROPERTY, usual);
  }

  /**
   * An exception that the reader documents for damaged files, beside those allowed before.
   *
   * @param exception its class, taken exactly
   * @return a changed copy
   */
  public MutationFuzzer allowing(Class<? extends Throwable> exception) {
    List<Class<? extends Throwable>> more = new ArrayList<>(allowed);
    more.add(exception);
    return new MutationFuzzer(file, named, reader, more, words, packing, heapBase, heapPerByte);
  }

  /**
   * Lets messages name another folder than the file's own, such as that of a whole data set.
   *
   * @param folder what messages must contain
   * @return a changed copy
   */
  public MutationFuzzer naming(Path folder) {
    return new MutationFuzzer(file, folder, reader, allowed, words, packing, heapBase, heapPerByte);
  }

  /**
   * Words of the format that damages insert, beside a few that all texts get.
   *
   * @param tokens such as keys and types
   * @return a changed copy
   */
  public MutationFuzzer withWords(String... tokens) {
    return new MutationFuzzer(
        file, named, reader, allowed, List.of(tokens), packing, heapBase, heapPerByte);
  }

  /**
   * Damages what lies inside a packing, such as compression or a checksum, that would hide it.
   *
   * @param operation from the damaged content to the file
   * @return a changed copy
   */
  public MutationFuzzer packedBy(UnaryOperator<byte[]> operation) {
    return new MutationFuzzer(
        file, named, reader, allowed, words, operation, heapBase, heapPerByte);
  }

  /**
   * Sets what a file may take of the heap, counted as all that is allocated while it is read.
   *
   * @param base bytes whatever the file
   * @param perByte bytes for each byte of it
   * @return a changed copy
   */
  public MutationFuzzer withHeap(long base, int perByte) {
    return new MutationFuzzer(file, named, reader, allowed, words, packing, base, perByte);
  }

  /**
   * Tries the samples as they are, which must not fail, and then damaged ones. Prints the outcome
   * of a long run.
   *
   * @param samples contents that the reader reads; before packing
   * @param files how many damaged files
   * @return what became of them
   * @throws AssertionError if one broke the rules
   */
  public Outcome run(List<byte[]> samples, int files) {
    long seed = Long.getLong(SEED_PROPERTY, 1);
    ByteMutations mutations = new ByteMutations(samples, words);
    Run run = new Run();
    Thread worker =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < samples.size() && run.goesOn(); i++) {
                  run.read("sample " + i, packing.apply(samples.get(i)), true);
                }
                for (int i = 0; i < files && run.goesOn(); i++) {
                  byte[] content = packing.apply(mutations.next(random(seed, i)));
                  run.read("file " + i + " of seed " + seed, content, false);
                }
              } catch (Throwable e) {
                run.fail(new AssertionError("the fuzzer itself failed", e));
              }
            },
            "fuzz " + file.getFileName());
    worker.setDaemon(true);
    worker.start();
    run.watch(worker);
    if (Integer.getInteger(FILES_PROPERTY) != null) {
      System.out.println(file.getFileName() + ": " + run.outcome());
    }
    return run.outcome();
  }

  private static SplittableRandom random(long seed, int file) {
    return new SplittableRandom(new SplittableRandom(seed ^ (long) file << 20).nextLong());
  }

  /** The state of one run; its worker reads, the calling thread watches. */
  private final class Run {

    private final Map<String, Integer> refused = new TreeMap<>();
    private int tried;
    private int read;
    private double mostHeap;
    private double mostSeconds;
    private volatile String current = "";
    private volatile long cpuAtStart;
    private volatile long wallAtStart = System.nanoTime();
    private volatile Optional<AssertionError> failure = Optional.empty();

    boolean goesOn() {
      return failure.isEmpty();
    }

    void read(String name, byte[] content, boolean isSample) {
      try {
        Files.write(file, content);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      cpuAtStart = THREADS.getCurrentThreadCpuTime();
      wallAtStart = System.nanoTime();
      current = name;
      long heapAtStart = THREADS.getCurrentThreadAllocatedBytes();
      Optional<Throwable> thrown = Optional.empty();
      try {
        reader.read(file);
      } catch (Throwable e) {
        // Errors too: a full stack or heap is just what is looked for.
        thrown = Optional.of(e);
      }
      long heap = THREADS.getCurrentThreadAllocatedBytes() - heapAtStart;
      double seconds = (THREADS.getCurrentThreadCpuTime() - cpuAtStart) / 1e9;
      current = "";
      if (isSample) {
        // Loads the classes too, so its heap and time are not counted.
        if (thrown.isPresent()) {
          fail(name, "a whole file is refused", thrown);
        }
        return;
      }
      tried++;
      mostSeconds = Math.max(mostSeconds, seconds);
      long limit = heapBase + (long) heapPerByte * content.length;
      mostHeap = Math.max(mostHeap, (double) heap / limit);
      if (heap > limit) {
        String problem = heap + " bytes of heap for a file of " + content.length;
        fail(name, problem, thrown);
      } else if (thrown.isEmpty()) {
        read++;
      } else if (!allowed.contains(thrown.get().getClass())) {
        fail(name, "an exception that is not documented", thrown);
      } else if (!String.valueOf(thrown.get().getMessage()).contains(named.toString())) {
        fail(name, "a message that does not name the file", thrown);
      } else {
        refused.merge(thrown.get().getClass().getSimpleName(), 1, Integer::sum);
      }
    }

    private void fail(String name, String problem, Optional<Throwable> cause) {
      fail(new AssertionError(problem + ", " + kept(name), cause.orElse(null)));
    }

    void fail(AssertionError problem) {
      failure = Optional.of(problem);
    }

    private String kept(String name) {
      Path folder = Path.of("target", "fuzz");
      Path copy = folder.resolve(file.getFileName().toString());
      try {
        Files.createDirectories(folder);
        Files.write(copy, Files.readAllBytes(file));
        return name + ", kept as " + copy.toAbsolutePath();
      } catch (IOException e) {
        return name + ", not kept: " + e;
      }
    }

    void watch(Thread worker) {
      try {
        for (worker.join(200); worker.isAlive() && goesOn(); worker.join(200)) {
          String name = current;
          double cpu = (THREADS.getThreadCpuTime(worker.getId()) - cpuAtStart) / 1e9;
          double wall = (System.nanoTime() - wallAtStart) / 1e9;
          if (!name.isEmpty()
              && (cpu > MOST_SECONDS || wall > MOST_SECONDS_WAITING)
              && name.equals(current)) {
            AssertionError slow =
                new AssertionError(
                    (int) cpu + " s of CPU time, " + (int) wall + " s in all, " + kept(name));
            slow.setStackTrace(worker.getStackTrace());
            throw slow;
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("the fuzzer was interrupted", e);
      }
      failure.ifPresent(
          problem -> {
            throw problem;
          });
    }

    Outcome outcome() {
      return new Outcome(tried, read, Map.copyOf(refused), mostHeap, mostSeconds);
    }
  }
}
