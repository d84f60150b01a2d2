package dev.fgvc.nets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.data.Dataset;
import dev.fgvc.emd.ExactEmd;
import dev.fgvc.nets.arch.NetworkGraph;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what docs/native-libraries.md says of applications that are modules. */
class ModularApplicationTest {

  private static final String MODULE =
      """
      module org.example {
        requires dev.fgvc.core;
        requires dev.fgvc.emd;
        requires dev.fgvc.nets;
        requires ejml.core;
      }
      """;

  private static final String MAIN =
      """
      package org.example;

      import dev.fgvc.emd.ExactEmd;
      import dev.fgvc.image.Resolution;
      import dev.fgvc.nets.arch.Architecture;
      import dev.fgvc.nets.engine.Engine;
      import dev.fgvc.nets.engine.Images;
      import dev.fgvc.nets.engine.Network;
      import dev.fgvc.nets.weights.Weights;
      import java.nio.FloatBuffer;
      import org.ejml.data.DMatrixRMaj;

      public class Main {
        public static void main(String[] arguments) throws Exception {
          double[] halves = {1, 1};
          DMatrixRMaj cost = new DMatrixRMaj(new double[][] {{1, 2}, {3, 1}});
          double emd = ExactEmd.create().solve(halves, halves, cost).distance();
          var graph = Architecture.RESNET_V2_50.builder().classes(3).widthMultiplier(0.125).build();
          try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
            int classes = network.logits(new Images(FloatBuffer.allocate(3 * 64 * 64), 1, Resolution.square(64))).numCols;
            System.out.println(Main.class.getModule() + ", EMD " + emd + ", classes " + classes);
          }
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void runsWithItsModulesOnTheModulePathAndAllElseOnTheClassPath() throws Exception {
    Map<String, Path> required =
        Map.of(
            "dev.fgvc.core", placeOf(Dataset.class),
            "dev.fgvc.emd", placeOf(ExactEmd.class),
            "dev.fgvc.nets", placeOf(NetworkGraph.class),
            "ejml.core", placeOf(org.ejml.data.DMatrixRMaj.class));
    List<String> modulePath = new ArrayList<>();
    for (Map.Entry<String, Path> module : required.entrySet()) {
      modulePath.add(jar(module.getKey(), module.getValue()).toString());
    }
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !required.containsValue(Path.of(entry)))
            .collect(Collectors.joining(File.pathSeparator));

    Path classes = folder.resolve("classes");
    int compiled =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-p",
                String.join(File.pathSeparator, modulePath),
                "-cp",
                classPath,
                "-d",
                classes.toString(),
                write("module-info.java", MODULE),
                write("org/example/Main.java", MAIN));
    assertThat(compiled).isZero();

    modulePath.add(classes.toString());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-p",
                String.join(File.pathSeparator, modulePath),
                "-cp",
                classPath,
                "-m",
                "org.example/org.example.Main")
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    assertThat(lines).contains("module org.example, EMD 1.0, classes 3");
  }

  private String write(String name, String source) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, source).toString();
  }

  private static Path placeOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** A jar as Maven makes it, where a module's classes still lie in a folder. */
  private Path jar(String module, Path classes) throws IOException {
    if (!Files.isDirectory(classes)) {
      return classes;
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Automatic-Module-Name", module);
    Path jar = folder.resolve(module + ".jar");
    try (OutputStream bytes = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(bytes, manifest);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(
            new ZipEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
        Files.copy(file, entries);
      }
    }
    return jar;
  }
}
