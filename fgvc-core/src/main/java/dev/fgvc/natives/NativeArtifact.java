package dev.fgvc.natives;

import com.google.common.base.Ascii;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
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

  /**
   * The library lies in the folder given, in one named after the platform; empty where it comes
   * with the binding.
   */
  NativeArtifact(String module, String bindingClass, String nativeLibrary) {
    this.module = module;
    this.bindingClass = bindingClass;
    this.nativeLibrary = nativeLibrary;
  }

  /**
   * The coordinates of the binding.
   *
   * @return group, artifact and version, as {@code org.bytedeco:opencv:4.13.0-1.5.13}
   */
  public String coordinates() {
    String name = module.substring(module.indexOf(':') + 1);
    return module + ":" + versions().getProperty(name);
  }

  private static Properties versions() {
    Properties versions = new Properties();
    try (InputStream file = NativeArtifact.class.getResourceAsStream("versions.properties")) {
      versions.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return versions;
  }

  /** The artifacts that a class loader does not find. */
  Stream<String> missing(ClassLoader loader) {
    Stream.Builder<String> missing = Stream.builder();
    if (loader.getResource(bindingClass + ".class") == null) {
      missing.add(coordinates());
    }
    if (!nativeLibrary.isEmpty()
        && EXTENSIONS.stream().noneMatch(extension -> hasLibrary(loader, extension))) {
      missing.add(coordinates() + " with the classifier " + platform());
    }
    return missing.build();
  }

  private boolean hasLibrary(ClassLoader loader, String extension) {
    int name = nativeLibrary.lastIndexOf('/') + 1;
    String folder = nativeLibrary.substring(0, name) + platform() + extension + "/";
    String file = System.mapLibraryName(nativeLibrary.substring(name));
    return loader.getResource(folder + file) != null;
  }

  /** This machine's name for JavaCPP, such as {@code linux-x86_64}, without asking JavaCPP. */
  private static String platform() {
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
