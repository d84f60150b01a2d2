package dev.fgvc.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Spark's standalone cluster of a master and one worker, each a process of its own on the loopback
 * interface, ready for one executor that has one task at a time. The processes know each other by a
 * secret in a file of this user. Nothing here needs Spark to compile or to load.
 */
final class StandaloneCluster implements AutoCloseable {

  private static final Pattern ADDRESS = Pattern.compile("spark://127\\.0\\.0\\.1:[1-9]\\d*");
  private static final Pattern REGISTERED = Pattern.compile("Successfully registered with master");

  /** How long master and worker have to get ready, each. */
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  /** How long a process that is asked to end may take. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The options that spark-submit adds for a driver. */
  private static final List<String> DRIVER_OPTIONS =
      List.of(
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.net=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

  private final Path home;
  private final Path properties;
  private final Daemon master;
  private final Daemon worker;
  private final String address;

  private StandaloneCluster(
      Path home, Path properties, Daemon master, Daemon worker, String address) {
    this.home = home;
    this.properties = properties;
    this.master = master;
    this.worker = worker;
    this.address = address;
  }

  /**
   * Starts the master and the worker, and waits until they know each other.
   *
   * @param home has Spark's jars in its folder "jars"
   * @param folder for logs, settings and the worker's files; of this user alone, as it holds the
   *     secret
   * @param threads of the one task, and cores of the worker
   * @param options of the executor's virtual machine
   * @throws IllegalStateException if one of them ends or is not ready in time, with what it said
   */
  static StandaloneCluster start(Path home, Path folder, int threads, List<String> options)
      throws IOException, InterruptedException {
    Path properties = folder.resolve("spark.properties");
    write(properties, settings(home, folder, threads, options));
    List<Daemon> started = new ArrayList<>();
    try {
      Daemon master = daemon(home, properties, folder, "master.Master", "--port", "0");
      started.add(master);
      String address = master.await(ADDRESS, START_LIMIT);
      Daemon worker =
          daemon(
              home,
              properties,
              folder,
              "worker.Worker",
              "--cores",
              Integer.toString(threads),
              "--memory",
              "1g",
              "--work-dir",
              folder.resolve("worker").toString(),
              address);
      started.add(worker);
      worker.await(REGISTERED, START_LIMIT);
      return new StandaloneCluster(home, properties, master, worker, address);
    } catch (IOException | InterruptedException | RuntimeException e) {
      Daemon.end(PATIENCE, started);
      throw e;
    }
  }

  private static Map<String, String> settings(
      Path home, Path folder, int threads, List<String> options) {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    Map<String, String> settings = new TreeMap<>();
    settings.put("spark.authenticate", "true");
    settings.put("spark.authenticate.secret", HexFormat.of().formatHex(secret));
    settings.put("spark.driver.host", "127.0.0.1");
    settings.put("spark.driver.bindAddress", "127.0.0.1");
    settings.put("spark.ui.enabled", "false");
    settings.put("spark.local.dir", folder.resolve("local").toString());
    settings.put("spark.executor.memory", "1g");
    settings.put("spark.executor.cores", Integer.toString(threads));
    settings.put("spark.task.cpus", Integer.toString(threads));
    settings.put("spark.executor.extraClassPath", classPath(home));
    settings.put("spark.executor.extraJavaOptions", String.join(" ", options));
    return settings;
  }

  private static void write(Path file, Map<String, String> settings) throws IOException {
    Properties properties = new Properties();
    properties.putAll(settings);
    try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      properties.store(writer, null);
    }
  }

  /** Spark's settings for a driver that was started with the arguments of {@link #startDriver}. */
  static Map<String, String> settings(Settings arguments) throws IOException {
    Properties properties = new Properties();
    try (Reader reader =
        Files.newBufferedReader(arguments.path("properties"), StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    Map<String, String> settings = new TreeMap<>();
    properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
    settings.put("spark.master", arguments.text("master"));
    return settings;
  }

  private static String jars(Path home) {
    return home.resolve("jars").toAbsolutePath() + File.separator + "*";
  }

  /** Spark's classes first, then this process's, which executors see from a folder of their own. */
  private static String classPath(Path home) {
    List<String> entries = new ArrayList<>(List.of(jars(home)));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      entries.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(File.pathSeparator, entries);
  }

  private static Daemon daemon(
      Path home, Path properties, Path folder, String main, String... arguments)
      throws IOException {
    List<String> command = java(List.of("-Xmx200m"), jars(home), "org.apache.spark.deploy." + main);
    command.addAll(List.of("--host", "127.0.0.1", "--webui-port", "0"));
    command.addAll(List.of("--properties-file", properties.toString()));
    command.addAll(List.of(arguments));
    String name = main.substring(0, main.indexOf('.'));
    return Daemon.start("Spark's " + name, builder(home, command), folder.resolve(name + ".log"));
  }

  private static List<String> java(List<String> options, String classPath, String main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main));
    return command;
  }

  private static ProcessBuilder builder(Path home, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.put("SPARK_HOME", home.toAbsolutePath().toString());
    environment.put("SPARK_SCALA_VERSION", "2.13");
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    // Spark sets it in executors, to the cores of a task, unless it is set.
    environment.remove("OMP_NUM_THREADS");
    return builder;
  }

  /**
   * Starts a driver on this cluster. It is killed when the master or the worker ends, as it would
   * wait for another one for ever.
   *
   * @param main reads {@link #settings(Settings)} from its arguments
   * @param options of its virtual machine
   * @param errors gets what it writes to its standard error
   * @throws IllegalStateException if the master or the worker has ended
   */
  Process startDriver(Class<?> main, List<String> options, Settings arguments, Path errors)
      throws IOException {
    requireRunning();
    List<String> all = new ArrayList<>(DRIVER_OPTIONS);
    all.addAll(options);
    List<String> command = java(all, classPath(home), main.getName());
    command.addAll(arguments.with("properties", properties).with("master", address).arguments());
    Process driver = builder(home, command).redirectError(errors.toFile()).start();
    for (Daemon daemon : List.of(master, worker)) {
      daemon.process().onExit().thenRun(driver::destroyForcibly);
    }
    return driver;
  }

  /**
   * The processes that the worker has started and that are still there.
   *
   * @throws IllegalStateException if there are none, or the master or the worker has ended
   */
  Stream<ProcessHandle> executors() {
    requireRunning();
    List<ProcessHandle> executors = worker.process().children().toList();
    if (executors.isEmpty()) {
      throw new IllegalStateException("there is no executor: see " + worker.log());
    }
    return executors.stream();
  }

  /**
   * Refuses to go on without the master or the worker.
   *
   * @throws IllegalStateException if one has ended, with what it said
   */
  void requireRunning() {
    master.requireRunning();
    worker.requireRunning();
  }

  /** Ends everything that this started, executors too, and waits until it has gone. */
  @Override
  public void close() {
    Daemon.end(PATIENCE, List.of(worker, master));
  }
}
