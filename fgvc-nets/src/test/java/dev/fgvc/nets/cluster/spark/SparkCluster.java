package dev.fgvc.nets.cluster.spark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * A standalone Spark cluster of a master and two workers of one core each, every one a process of
 * its own on the loopback interface, of the jars that a distribution has.
 */
final class SparkCluster implements AutoCloseable {

  private static final Pattern ADDRESS = Pattern.compile("spark://127\\.0\\.0\\.1:\\d+");

  /** The options that spark-submit adds for a driver, and this build's own. */
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+IgnoreUnrecognizedVMOptions",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.net=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

  /** Every process must know the secret, and what goes between them is encrypted. */
  private static final List<String> AUTHENTICATION =
      List.of(
          "-Dspark.authenticate=true",
          "-Dspark.authenticate.secret=only for this test",
          "-Dspark.network.crypto.enabled=true");

  private final Path home;
  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final String address;

  /**
   * Starts it.
   *
   * @param home has Spark's jars in its folder "jars"
   * @param folder for logs and the workers' files
   */
  SparkCluster(Path home, Path folder) throws IOException, InterruptedException {
    this.home = home;
    this.folder = folder;
    Path log = folder.resolve("master.log");
    start(
        log,
        "127.0.0.1",
        "org.apache.spark.deploy.master.Master",
        "--host 127.0.0.1 --port 0 --webui-port 0".split(" "));
    this.address = awaitAddress(log);
    for (int worker = 1; worker <= 2; worker++) {
      // Of two addresses, since a speculative copy of a task never runs on the host of the first.
      String host = "127.0.0." + worker;
      start(
          folder.resolve("worker" + worker + ".log"),
          host,
          "org.apache.spark.deploy.worker.Worker",
          ("--host %s --cores 1 --memory 1g --webui-port 0 --work-dir %s %s")
              .replaceFirst("%s", host)
              .replaceFirst("%s", folder.resolve("worker" + worker).toString())
              .replaceFirst("%s", address)
              .split(" "));
    }
  }

  private void start(Path log, String host, String main, String... arguments) throws IOException {
    List<String> command = java("-Xmx200m", home.resolve("jars") + "/*", main);
    command.addAll(Arrays.asList(arguments));
    processes.add(
        builder(host, command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  private static List<String> java(String heap, String classPath, String main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(AUTHENTICATION);
    command.addAll(List.of(heap, "-cp", classPath, main));
    return command;
  }

  private ProcessBuilder builder(String host, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_HOME",
                home.toString(),
                "SPARK_SCALA_VERSION",
                "2.13",
                "SPARK_LOCAL_IP",
                host,
                // Processes that are killed leave their files there.
                "SPARK_LOCAL_DIRS",
                folder.resolve("local").toString(),
                // As Spark has it in executors.
                "OMP_NUM_THREADS",
                "1"));
    return builder;
  }

  private static String awaitAddress(Path log) throws IOException, InterruptedException {
    for (int i = 0; i < 6000; i++) {
      Matcher found = ADDRESS.matcher(Files.readString(log));
      if (found.find() && !found.group().endsWith(":0")) {
        return found.group();
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("no master: " + Files.readString(log));
  }

  /**
   * Runs an application, with its own jars behind Spark's, as spark-submit does.
   *
   * @return its standard output
   */
  String submit(Class<?> main, Map<String, String> settings, Object... arguments)
      throws IOException, InterruptedException {
    List<String> jars = applicationJars();
    List<String> command =
        java(
            "-Xmx600m",
            home.resolve("jars")
                + "/*"
                + File.pathSeparator
                + String.join(File.pathSeparator, jars),
            main.getName());
    int at = command.indexOf("-cp");
    command.add(at, "-Dspark.master=" + address);
    command.add(at, "-Dspark.driver.host=127.0.0.1");
    command.add(at, "-Dspark.driver.bindAddress=127.0.0.1");
    command.add(at, "-Dspark.ui.enabled=false");
    command.add(
        at,
        "-Dspark.jars="
            + jars.stream().map(jar -> "local:" + jar).collect(Collectors.joining(",")));
    settings.forEach((key, value) -> command.add(at, "-D" + key + "=" + value));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    Path errors = folder.resolve("driver.log");
    Process driver = builder("127.0.0.1", command).redirectError(errors.toFile()).start();
    processes.add(driver);
    StringBuilder output = new StringBuilder();
    try (BufferedReader reader = driver.inputReader(StandardCharsets.UTF_8)) {
      reader.lines().forEach(line -> output.append(line).append('\n'));
    }
    if (!driver.waitFor(10, TimeUnit.MINUTES) || driver.exitValue() != 0) {
      throw new IllegalStateException(
          "the driver ended with " + driver + ": " + output + Files.readString(errors));
    }
    return output.toString();
  }

  /** Folders of classes become jars; other jars stay where they are. */
  private List<String> applicationJars() throws IOException {
    List<String> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        jars.add(jar(path).toString());
      } else if (!path.getFileName().toString().matches("(spark|scala|slf4j|nd4j|guava).*")) {
        jars.add(entry);
      }
    }
    return jars;
  }

  private Path jar(Path classes) throws IOException {
    Path jar = folder.resolve("application-" + Integer.toHexString(classes.hashCode()) + ".jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file);
        Stream<Path> files = Files.walk(classes)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        URI name = classes.toUri().relativize(each.toUri());
        entries.putNextEntry(new ZipEntry(name.getPath()));
        Files.copy(each, entries);
        entries.closeEntry();
      }
    }
    return jar;
  }

  /** Ends everything that this started, executors too, and waits until nothing writes any more. */
  @Override
  public void close() {
    List<ProcessHandle> all =
        processes.stream()
            .flatMap(process -> Stream.concat(process.descendants(), Stream.of(process.toHandle())))
            .toList();
    all.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture<Void> end =
        CompletableFuture.allOf(
            all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
    try {
      end.get(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("processes of the cluster do not end: " + all, e);
    }
  }
}
