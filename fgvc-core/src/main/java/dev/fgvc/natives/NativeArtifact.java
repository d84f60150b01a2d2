package dev.fgvc.natives;

import com.google.common.base.Ascii;
import dev.fgvc.artifact.Artifact;
import dev.fgvc.artifact.ClassPathReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Maven artifact with a Java binding, whose native library is a second artifact with the platform
 * as its classifier, or is in the first.
 */
public enum NativeArtifact {
  /** The loader, which all others need. */
  JAVACPP("org.bytedeco:javacpp", "org/bytedeco/javacpp/Loader", "org/bytedeco/javacpp/jnijavacpp"),
  /** Linear algebra, which all others but the loader need. */
  OPENBLAS(
      "org.bytedeco:openblas",
      "org/bytedeco/openblas/global/openblas",
      "org/bytedeco/openblas/jniopenblas"),
  /** Decodes images. */
  OPENCV(
      "org.bytedeco:opencv",
      "org/bytedeco/opencv/global/opencv_imgcodecs",
      "org/bytedeco/opencv/jniopencv_imgcodecs"),
  /** The tensor library of PyTorch. */
  PYTORCH(
      "org.bytedeco:pytorch", "org/bytedeco/pytorch/global/torch", "org/bytedeco/pytorch/jnitorch"),
  /** Connects processes with GPUs; in the tensor library's build for these alone, on Linux. */
  PYTORCH_NCCL(
      "org.bytedeco:pytorch",
      "org/bytedeco/pytorch/nccl/ProcessGroupNCCL",
      "org/bytedeco/pytorch/jnitorch_nccl",
      "-gpu"),
  /** CUDA's binding; its libraries come from the machine. */
  CUDA("org.bytedeco:cuda", "org/bytedeco/cuda/presets/nccl", ""),
  /** The backend of ND4J for CPUs. */
  ND4J_NATIVE(
      "org.nd4j:nd4j-native",
      "org/nd4j/linalg/cpu/nativecpu/CpuBackend",
      "org/nd4j/linalg/cpu/nativecpu/bindings/jnind4jcpu"),
  /** Runs ONNX models; has the native libraries of all platforms in itself. */
  ONNXRUNTIME("com.microsoft.onnxruntime:onnxruntime", "ai/onnxruntime/OrtEnvironment", "");

  /** Suffixes of the platform's folder, for GPUs and for ND4J on newer CPUs. */
  private static final List<String> EXTENSIONS = List.of("", "-gpu", "-avx2", "-avx512");

  private final String module;
  private final String bindingClass;
  private final String nativeLibrary;
  private final String build;

  /**
   * The library lies in the folder given, in one named after the platform; empty where it comes
   * with the binding.
   */
  NativeArtifact(String module, String bindingClass, String nativeLibrary) {
    this(module, bindingClass, nativeLibrary, "");
  }

  /** With the end of the classifier, after the platform, of a build that has the library alone. */
  NativeArtifact(String module, String bindingClass, String nativeLibrary, String build) {
    this.module = module;
    this.bindingClass = bindingClass;
    this.nativeLibrary = nativeLibrary;
    this.build = build;
  }

  /**
   * The binding.
   *
   * @return the artifact without a classifier
   */
  public Artifact binding() {
    return Artifact.of(module);
  }

  /**
   * The native library of this machine's platform, where the binding does not have it in itself.
   *
   * @return the artifact with the platform as its classifier, or as the beginning of it
   */
  public Artifact library() {
    return binding().withClassifier(platform() + build);
  }

  private Stream<Artifact> artifacts() {
    return nativeLibrary.isEmpty() ? Stream.of(binding()) : Stream.of(binding(), library());
  }

  /** The artifacts that a class loader does not find. */
  List<Artifact> missing(ClassLoader loader) {
    List<Artifact> missing = new ArrayList<>();
    if (loader.getResource(bindingClass + ".class") == null) {
      missing.add(binding());
    }
    if (!nativeLibrary.isEmpty()
        && EXTENSIONS.stream().noneMatch(extension -> hasLibrary(loader, extension))) {
      missing.add(library());
    }
    return missing;
  }

  /**
   * Returns which of some artifacts a class loader finds. Nothing is loaded, so a library may fail
   * to load though all its artifacts are there.
   *
   * @param purpose for the report
   * @param artifacts bindings with their native libraries
   * @param loader of the classes that use them
   * @return the artifacts that are there and those that are missing
   */
  public static ClassPathReport.Entry look(
      String purpose, List<NativeArtifact> artifacts, ClassLoader loader) {
    List<Artifact> missing = missing(artifacts, loader);
    List<Artifact> present =
        artifacts.stream()
            .flatMap(NativeArtifact::artifacts)
            .filter(artifact -> !missing.contains(artifact))
            .toList();
    String mixed =
        present.stream()
            .filter(artifact -> artifact.classifier().isEmpty())
            .flatMap(artifact -> otherVersion(artifact, loader).stream())
            .collect(Collectors.joining("; "));
    return new ClassPathReport.Entry(purpose, present, missing, mixed);
  }

  private static Optional<String> otherVersion(Artifact artifact, ClassLoader loader) {
    return artifact
        .versionIn(loader)
        .filter(version -> !version.equals(artifact.version()))
        .map(version -> "found version " + version + " in place of " + artifact);
  }

  /** The artifacts that a class loader does not find, of several. */
  static List<Artifact> missing(List<NativeArtifact> artifacts, ClassLoader loader) {
    return artifacts.stream().flatMap(artifact -> artifact.missing(loader).stream()).toList();
  }

  private boolean hasLibrary(ClassLoader loader, String extension) {
    int name = nativeLibrary.lastIndexOf('/') + 1;
    String folder = nativeLibrary.substring(0, name) + platform() + extension + "/";
    String file = System.mapLibraryName(nativeLibrary.substring(name));
    return loader.getResource(folder + file) != null;
  }

  /**
   * This machine's name for JavaCPP, which need not be there.
   *
   * @return such as {@code linux-x86_64}
   */
  public static String platform() {
    String system = Ascii.toLowerCase(System.getProperty("os.name", ""));
    String processor = Ascii.toLowerCase(System.getProperty("os.arch", ""));
    String architecture =
        switch (processor) {
          case "amd64", "x86-64", "x64" -> "x86_64";
          case "aarch64" -> "arm64";
          default -> processor;
        };
    String name = system.startsWith("mac") ? "macosx" : system.split(" ", 2)[0];
    return System.getProperty("org.bytedeco.javacpp.platform", name + "-" + architecture);
  }
}
