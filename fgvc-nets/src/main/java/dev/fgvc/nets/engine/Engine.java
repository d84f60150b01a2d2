package dev.fgvc.nets.engine;

import dev.fgvc.artifact.Artifact;
import dev.fgvc.artifact.ClassPathReport;
import dev.fgvc.artifact.MissingArtifactException;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.weights.Weights;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/**
 * Lowers a network's graph to a native library's operations. Engines are safe for use by many
 * threads and found with {@link ServiceLoader}.
 */
public interface Engine {

  /**
   * The name by which {@link #named} finds this engine.
   *
   * @return a short lower-case name
   */
  String name();

  /**
   * Which engine {@link #best()} prefers.
   *
   * @return a larger number for a faster engine
   */
  int priority();

  /**
   * Why this engine cannot run here.
   *
   * @return a sentence with the way out, or an empty string if it can run
   */
  String unavailableBecause();

  /**
   * Returns the artifacts that this engine lacks on the class path.
   *
   * @return artifacts to add; empty if the engine can run, or cannot for another reason
   */
  default List<Artifact> missingArtifacts() {
    return List.of();
  }

  /**
   * Compiles a network for inference in float32 on the CPU.
   *
   * @param graph the network
   * @param weights a value for each of its variables
   * @return the network; the caller closes it
   * @throws IllegalArgumentException if a variable is missing or of another shape
   */
  default Network compile(NetworkGraph graph, Weights weights) {
    return compile(graph, weights, InferenceOptions.defaults());
  }

  /**
   * Compiles a network for inference.
   *
   * @param graph the network
   * @param weights a value for each of its variables; copied
   * @param options where it computes and in which precision
   * @return the network; the caller closes it
   * @throws IllegalArgumentException if a variable is missing or of another shape
   * @throws EngineException if the device is not there, its memory does not suffice or the engine
   *     lacks the precision
   */
  Network compile(NetworkGraph graph, Weights weights, InferenceOptions options);

  /**
   * Compiles a network for training.
   *
   * @param graph the network
   * @param weights the values to start from; copied
   * @param options loss, optimizer and device
   * @return the network; the caller closes it
   * @throws IllegalArgumentException if a variable is missing or of another shape
   * @throws EngineException if the device is not there or its memory does not suffice
   */
  TrainableNetwork compileForTraining(NetworkGraph graph, Weights weights, TrainingOptions options);

  /**
   * Runs tasks that train or run networks on the CPU, several at once where the engine can, each on
   * a thread of its own that computes its layers alone. That is faster for small networks, whose
   * layers are too small to be shared by several threads. A single task has all threads. Memory is
   * that of as many tasks as the CPU has threads.
   *
   * @param <T> what a task gives
   * @param tasks that do not wait for each other; one may ask for tasks side by side in turn, which
   *     are then done one after the other
   * @return the results in the order of the tasks
   * @throws java.util.concurrent.CancellationException if the caller is interrupted; whatever a
   *     task throws is thrown too, after the others have ended
   */
  default <T> List<T> sideBySide(List<Supplier<T>> tasks) {
    return tasks.stream().map(Supplier::get).toList();
  }

  /**
   * The engine on libtorch. On the CPU, a compiled network shares the images of a batch among as
   * many threads as libtorch has, a few images at a time on threads of its own, which it ends when
   * it is closed; a single image, or one that a caller limited to one thread passes in, stays on
   * the caller's. Training shares each layer instead.
   *
   * @return the engine
   * @throws MissingArtifactException naming what is to be added to the class path
   * @throws EngineException if all is there and cannot be loaded
   */
  static Engine torch() {
    return named("torch");
  }

  /**
   * The engine on ND4J.
   *
   * @return the engine
   * @throws MissingArtifactException naming what is to be added to the class path
   * @throws EngineException if all is there and cannot be loaded
   */
  static Engine nd4j() {
    return named("nd4j");
  }

  /**
   * The fastest engine whose native libraries are on the class path.
   *
   * @return the engine
   * @throws MissingArtifactException if no engine can run, naming what the fastest one lacks
   * @throws EngineException if no engine can run though the fastest one lacks nothing
   */
  static Engine best() {
    List<Engine> fastestFirst =
        engines().stream().sorted(Comparator.comparingInt(Engine::priority).reversed()).toList();
    return fastestFirst.stream()
        .filter(engine -> engine.unavailableBecause().isEmpty())
        .findFirst()
        .orElseGet(() -> requireUsable(fastestFirst.get(0)));
  }

  /**
   * Starts to load the native libraries of the fastest engine on a thread of its own, and returns
   * at once: called first, they load while a program reads weights and images, where it has a core
   * to spare. Whoever asks for the engine meanwhile waits for the rest, and is told what went
   * wrong.
   */
  static void startLoading() {
    Thread loading =
        new Thread(
            () ->
                engines().stream()
                    .max(Comparator.comparingInt(Engine::priority))
                    .ifPresent(Engine::unavailableBecause),
            "fgvc-load-engine");
    loading.setDaemon(true);
    // The same error meets whoever asks for an engine, and can be handled there.
    loading.setUncaughtExceptionHandler((thread, error) -> {});
    loading.start();
  }

  /**
   * Tells what of the native libraries and file readers is on the class path, what is missing, and
   * the lines to add for it. Printed, it is the answer to most questions about an installation.
   * Loads the native libraries of the engines.
   *
   * @return a report with an entry for images, for each engine and for each reader
   */
  static ClassPathReport diagnose() {
    return EngineDiagnosis.of(engines());
  }

  /**
   * The engine of a given name.
   *
   * @param name as {@link #name()} gives it
   * @return the engine
   * @throws MissingArtifactException naming what is to be added to the class path
   * @throws EngineException if there is none of this name, or it cannot be loaded
   */
  static Engine named(String name) {
    List<Engine> engines = engines();
    Engine found =
        engines.stream()
            .filter(engine -> engine.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new EngineException(
                        "no engine is called '"
                            + name
                            + "'; there are "
                            + engines.stream().map(Engine::name).toList()));
    return requireUsable(found);
  }

  private static Engine requireUsable(Engine engine) {
    String reason = engine.unavailableBecause();
    if (!engine.missingArtifacts().isEmpty()) {
      throw new MissingArtifactException(
          "engine '" + engine.name() + "' cannot run here", engine.missingArtifacts());
    }
    if (!reason.isEmpty()) {
      throw new EngineException(reason);
    }
    return engine;
  }

  private static List<Engine> engines() {
    return ServiceLoader.load(Engine.class, Engine.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }
}
