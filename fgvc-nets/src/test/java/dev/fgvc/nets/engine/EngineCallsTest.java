package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Targets;
import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.guard.GuardedClassSums;
import dev.fgvc.nets.engine.guard.GuardedNetwork;
import dev.fgvc.nets.engine.guard.GuardedTrainableNetwork;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.testing.SilentGroup;
import dev.fgvc.nets.weights.Weights;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call that an engine's networks take, with a native library that fails in each. */
class EngineCallsTest {

  private static final NetworkGraph GRAPH =
      Architecture.INCEPTION_V3.builder().classes(3).widthMultiplier(0.05).build();

  private static final NativeLibrary LIBRARY =
      NativeLibrary.builder("libexample")
          .exception(EngineException::new)
          .advice("take less", "try another way")
          .build(() -> {});

  /** The argument for a parameter of each type. */
  private static final Map<Class<?>, Object> VALUES =
      Map.ofEntries(
          Map.entry(int.class, 1),
          Map.entry(double.class, 0.5),
          Map.entry(int[].class, new int[] {0}),
          Map.entry(double[].class, new double[] {1}),
          Map.entry(Targets.class, Targets.of(new int[] {0})),
          Map.entry(String.class, "Logits"),
          Map.entry(List.class, List.of(GRAPH.logits())),
          Map.entry(FMatrixRMaj.class, new FMatrixRMaj(1, 1)),
          Map.entry(ProcessGroup.class, new SilentGroup(0, 1)),
          Map.entry(Images.class, Noise.images(1, 4, 1)),
          Map.entry(ImageBatch.class, Noise.images(1, 4, 1)),
          Map.entry(
              ByteImages.class, new ByteImages(ByteBuffer.allocate(48), 1, Resolution.square(4))),
          Map.entry(
              TrainingState.class,
              new TrainingState(Weights.of(Map.of()), Optional.empty(), Map.of(), 0, 0)));

  static Stream<Arguments> calls() {
    return Stream.of(
            calls(Network.class, new GuardedNetwork(LIBRARY, failing(Network.class))),
            calls(
                TrainableNetwork.class,
                new GuardedTrainableNetwork(LIBRARY, failing(TrainableNetwork.class))),
            calls(ClassSums.class, new GuardedClassSums(LIBRARY, "a", failing(ClassSums.class))))
        .flatMap(calls -> calls);
  }

  private static <T> Stream<Arguments> calls(Class<T> type, T guarded) {
    return Arrays.stream(type.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(
            method ->
                !List.of("graph", "precision", "featureDimension", "transform")
                    .contains(method.getName()))
        .map(method -> Arguments.of(method, guarded));
  }

  /** Throws as JavaCPP does, in each method but that of the graph. */
  private static <T> T failing(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals("graph")) {
                return GRAPH;
              }
              RuntimeException failure =
                  new RuntimeException("sizes differ\nException raised from f\nframe #0: c10::f");
              failure.setStackTrace(
                  new StackTraceElement[] {new StackTraceElement("org.bytedeco.A", "f", null, -2)});
              throw failure;
            }));
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("calls")
  void failInTheEnginesWords(Method method, Object guarded) {
    Object[] arguments =
        Arrays.stream(method.getParameterTypes()).map(EngineCallsTest::value).toArray();
    assertThatThrownBy(() -> method.invoke(guarded, arguments))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isInstanceOf(EngineException.class)
        .hasMessageMatching("libexample failed in .+ \\(sizes differ\\): try another way")
        .hasRootCauseInstanceOf(RuntimeException.class);
  }

  private static Object value(Class<?> type) {
    assertThat(VALUES).as("a value for a new parameter's type").containsKey(type);
    return VALUES.get(type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void goThroughTheGuard(String engine) {
    Weights weights = Weights.initialize(GRAPH, 1);
    try (Network network = Engine.named(engine).compile(GRAPH, weights);
        TrainableNetwork training =
            Engine.named(engine).compileForTraining(GRAPH, weights, TrainingOptions.paper());
        DeviceClassMeans means = network.classMeans(2)) {
      assertThat(network).isInstanceOf(GuardedNetwork.class);
      assertThat(training).isInstanceOf(GuardedTrainableNetwork.class);
      assertThat(means).extracting("sums").isInstanceOf(GuardedClassSums.class);
    }
  }
}
