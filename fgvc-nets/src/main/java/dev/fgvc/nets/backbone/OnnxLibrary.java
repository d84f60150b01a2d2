package dev.fgvc.nets.backbone;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeFailures;
import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.engine.EngineException;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * ONNX Runtime, loaded when a model is first opened. This class mentions none of its types, so that
 * it can be used, and say what is missing, where the artifact is not on the class path.
 */
final class OnnxLibrary {

  /**
   * The start of ONNX Runtime 1.29 can need more than the usual stack of 1 MiB, and then ends the
   * process. This is address space; memory is taken for what is used of it.
   */
  private static final long STACK_BYTES = 256L << 20;

  private static final NativeLibrary ONNX_RUNTIME =
      NativeLibrary.builder("ONNX Runtime", NativeArtifact.ONNXRUNTIME)
          .exception(EngineException::new)
          .build(OnnxLibrary::loadNow);

  private OnnxLibrary() {}

  /**
   * Loads the library, unless that was done.
   *
   * @throws dev.fgvc.artifact.MissingArtifactException if it is not on the class path
   * @throws EngineException saying why it cannot be loaded
   */
  static void load() {
    ONNX_RUNTIME.load();
  }

  /** The artifact to have in place of the one for CPUs, with its version. */
  static String gpuArtifact() {
    return NativeArtifact.ONNXRUNTIME
        .binding()
        .coordinates()
        .replace(":onnxruntime:", ":onnxruntime_gpu:");
  }

  private static void loadNow() {
    FutureTask<Void> task = new FutureTask<>(OnnxSession::environment, null);
    Thread thread = new Thread(null, task, "fgvc-load-onnxruntime", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    try {
      Uninterruptibles.getUninterruptibly(task);
    } catch (ExecutionException e) {
      String words = NativeFailures.firstLine(Throwables.getRootCause(e));
      throw new IllegalStateException(
          Throwables.getCausalChain(e).stream().anyMatch(IOException.class::isInstance)
              ? "it cannot be unpacked into the folder java.io.tmpdir, "
                  + System.getProperty("java.io.tmpdir")
                  + ": "
                  + words
              : words);
    }
  }
}
