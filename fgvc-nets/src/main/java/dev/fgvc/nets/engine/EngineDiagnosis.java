package dev.fgvc.nets.engine;

import dev.fgvc.artifact.Artifact;
import dev.fgvc.artifact.ClassPathReport;
import dev.fgvc.artifact.ClassPathReport.Entry;
import dev.fgvc.artifact.OptionalReader;
import dev.fgvc.natives.NativeArtifact;
import java.util.ArrayList;
import java.util.List;

/** Looks at the class path for all that this library may use. */
final class EngineDiagnosis {

  private static final List<NativeArtifact> SHARED =
      List.of(NativeArtifact.OPENBLAS, NativeArtifact.JAVACPP);

  private EngineDiagnosis() {}

  static ClassPathReport of(List<Engine> engines) {
    List<Entry> entries = new ArrayList<>();
    entries.add(look("OpenCV, to decode images", NativeArtifact.OPENCV));
    for (Engine engine : engines) {
      entries.add(
          tried(
              engine,
              look(
                  "Engine '" + engine.name() + "', to run and train networks",
                  engine.name().equals("nd4j")
                      ? NativeArtifact.ND4J_NATIVE
                      : NativeArtifact.PYTORCH)));
    }
    entries.add(
        NativeArtifact.look(
            "ONNX Runtime, to run other backbones",
            List.of(NativeArtifact.ONNXRUNTIME),
            EngineDiagnosis.class.getClassLoader()));
    for (OptionalReader reader : OptionalReader.values()) {
      List<Artifact> artifact = List.of(reader.artifact());
      boolean present = reader.isIn(EngineDiagnosis.class.getClassLoader());
      entries.add(
          new Entry(
              "Reader of " + reader.files(),
              present ? artifact : List.of(),
              present ? List.of() : artifact,
              ""));
    }
    return new ClassPathReport(NativeArtifact.platform(), entries);
  }

  private static Entry look(String purpose, NativeArtifact artifact) {
    List<NativeArtifact> needed = new ArrayList<>(List.of(artifact));
    needed.addAll(SHARED);
    return NativeArtifact.look(purpose, needed, EngineDiagnosis.class.getClassLoader());
  }

  /** The entry with the engine's own words, which it has where it was tried and does not load. */
  private static Entry tried(Engine engine, Entry found) {
    String reason = engine.unavailableBecause();
    // Where it loads, another backend than the usual one may do, such as ND4J's for GPUs.
    return reason.isEmpty() || found.missing().isEmpty()
        ? new Entry(found.purpose(), found.present(), List.of(), reason)
        : found;
  }
}
