package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J and the native library of whichever backend is on the class path. */
final class Nd4jLibrary {

  /** The way to ND4J for all of this package. */
  static final NativeLibrary ND4J =
      NativeLibrary.builder(
              "ND4J", NativeArtifact.ND4J_NATIVE, NativeArtifact.OPENBLAS, NativeArtifact.JAVACPP)
          .exception(EngineException::new)
          .advice(
              "lower the resolution, train with fewer images a batch, or raise"
                  + " org.bytedeco.javacpp.maxBytes and org.bytedeco.javacpp.maxPhysicalBytes",
              "try Engine.torch()")
          .build(() -> load());

  private Nd4jLibrary() {}

  private static void load() {
    Nd4j.getExecutioner();
  }

  /** The device that the backend computes on. */
  static Device device() {
    return Nd4j.getExecutioner().type() == ExecutionerType.CUDA ? Device.cuda(0) : Device.cpu();
  }
}
