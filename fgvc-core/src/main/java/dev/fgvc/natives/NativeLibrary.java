package dev.fgvc.natives;

import com.google.common.base.Suppliers;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.artifact.Artifact;
import dev.fgvc.artifact.MissingArtifactException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * The only way to a native library behind JavaCPP. {@link #call} loads it before the first use and
 * turns what it throws into the caller's own exception: the message says what was being done, the
 * first line of the library's own words, and what to do; all its words, C++ stack frames among
 * them, are in the cause.
 *
 * <p>Processes that start together load one after the other, as JavaCPP by itself lets one of them
 * load what another is still unpacking. A library is loaded on a thread of its own, since an
 * interrupt would make JavaCPP fail and leave its classes unusable until the process ends. For the
 * same reason a library that could not be loaded is not tried again.
 *
 * <p>Safe for use by many threads.
 */
public final class NativeLibrary {

  /** Enough for a slow disk, yet a process that was stopped does not stop the others for good. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** All libraries share parts and symbolic links, so they wait for each other. */
  private static final Object LOADING = new Object();

  /** Loads a library. */
  @FunctionalInterface
  public interface Loading {

    /**
     * Unpacks, loads and initializes all that will be used. Called at most once.
     *
     * @throws IOException if a file cannot be unpacked
     */
    void run() throws IOException;
  }

  /** Why a library cannot be used: artifacts are missing, or else it does not load. */
  private record Absence(String message, List<Artifact> missing, Throwable cause) {}

  private final String name;
  private final BiFunction<String, Throwable, ? extends RuntimeException> exception;
  private final String memoryAdvice;
  private final String advice;
  private final Supplier<Optional<Absence>> absence;

  private NativeLibrary(Builder builder, Loading loading) {
    this.name = builder.name;
    this.exception = builder.exception;
    this.memoryAdvice = builder.memoryAdvice;
    this.advice = builder.advice;
    List<NativeArtifact> artifacts = builder.artifacts;
    this.absence = Suppliers.memoize(() -> load(name, artifacts, loading));
  }

  /**
   * Begins the description of a library; nothing is loaded by it.
   *
   * @param name for messages
   * @param artifacts all that have to be on the class path, each with its native library
   * @return a builder that throws {@link NativeLibraryException} and has no advice
   */
  public static Builder builder(String name, NativeArtifact... artifacts) {
    return new Builder(name, List.of(artifacts));
  }

  /**
   * Loads the library, unless that was done, and tells whether it can be used.
   *
   * @return why not, with the way out; empty if it can
   */
  public Optional<String> unavailableBecause() {
    return absence.get().map(Absence::message);
  }

  /**
   * Loads the library, unless that was done, and tells which artifacts it lacks.
   *
   * @return what to add to the class path; empty if the library can be used, or cannot be loaded
   *     for another reason
   */
  public List<Artifact> missingArtifacts() {
    return absence.get().map(Absence::missing).orElse(List.of());
  }

  /**
   * Loads the library, unless that was done; throws the exception that was set if it cannot.
   *
   * @throws MissingArtifactException if artifacts are missing, whatever exception was set
   */
  public void load() {
    Optional<Absence> reason = absence.get();
    if (reason.isPresent()) {
      if (!reason.get().missing().isEmpty()) {
        throw new MissingArtifactException(
            notUsable(name), reason.get().missing(), reason.get().cause());
      }
      throw exception.apply(reason.get().message(), reason.get().cause());
    }
  }

  private static String notUsable(String name) {
    return name + " is not usable here";
  }

  /**
   * Runs something that uses the library, loading it first. Exceptions that the library or its
   * binding threw, and those of native memory, become the exception that was set; all others pass.
   *
   * @param <T> of the result
   * @param what is being done, as a noun phrase for the message
   * @param work to be run on this thread
   * @return what the work gives
   */
  public <T> T call(String what, Supplier<T> work) {
    load();
    try {
      return work.get();
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      Optional<String> memory = NativeFailures.memory(e);
      if (memory.isPresent()) {
        String how = " (" + memory.get() + "): ";
        throw exception.apply(
            "out of memory outside the Java heap in " + what + how + memoryAdvice, e);
      }
      if (NativeFailures.isNative(e)) {
        String how = " (" + NativeFailures.firstLine(e) + "): ";
        throw exception.apply(name + " failed in " + what + how + advice, e);
      }
      throw e;
    }
  }

  /**
   * The same for something without a result.
   *
   * @param what is being done, as a noun phrase for the message
   * @param work to be run on this thread
   */
  public void run(String what, Runnable work) {
    call(
        what,
        () -> {
          work.run();
          return true;
        });
  }

  private static Optional<Absence> load(
      String name, List<NativeArtifact> artifacts, Loading loading) {
    FutureTask<Void> task = new FutureTask<>(alone(loading));
    Thread thread = new Thread(task, "fgvc-load-" + name);
    thread.setDaemon(true);
    thread.start();
    try {
      Uninterruptibles.getUninterruptibly(task);
      return Optional.empty();
    } catch (ExecutionException e) {
      ClassLoader loader = loading.getClass().getClassLoader();
      Throwable cause = e.getCause();
      List<Artifact> missing = NativeArtifact.missing(artifacts, loader);
      String message =
          missing.isEmpty()
              ? NativeFailures.refusal(name, artifacts, cause)
              : MissingArtifactException.message(notUsable(name), missing);
      return Optional.of(new Absence(message, missing, cause));
    }
  }

  /** Keeps other libraries and other processes away. */
  @SuppressWarnings("try") // the lock is held for what its closing does
  private static Callable<Void> alone(Loading loading) {
    return () -> {
      synchronized (LOADING) {
        Optional<Path> folder = CacheFolder.find();
        if (folder.isEmpty()) {
          loading.run(); // from elsewhere, or JavaCPP says why it cannot
          return null;
        }
        try (CacheLock lock = CacheLock.acquire(folder.get(), PATIENCE)) {
          loading.run();
        }
        return null;
      }
    };
  }

  /** Describes a library. */
  public static final class Builder {

    private final String name;
    private final List<NativeArtifact> artifacts;
    private BiFunction<String, Throwable, ? extends RuntimeException> exception =
        NativeLibraryException::new;
    private String memoryAdvice = "";
    private String advice = "";

    private Builder(String name, List<NativeArtifact> artifacts) {
      this.name = name;
      this.artifacts = artifacts;
    }

    /**
     * Sets what is thrown.
     *
     * @param type makes an exception of a message and a cause
     * @return this builder
     */
    public Builder exception(BiFunction<String, Throwable, ? extends RuntimeException> type) {
      this.exception = type;
      return this;
    }

    /**
     * Sets how messages end.
     *
     * @param memory what to do when memory outside the Java heap ends
     * @param otherwise what to do when the library fails in another way
     * @return this builder
     */
    public Builder advice(String memory, String otherwise) {
      this.memoryAdvice = memory;
      this.advice = otherwise;
      return this;
    }

    /**
     * Ends the description.
     *
     * @param loading loads the library; called at most once, on a thread of its own
     * @return the library, not loaded yet
     */
    public NativeLibrary build(Loading loading) {
      return new NativeLibrary(this, loading);
    }
  }
}
