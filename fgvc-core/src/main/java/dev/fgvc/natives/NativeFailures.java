package dev.fgvc.natives;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells in one line what native libraries and their bindings throw, without C++ stack frames. */
public final class NativeFailures {

  /** How the allocators of libtorch for CPUs and GPUs, OpenCV and ND4J tell what was asked for. */
  private static final Pattern AMOUNT =
      Pattern.compile(
          "(?:[Tt]ried to allocate|[Ff]ailed to allocate) (\\d+ bytes|[0-9.]+ [KMGT]iB)");

  /** The same where nothing says how much. */
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("bad_alloc|[Oo]ut of memory|OutOfMemoryError");

  /** JavaCPP's limits, and not that of the Java heap, which it may run into as any code does. */
  private static final Pattern LIMIT = Pattern.compile("totalBytes|physicalBytes|Native allocator");

  private static final List<String> BINDINGS =
      List.of("org.bytedeco.", "org.nd4j.", "ai.onnxruntime.");
  private static final String OWN = "dev.fgvc.";

  /** Longer lines hold shapes or paths without end. */
  private static final int MAX_LENGTH = 300;

  private NativeFailures() {}

  /**
   * Whether memory outside the Java heap was not enough.
   *
   * @param failure thrown by a native library or its binding
   * @return false for others, and for an OutOfMemoryError of the Java heap
   */
  public static boolean isOutOfMemory(Throwable failure) {
    return memory(failure).isPresent();
  }

  /** The words about memory outside the Java heap, if a lack of it is what failed. */
  static Optional<String> memory(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof OutOfMemoryError) {
      return Optional.of(firstLine(failure)).filter(line -> LIMIT.matcher(line).find());
    }
    if (!isNative(failure)) {
      return Optional.empty();
    }
    Matcher amount = AMOUNT.matcher(message);
    if (amount.find()) {
      return Optional.of(amount.group(1) + " asked for");
    }
    return Optional.of(message)
        .filter(said -> OUT_OF_MEMORY.matcher(said).find())
        .map(said -> firstLine(failure));
  }

  /**
   * Whether a binding threw this, and not code of ours. JavaCPP makes a bare RuntimeException of
   * every C++ exception, so that the type says nothing.
   */
  static boolean isNative(Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      return false; // of the Java heap, wherever it ran out
    }
    return failure instanceof LinkageError
        || Arrays.stream(failure.getStackTrace())
            .map(StackTraceElement::getClassName)
            .filter(name -> name.startsWith(OWN) || isBinding(name))
            .findFirst()
            .filter(NativeFailures::isBinding)
            .isPresent();
  }

  private static boolean isBinding(String className) {
    return BINDINGS.stream().anyMatch(className::startsWith);
  }

  /**
   * The first line of a message.
   *
   * @param failure any
   * @return at most 300 characters; the type's name where there is no message
   */
  public static String firstLine(Throwable failure) {
    String line =
        Stream.ofNullable(failure.getMessage())
            .flatMap(String::lines)
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse(failure.getClass().getSimpleName());
    return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "...";
  }

  /** Why a library cannot be loaded though all its artifacts are there, and the way out. */
  static String refusal(String library, List<NativeArtifact> artifacts, Throwable failure) {
    Optional<String> memory = memory(Throwables.getRootCause(failure));
    if (memory.isPresent()) {
      return library
          + " needs more memory outside the Java heap to load ("
          + memory.get()
          + "): raise org.bytedeco.javacpp.maxBytes and org.bytedeco.javacpp.maxPhysicalBytes, and"
          + " start again";
    }
    Optional<Throwable> unwritten =
        Throwables.getCausalChain(failure).stream()
            .filter(IOException.class::isInstance)
            .findFirst();
    if (unwritten.isPresent()) {
      return library
          + " cannot be unpacked ("
          + firstLine(unwritten.get())
          + "): set the system property org.bytedeco.javacpp.cachedir to a folder that can be"
          + " written to and has room, and start again";
    }
    return library
        + " is on the class path but cannot be loaded ("
        + firstLine(Throwables.getRootCause(failure))
        + "): use these versions together, for this platform: "
        + artifacts.stream()
            .map(artifact -> artifact.binding().coordinates())
            .collect(Collectors.joining(", "));
  }
}
