package dev.fgvc.nets.engine.torch.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpuLibrarySearchTest {

  private static final String LIBTORCH = "org/bytedeco/pytorch/" + Loader.getPlatform();
  private static final String CUDA = "org/bytedeco/cuda/" + Loader.getPlatform();

  @TempDir private Path folder;

  @Test
  void isShortWhereTheClassPathHasNothingForGpus() throws Exception {
    try (NotingLoader loader = NotingLoader.of(folder)) {
      assertThat(loader.call(Shortening.class)).isEqualTo(true);
      assertThat(loader.libraries(CUDA)).containsExactlyInAnyOrder("cudart", "nvinfer", "c10_cuda");
      assertThat(loader.libraries("none/"))
          .contains("cublas", "cudnn", "torch_cuda")
          .doesNotContain("gomp");
    }
  }

  @Test
  void isAsItComesWithABuildOfLibtorchForGpus() throws Exception {
    put(LIBTORCH + "-gpu", "c10_cuda");
    assertThatItIsAsItComes();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cudart", "nvinfer"})
  void isAsItComesWithLibrariesOfAGpuOnTheClassPath(String library) throws Exception {
    put(CUDA, library);
    put("org/bytedeco/tensorrt/" + Loader.getPlatform(), library);
    assertThatItIsAsItComes();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.bytedeco.javacpp.platform.extension",
        "org.bytedeco.javacpp.platform.preloadpath",
        "org.bytedeco.javacpp.pathsFirst"
      })
  void isAsTheUserSaysWhereAPropertyIsSet(String property) throws Exception {
    System.setProperty(property, "");
    try {
      assertThatItIsAsItComes();
    } finally {
      System.clearProperty(property);
    }
  }

  @Test
  void loadingLibtorchFollowsTheShortSearchAndChangesNoProperty() throws Exception {
    Path said = folder.resolve("said.txt");
    Process process =
        ChildJvm.of(List.of("-Xmx256m"), LoadingLibtorch.class, folder)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();

    assertThat(process.waitFor()).as(Files.readString(said)).isZero();
    List<String> lines = Files.readAllLines(said);
    assertThat(lines.get(0)).isEqualTo("loaded; nothing changed");
    assertThat(lines.subList(1, lines.size()))
        .as("looked for on the class path")
        .contains("cudart", "c10_cuda")
        .doesNotContain("cublas", "cudnn", "torch_cuda");
  }

  private void assertThatItIsAsItComes() throws Exception {
    try (NotingLoader loader = NotingLoader.of(folder)) {
      assertThat(loader.call(Shortening.class)).isEqualTo(false);
      assertThat(loader.libraries("none/")).isEmpty();
    }
  }

  private void put(String place, String library) throws IOException {
    Path file = folder.resolve(place).resolve(System.mapLibraryName(library));
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[1]);
  }

  /** Shortens the search of the JavaCPP beside it. */
  public static final class Shortening implements Callable<Object> {
    @Override
    public Object call() {
      return GpuLibrarySearch.shorten();
    }
  }

  /** Loads libtorch, and one more class of its binding, which has JavaCPP search again. */
  public static final class LoadingAll implements Callable<Object> {
    @Override
    public Object call() throws ClassNotFoundException {
      var system = System.getProperties().clone();
      var before = Loader.loadProperties().clone();
      TorchLibrary.LIBTORCH.load();
      Class.forName(Tensor.class.getName(), true, Tensor.class.getClassLoader());
      return "loaded; "
          + (system.equals(System.getProperties()) && before.equals(Loader.loadProperties())
              ? "nothing changed"
              : "properties changed");
    }
  }

  /** Does that, and prints which of CUDA's libraries were looked for on the class path. */
  static final class LoadingLibtorch {

    private LoadingLibtorch() {}

    /** Takes a folder without libraries. */
    public static void main(String[] arguments) throws Exception {
      try (NotingLoader loader = NotingLoader.of(Path.of(arguments[0]))) {
        System.out.println(loader.call(LoadingAll.class));
        loader.libraries(CUDA).forEach(System.out::println);
      }
    }
  }

  /** A class loader of its own for all of this class path, which notes what is asked for. */
  private static final class NotingLoader extends URLClassLoader {

    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    private NotingLoader(URL[] classPath) {
      super(classPath, ClassLoader.getPlatformClassLoader());
    }

    static NotingLoader of(Path first) throws IOException {
      List<URL> urls = new ArrayList<>(List.of(first.toUri().toURL()));
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
      return new NotingLoader(urls.toArray(URL[]::new));
    }

    Object call(Class<? extends Callable<Object>> type) throws Exception {
      return ((Callable<?>) loadClass(type.getName()).getConstructor().newInstance()).call();
    }

    /** The names of libraries that were asked for in folders that begin so. */
    Set<String> libraries(String folders) {
      Set<String> names = new TreeSet<>();
      for (String path : asked) {
        String file = path.substring(path.lastIndexOf('/') + 1);
        if (path.startsWith(folders) && !file.endsWith(".class")) {
          names.add(file.replaceFirst("^lib", "").replaceFirst("\\..*", ""));
        }
      }
      return names;
    }

    @Override
    public URL findResource(String name) {
      asked.add(name);
      return super.findResource(name);
    }

    @Override
    public Enumeration<URL> findResources(String name) throws IOException {
      asked.add(name);
      return super.findResources(name);
    }
  }
}
