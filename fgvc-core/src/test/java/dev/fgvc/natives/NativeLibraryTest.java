package dev.fgvc.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.artifact.MissingArtifactException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeLibraryTest {

  private static final NativeLibrary LIBRARY =
      NativeLibrary.builder("libexample", NativeArtifact.JAVACPP)
          .advice("take less", "try another way")
          .build(() -> {});

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CUDA out of memory. Tried to allocate 670.55 GiB. GPU 0 has a total capacity of 139.80 GiB"
            + " | (670.55 GiB asked for)",
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 720 bytes. Error code 12"
            + " | (720 bytes asked for)",
        "OpenCV(4.13.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 99 bytes"
            + " | (99 bytes asked for)",
        "CUDA error: out of memory | (CUDA error: out of memory)",
        "std::bad_alloc | (std::bad_alloc)"
      })
  void saysHowMuchMemoryWasAskedFor(String message, String said) {
    RuntimeException cause = nativeFailure(new RuntimeException(message));
    assertThatExceptionOfType(NativeLibraryException.class)
        .isThrownBy(() -> LIBRARY.call("8 images", failing(cause)))
        .withMessage("out of memory outside the Java heap in 8 images " + said + ": take less")
        .withCause(cause);
  }

  @Test
  void tellsTheLimitsOfJavaCppFromThatOfTheJavaHeap() {
    OutOfMemoryError limit =
        new OutOfMemoryError("Physical memory usage is too high: physicalBytes (2G) > 1G");
    assertThatExceptionOfType(NativeLibraryException.class)
        .isThrownBy(() -> LIBRARY.run("8 images", failing(limit)::get))
        .withMessageContaining("physicalBytes (2G)")
        .withCause(limit);
    OutOfMemoryError heap = nativeFailure(new OutOfMemoryError("Java heap space"));
    assertThatThrownBy(() -> LIBRARY.call("8 images", failing(heap))).isSameAs(heap);
  }

  @Test
  void leavesStackFramesOfCppToTheCause() {
    RuntimeException cause =
        nativeFailure(
            new RuntimeException(
                "\nmat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)\nException raised from"
                    + " meta at LinearAlgebra.cpp:189\nframe #0: c10::Error::Error"));
    assertThatExceptionOfType(NativeLibraryException.class)
        .isThrownBy(() -> LIBRARY.call("8 images", failing(cause)))
        .withMessage(
            "libexample failed in 8 images (mat1 and mat2 shapes cannot be multiplied (2x3 and"
                + " 4x5)): try another way")
        .withCause(cause);
  }

  @Test
  void namesTheTypeOfAFailureWithoutWordsAndCutsEndlessOnes() {
    RuntimeException silent = nativeFailure(new UnsupportedOperationException());
    assertThatThrownBy(() -> LIBRARY.call("8 images", failing(silent)))
        .hasMessageContaining("(UnsupportedOperationException)");
    RuntimeException endless = nativeFailure(new RuntimeException("1 ".repeat(100_000)));
    assertThatThrownBy(() -> LIBRARY.call("8 images", failing(endless)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
  }

  /** Classes that do not fit each other show when a method is first called. */
  @Test
  void translatesMissingMethods() {
    LinkageError cause = new NoSuchMethodError("org.bytedeco.example");
    assertThatThrownBy(() -> LIBRARY.call("8 images", failing(cause)))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("org.bytedeco.example")
        .hasCause(cause);
  }

  @Test
  void passesOnWhatThisLibraryThrows() {
    RuntimeException own = new IllegalArgumentException("label 7 of 3 classes");
    assertThatThrownBy(() -> LIBRARY.call("8 images", failing(own))).isSameAs(own);
    assertThat(LIBRARY.call("8 images", () -> 3)).isEqualTo(3);
  }

  @Test
  void namesEachArtifactThatIsMissingWithItsVersion() {
    NativeLibrary absent =
        NativeLibrary.builder("libtorch", NativeArtifact.PYTORCH, NativeArtifact.JAVACPP)
            .exception(IllegalCallerException::new)
            .build(
                () -> {
                  throw new NoClassDefFoundError("org/bytedeco/pytorch/global/torch");
                });
    assertThat(absent.unavailableBecause().orElseThrow())
        .matches(
            "libtorch is not usable here: add to the class path"
                + " org\\.bytedeco:pytorch:[0-9][0-9.-]+,"
                + " org\\.bytedeco:pytorch:[0-9][0-9.-]+ with the classifier [a-z]+-[a-z0-9_]+");
    assertThatExceptionOfType(MissingArtifactException.class)
        .isThrownBy(absent::load)
        .withMessage(absent.unavailableBecause().orElseThrow())
        .withCauseInstanceOf(NoClassDefFoundError.class)
        .satisfies(
            e ->
                assertThat(e.missing())
                    .containsExactly(
                        NativeArtifact.PYTORCH.binding(), NativeArtifact.PYTORCH.library())
                    .isEqualTo(absent.missingArtifacts()));
  }

  @Test
  void tellsWhatCannotBeUnpackedFromWhatCannotBeLoaded() {
    NativeLibrary unwritten =
        NativeLibrary.builder("libexample", NativeArtifact.JAVACPP)
            .build(
                () -> {
                  throw new IOException("No space left on device");
                });
    assertThatThrownBy(unwritten::load)
        .hasMessageContaining("cannot be unpacked (No space left on device)")
        .hasMessageContaining("org.bytedeco.javacpp.cachedir");
    NativeLibrary unfit =
        NativeLibrary.builder("libexample", NativeArtifact.JAVACPP)
            .build(
                () -> {
                  throw new UnsatisfiedLinkError("/lib/libc.so.6: version GLIBC_2.99 not found");
                });
    assertThatThrownBy(unfit::load)
        .hasMessageContaining("cannot be loaded (/lib/libc.so.6: version GLIBC_2.99 not found)")
        .hasMessageContaining("org.bytedeco:javacpp:");
  }

  @Test
  void loadsOnceWhetherThatSucceedsOrNot() {
    AtomicInteger loads = new AtomicInteger();
    NativeLibrary good =
        NativeLibrary.builder("libexample", NativeArtifact.JAVACPP).build(loads::incrementAndGet);
    good.load();
    good.load();
    assertThat(loads).hasValue(1);
    NativeLibrary bad =
        NativeLibrary.builder("libexample", NativeArtifact.JAVACPP)
            .build(
                () -> {
                  loads.incrementAndGet();
                  throw new IOException("No space left on device");
                });
    assertThatThrownBy(bad::load).isInstanceOf(NativeLibraryException.class);
    assertThatThrownBy(bad::load).isInstanceOf(NativeLibraryException.class);
    assertThat(loads).hasValue(2);
  }

  @Test
  void loadsThoughTheCallerIsInterrupted() {
    NativeLibrary library =
        NativeLibrary.builder("libexample", NativeArtifact.JAVACPP)
            .build(
                () -> {
                  if (Thread.currentThread().isInterrupted()) {
                    throw new IOException("interrupted");
                  }
                });
    Thread.currentThread().interrupt();
    try {
      assertThat(library.unavailableBecause()).isEmpty();
    } finally {
      assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    }
  }

  private static <T extends Throwable> T nativeFailure(T failure) {
    failure.setStackTrace(
        new StackTraceElement[] {
          new StackTraceElement("org.bytedeco.pytorch.global.torch", "mm", null, -2),
          new StackTraceElement("dev.fgvc.nets.engine.torch.inference.TorchForward", "run", null, 1)
        });
    return failure;
  }

  private static Supplier<Integer> failing(Throwable failure) {
    return () -> {
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    };
  }
}
