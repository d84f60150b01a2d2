package dev.fgvc.nets.engine.torch.runtime;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * JavaCPP's search for the libraries of GPUs before it loads libtorch: some thirty, each by a dozen
 * names in every jar of the class path and then in the system's folders. Where there are none that
 * took a quarter of a second, and JavaCPP has no setting for it that other native libraries in the
 * process would not feel.
 *
 * <p>JavaCPP notes under a library's name where it was found, if anywhere, and does not look for it
 * again. So here it looks for the same libraries in the system's folders alone, when the class path
 * has none: it notes what its longer search would, and its later one for libtorch is short.
 */
final class GpuLibrarySearch {

  /**
   * Libraries of which one is there wherever any of the others is of use: CUDA's own, the part of
   * libtorch for GPUs, and TensorRT's.
   */
  private static final List<String> FIRST_OF_ALL = List.of("cudart", "c10_cuda", "nvinfer");

  /** Whose own libraries, of another version perhaps, share names with those looked for here. */
  private static final List<String> BINDINGS_OF_GPUS =
      List.of(
          "org/bytedeco/cuda/presets/cudart.class", "org/bytedeco/tensorrt/presets/nvinfer.class");

  /** Properties that say where JavaCPP looks; whoever sets one has the search as it comes. */
  private static final List<String> SETTINGS =
      List.of("org.bytedeco.javacpp.platform", "org.bytedeco.javacpp.pathsfirst");

  private GpuLibrarySearch() {}

  /**
   * Shortens the search, if the class path has nothing that it would find. Does nothing where a
   * property of the user governs it, a binding of CUDA or TensorRT is there that may want them
   * later, or JavaCPP comes from another class loader than libtorch's binding.
   *
   * @return whether it was shortened
   */
  static boolean shorten() {
    ClassLoader binding = torch.class.getClassLoader();
    if (isSetByUser()
        || Loader.class.getClassLoader() != binding
        || BINDINGS_OF_GPUS.stream().anyMatch(type -> binding.getResource(type) != null)) {
      return false;
    }
    ClassProperties search = Loader.loadProperties(torch.class, Loader.loadProperties(), true);
    List<String> libraries = new ArrayList<>(search.get("platform.preload"));
    libraries.removeAll(cpuLibraries());
    List<String> systemFolders = search.put("platform.preloadpath", List.of());
    if (libraries.stream().anyMatch(library -> isFirst(library) && isFound(search, library))) {
      return false;
    }
    lookIn(systemFolders, libraries);
    return true;
  }

  private static boolean isSetByUser() {
    return System.getProperties().stringPropertyNames().stream()
        .map(Ascii::toLowerCase)
        .anyMatch(name -> SETTINGS.stream().anyMatch(name::startsWith));
  }

  private static List<String> cpuLibraries() {
    Properties cpu = new Properties();
    cpu.putAll(Loader.loadProperties());
    cpu.setProperty("platform.extension", "");
    return Loader.loadProperties(torch.class, cpu, true).get("platform.preload");
  }

  /** Names are such as {@code cudart@.13}, with the version last. */
  private static boolean isFirst(String library) {
    return FIRST_OF_ALL.contains(Splitter.on('@').split(library).iterator().next());
  }

  private static boolean isFound(ClassProperties search, String library) {
    return Loader.findLibrary(torch.class, search, library).length > 0;
  }

  /**
   * Loads libraries as JavaCPP would before those of a class, from the system's folders. On the
   * class path it looks under a name that nothing has. It ends after that, as with any class that
   * has a program and no library of its own.
   */
  private static void lookIn(List<String> systemFolders, List<String> libraries) {
    Properties narrow = new Properties();
    narrow.putAll(Loader.loadProperties());
    String separator = narrow.getProperty("platform.path.separator");
    narrow.setProperty("platform", "/none");
    narrow.setProperty("platform.executable", "none");
    narrow.setProperty("platform.preload", String.join(separator, libraries));
    narrow.setProperty("platform.preloadpath", String.join(separator, systemFolders));
    Loader.load(Loader.class, narrow, false);
  }
}
