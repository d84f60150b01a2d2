package dev.fgvc.nets.engine.torch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.reflect.ClassPath;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessSettingsTest {

  /** Below glibc's highest limit for blocks that it gives back, and above what else is freed. */
  private static final long LARGE_BLOCK = 30 << 20;

  /** In the word before a block, glibc says that it was fetched from the system by itself. */
  private static final long IS_MAPPED = 2;

  @TempDir private static Path folder;

  @AfterEach
  void allowAgain() {
    System.clearProperty(ProcessSettings.PROPERTY);
  }

  @Test
  void loadingEveryClassChangesNothing() throws Exception {
    assertThat(linesOf(List.of(), ClassLoading.class)).containsExactly("nothing changed");
  }

  @Test
  void withoutThemEnginesWorkAndTheProcessStaysAsItWas() throws Exception {
    List<String> without = linesOf(List.of("-Dfgvc.processSettings=false"), SmallJob.class);
    List<String> with = linesOf(List.of(), SmallJob.class);

    assertThat(without.get(0)).isEqualTo("TF32 true, threads as before, none of this library");
    double[] expected = values(with.get(2));
    assertThat(values(without.get(2))).containsExactly(expected, Offset.offset(1e-5));
    if (with.get(1).equals("freed blocks are kept")) { // glibc, as it comes
      assertThat(without.get(1)).isEqualTo("freed blocks are given back");
    }
  }

  private static double[] values(String line) {
    return Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  @Test
  void refusesOtherValuesThanTrueAndFalse() {
    System.setProperty(ProcessSettings.PROPERTY, "no");
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(ProcessSettings::mayChange)
        .withMessage("the system property fgvc.processSettings is 'no': set it to true or false");
  }

  /** libtorch keeps this setting without a GPU, too. */
  @Test
  void float32IsFloat32OnAGpuOrRefused() {
    TorchLibrary.LIBTORCH.load();
    boolean before = torch.globalContext().allowTF32CuDNN();
    try {
      torch.globalContext().setAllowTF32CuDNN(true);
      System.setProperty(ProcessSettings.PROPERTY, "false");
      assertThatExceptionOfType(EngineException.class)
          .isThrownBy(() -> ProcessSettings.useFullFloat32(Device.cuda(0)))
          .withMessageContaining("setAllowTF32CuDNN(false)");
      assertThat(torch.globalContext().allowTF32CuDNN()).isTrue();
      ProcessSettings.useFullFloat32(Device.cpu());

      torch.globalContext().setAllowTF32CuDNN(false);
      ProcessSettings.useFullFloat32(Device.cuda(0)); // set by the application

      torch.globalContext().setAllowTF32CuDNN(true);
      System.clearProperty(ProcessSettings.PROPERTY);
      ProcessSettings.useFullFloat32(Device.cuda(0));
      assertThat(torch.globalContext().allowTF32CuDNN()).isFalse();
    } finally {
      torch.globalContext().setAllowTF32CuDNN(before);
    }
  }

  private static List<String> linesOf(List<String> options, Class<?> main) throws Exception {
    List<String> all = new ArrayList<>(options);
    all.add("-Xmx256m");
    Path output = folder.resolve(main.getSimpleName() + options.size() + ".txt");
    Process process =
        ChildJvm.of(all, main, folder)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();
    return Files.readAllLines(output);
  }

  /** Initializes every class of core and nets, and prints what is not as it was. */
  static final class ClassLoading {

    private ClassLoading() {}

    /** Takes a folder, in which JavaCPP's cache would be. */
    public static void main(String[] arguments) throws IOException, ClassNotFoundException {
      Path cache = Path.of(arguments[0], "cache");
      System.setProperty("org.bytedeco.javacpp.cachedir", cache.toString());
      ClassLoader loader = ClassLoading.class.getClassLoader();
      Map<String, String> before = state();
      for (ClassPath.ClassInfo name :
          ClassPath.from(loader).getTopLevelClassesRecursive("dev.fgvc")) {
        initialize(name.load());
      }
      Map<String, String> changes = new TreeMap<>(state());
      changes.entrySet().removeAll(before.entrySet());
      if (Files.exists(cache)) {
        changes.put("unpacked", cache.toString());
      }
      System.out.println(changes.isEmpty() ? "nothing changed" : changes);
    }

    private static void initialize(Class<?> type) throws ClassNotFoundException {
      if (isTest(type)) {
        return;
      }
      try {
        Class.forName(type.getName(), true, type.getClassLoader());
        for (Class<?> inner : type.getDeclaredClasses()) {
          initialize(inner);
        }
      } catch (NoClassDefFoundError e) {
        // An optional dependency is not on this class path.
      }
    }

    private static boolean isTest(Class<?> type) {
      return type.getProtectionDomain().getCodeSource().getLocation().getPath().contains("test");
    }

    private static Map<String, String> state() throws IOException {
      Map<String, String> state = new TreeMap<>();
      state.put("time zone", TimeZone.getDefault().getID()); // which is a property from now on
      System.getProperties().forEach((name, value) -> state.put("property " + name, value + ""));
      state.keySet().removeIf(name -> name.startsWith("property sun.")); // such as java.awt's
      Thread.getAllStackTraces().keySet().forEach(it -> state.put("thread " + it.getName(), ""));
      state.put("locale", Locale.getDefault().toString());
      state.put("handler", String.valueOf(Thread.getDefaultUncaughtExceptionHandler()));
      Path maps = Path.of("/proc/self/maps");
      if (Files.isReadable(maps)) {
        Files.readAllLines(maps).stream()
            .map(line -> line.substring(line.indexOf('/') + 1))
            .filter(path -> path.contains(".so") && !path.contains("/jvm/"))
            .forEach(path -> state.put("library " + path, ""));
      }
      return state;
    }
  }

  /** Runs and trains a small network, and prints what became of the process, and results. */
  static final class SmallJob {

    private SmallJob() {}

    /** Takes no notice of its arguments. */
    public static void main(String[] arguments) throws InterruptedException {
      NetworkGraph graph =
          Architecture.RESNET_V2_50.builder().classes(3).widthMultiplier(0.05).build();
      Weights weights = Weights.initialize(graph, 1);
      Images images = Noise.images(8, 33, 1);
      Engine engine = Engine.torch();
      int threads = threadsOfOthers();
      try (Network network = engine.compile(graph, weights);
          TrainableNetwork training =
              engine.compileForTraining(graph, weights, TrainingOptions.paper())) {
        float[] logits = network.logits(images).data;
        double loss = training.step(images, new int[8], 0.01).total();
        engine.sideBySide(List.of(() -> 1, () -> 2, () -> 3));
        boolean alone =
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("fgvc"));
        System.out.println(
            "TF32 "
                + torch.globalContext().allowTF32CuDNN()
                + (threads == threadsOfOthers() ? ", threads as before" : ", other threads")
                + (alone ? ", none of this library" : ", some of this library"));
        System.out.println("freed blocks are " + (isMapped() ? "given back" : "kept"));
        StringBuilder results = new StringBuilder().append(loss);
        for (float logit : logits) {
          results.append(' ').append(logit);
        }
        System.out.println(results);
      }
    }

    /** The number of threads that libtorch gives a thread that comes to it now. */
    private static int threadsOfOthers() throws InterruptedException {
      int[] count = new int[1];
      Thread other = new Thread(() -> count[0] = torch.get_num_threads());
      other.start();
      other.join();
      return count[0];
    }

    private static boolean isMapped() {
      Pointer block = Pointer.malloc(LARGE_BLOCK);
      long header = new LongPointer(block).get(-1);
      Pointer.free(block);
      return (header & IS_MAPPED) != 0;
    }
  }
}
