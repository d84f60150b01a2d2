package dev.fgvc.nets;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.cache.Cache;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetVerification;
import dev.fgvc.data.DuplicateSearch;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.GroundDistance;
import dev.fgvc.emd.GroundDistances;
import dev.fgvc.emd.ScaleFactor;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageCheck;
import dev.fgvc.image.ImageDecoding;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandAugment;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.RandomErasing;
import dev.fgvc.image.ResizeFilter;
import dev.fgvc.image.ResizedCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.Mixing;
import dev.fgvc.loader.Sampler;
import dev.fgvc.metric.Bootstrap;
import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.advisor.SourceAdvisor;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.backbone.BackboneTransform;
import dev.fgvc.nets.backbone.OnnxOptions;
import dev.fgvc.nets.backbone.OnnxSettings;
import dev.fgvc.nets.cluster.c10d.GlooGroup;
import dev.fgvc.nets.cluster.c10d.LocalWorkers;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.eval.LinearProbe;
import dev.fgvc.nets.eval.NearestNeighbors;
import dev.fgvc.nets.experiment.Laboratory;
import dev.fgvc.nets.experiment.NetworkChoice;
import dev.fgvc.nets.experiment.TrainingPlan;
import dev.fgvc.nets.experiment.report.PaperSettings;
import dev.fgvc.nets.testing.SilentGroup;
import dev.fgvc.nets.train.AsynchronousUpdates;
import dev.fgvc.nets.train.Checkpoints;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.train.Trainer;
import dev.fgvc.nets.train.TrainingListener;
import dev.fgvc.nets.train.TwoStage;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.nets.weights.Provenance;
import dev.fgvc.nets.weights.SavedNetwork;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * No setting undoes another: of any two, both orders give the same object, or both are refused.
 * Tried on all classes with settings, in all modules, and compared field by field.
 */
class SettingsCommuteTest {

  private static final Dataset DATASET =
      Dataset.of(
          "one",
          List.of("a", "b"),
          List.of(new LabeledImage(Path.of("1.jpg"), 0), new LabeledImage(Path.of("2.jpg"), 1)));

  private static final Recipe RECIPE = Recipe.preTraining(1);

  private static final Engine ENGINE = Engine.torch();

  private static final Backbone BACKBONE =
      new Backbone() {
        @Override
        public int featureDimension() {
          return 1;
        }

        @Override
        public FMatrixRMaj features(ImageBatch images) {
          return new FMatrixRMaj(images.count(), 1);
        }
      };

  /** An object of each class with settings, new each time, as builders change in place. */
  private static final Map<Class<?>, Supplier<?>> STARTS = new LinkedHashMap<>();

  /** Values for the parameters, by type; where one is refused, another may not be. */
  private static final Map<Class<?>, List<?>> VALUES = new LinkedHashMap<>();

  static {
    start(Trainer.class, () -> Trainer.of(ENGINE, RECIPE));
    start(Recipe.class, () -> RECIPE);
    start(Checkpoints.class, () -> Checkpoints.in(Path.of("folder")));
    start(TrainingOptions.Builder.class, () -> TrainingOptions.paper().toBuilder());
    start(InferenceOptions.class, InferenceOptions::defaults);
    start(Architecture.Builder.class, () -> Architecture.INCEPTION_V3.builder());
    start(
        BatchLoader.Builder.class,
        () -> BatchLoader.builder(DATASET, RandomCrop.of(Resolution.square(8))));
    start(TwoStage.class, () -> new TwoStage(stage(1), stage(2)));
    start(TwoStage.Stage.class, () -> stage(1));
    start(TrainingPlan.Builder.class, () -> TrainingPlan.paper(1, 1, 1).toBuilder());
    start(
        Laboratory.class,
        () -> Laboratory.of(ENGINE, TrainingPlan.paper(1, 1, 1), Progress.none()));
    start(PaperSettings.Builder.class, () -> PaperSettings.fieldGuide().toBuilder());
    start(RandomCrop.class, () -> RandomCrop.of(Resolution.square(8)));
    start(RandAugment.class, () -> RandAugment.of(CentralCrop.of(Resolution.square(8))));
    start(RandomErasing.class, () -> RandomErasing.of(CentralCrop.of(Resolution.square(8))));
    start(Mixing.class, Mixing::none);
    start(ImageDecoding.class, ImageDecoding::exact);
    start(DuplicateSearch.class, DuplicateSearch::create);
    start(DatasetVerification.class, () -> DatasetVerification.of(DATASET));
    start(FieldGuide.Builder.class, FieldGuide::builder);
    start(DomainSimilarity.class, DomainSimilarity::create);
    start(SourceSelection.class, SourceSelection::create);
    start(ExactEmd.Builder.class, ExactEmd::builder);
    start(
        SourceAdvisor.class,
        () ->
            SourceAdvisor.of(BACKBONE, CentralCrop.of(Resolution.square(8)), Path.of("features")));
    start(FeatureExtraction.class, () -> FeatureExtraction.with(BACKBONE, Resolution.square(8)));
    start(
        ResizedCrop.class, () -> ResizedCrop.of(Resolution.square(8), ResizeFilter.BICUBIC, 0.875));
    start(BackboneTransform.class, () -> BackboneTransform.imageNet(Resolution.square(8)));
    start(OnnxSettings.class, OnnxSettings::defaults);
    start(OnnxOptions.class, OnnxOptions::defaults);
    start(Bootstrap.class, () -> Bootstrap.of(1, List.of(new int[] {0, 1})));
    start(LinearProbe.class, LinearProbe::create);
    ImageFeatures features = new ImageFeatures(new FMatrixRMaj(1, 1), new int[] {0});
    start(NearestNeighbors.class, () -> NearestNeighbors.of(features, 1));
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(2).widthMultiplier(0.05).build();
    SavedNetwork saved =
        new SavedNetwork(
            graph,
            Weights.initialize(graph, 1),
            Resolution.square(96),
            Normalization.inception(),
            List.of(),
            Provenance.unknown());
    start(SavedNetwork.class, () -> saved);
    start(GlooGroup.Builder.class, () -> GlooGroup.builder(0, 2));
    start(LocalWorkers.class, () -> LocalWorkers.of(SettingsCommuteTest.class, 2));
    start(NativeLibrary.Builder.class, () -> NativeLibrary.builder("some", NativeArtifact.JAVACPP));

    VALUES.put(boolean.class, List.of(true, false));
    VALUES.put(int.class, List.of(2, 3, 32, 128));
    VALUES.put(long.class, List.of(5L, 7L, 8192L));
    VALUES.put(double.class, List.of(0.25, 0.5, 1e-9));
    VALUES.put(String.class, List.of("some", "other"));
    VALUES.put(Path.class, List.of(Path.of("some"), Path.of("other")));
    VALUES.put(Resolution.class, List.of(Resolution.square(16), Resolution.square(24)));
    VALUES.put(
        Progress.class, List.of(Progress.none(), (Progress) (task, done, total, note) -> {}));
    VALUES.put(Sampler.class, List.of(Sampler.natural(DATASET, 1), Sampler.capped(DATASET, 1, 2)));
    VALUES.put(
        Function.class,
        List.of(
            (Function<Dataset, Sampler>) dataset -> Sampler.natural(dataset, 3),
            (Function<Dataset, Sampler>) dataset -> Sampler.balanced(dataset, 3)));
    VALUES.put(Mixing.class, List.of(Mixing.none(), Mixing.mixup(0.2)));
    VALUES.put(DamagedImages.class, List.of(DamagedImages.fail(), DamagedImages.skip(3)));
    VALUES.put(ImageDecoding.class, List.of(ImageDecoding.exact(), ImageDecoding.sparing()));
    VALUES.put(
        LearningRate.class, List.of(LearningRate.constant(1), LearningRate.cosine(1, 0, 0, 2)));
    VALUES.put(
        TrainingOptions.class,
        List.of(TrainingOptions.paper(), TrainingOptions.paper().toBuilder().clipNorm(1).build()));
    VALUES.put(
        Checkpoints.class, List.of(Checkpoints.in(Path.of("a")), Checkpoints.in(Path.of("b"))));
    VALUES.put(Recipe.class, List.of(Recipe.preTraining(2), Recipe.smallData(3)));
    VALUES.put(TwoStage.Stage.class, List.of(stage(3), stage(4)));
    VALUES.put(TrainingPlan.class, List.of(TrainingPlan.paper(1, 2, 3)));
    VALUES.put(
        NetworkChoice.class,
        List.of(
            new NetworkChoice("some", Architecture.INCEPTION_V3, 1),
            new NetworkChoice("other", Architecture.INCEPTION_V4, 1)));
    VALUES.put(Head.class, List.of(Head.bilinear(), Head.compactBilinear(8, 1)));
    VALUES.put(Weights.class, List.of(Weights.of(Map.of())));
    VALUES.put(TrainingListener.class, List.of(new TrainingListener() {}));
    VALUES.put(
        Optimizer.class, List.of(new Optimizer.Sgd(0.5, true), new Optimizer.RmsProp(0.5, 0.5, 1)));
    VALUES.put(Device.class, List.of(Device.cpu(), Device.cuda(1)));
    VALUES.put(
        Device[].class, List.of(new Device[] {Device.cuda(1)}, new Device[] {Device.cuda(2)}));
    VALUES.put(List.class, List.of(List.of(), List.of("net/some")));
    VALUES.put(Map.class, List.of(Map.of(), Map.of("net/some", 0.5)));
    VALUES.put(Family[].class, List.of(new Family[] {Family.BIRDS}, Family.values()));
    VALUES.put(Family.class, List.of(Family.BIRDS));
    VALUES.put(GroundDistance.class, List.of(GroundDistances.ejml()));
    VALUES.put(ExactEmd.class, List.of(ExactEmd.create()));
    VALUES.put(ScaleFactor.class, List.of((ScaleFactor) (source, target) -> 1));
    VALUES.put(ImageCheck.class, List.of((ImageCheck) file -> {}));
    VALUES.put(
        ImageTransform.class,
        List.of(CentralCrop.of(Resolution.square(8)), CentralCrop.of(Resolution.square(16))));
    VALUES.put(Normalization.class, List.of(Normalization.inception(), Normalization.imageNet()));
    VALUES.put(
        BackboneTransform.class,
        List.of(
            BackboneTransform.imageNet(Resolution.square(8)),
            BackboneTransform.imageNet(Resolution.square(16))));
    VALUES.put(
        BiFunction.class,
        List.of(
            (BiFunction<String, Throwable, RuntimeException>) IllegalStateException::new,
            (BiFunction<String, Throwable, RuntimeException>) IllegalArgumentException::new));
    VALUES.put(Consumer.class, List.of((Consumer<Object>) told -> {}));
    VALUES.put(Duration.class, List.of(Duration.ofMinutes(1), Duration.ofMinutes(2)));
    VALUES.put(ProcessGroup.class, List.of(new SilentGroup(0, 2)));
    VALUES.put(
        AsynchronousUpdates.class, List.of(AsynchronousUpdates.of(2), AsynchronousUpdates.of(3)));
    VALUES.put(BooleanSupplier.class, List.of((BooleanSupplier) () -> false));
  }

  private static <T> void start(Class<T> type, Supplier<T> start) {
    STARTS.put(type, start);
  }

  private static TwoStage.Stage stage(int epochs) {
    return TwoStage.capped(Resolution.square(8), epochs, 1, 1, 1).first();
  }

  /** A setting and what it is set to. */
  private record Call(Method method, List<Object> values) {

    /** The changed object, or nothing if the values are refused. */
    Optional<Object> on(Object target) {
      try {
        return Optional.of(method.invoke(target, values.toArray()));
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof IllegalArgumentException) {
          return Optional.empty();
        }
        throw new AssertionError(this + " throws", e.getCause());
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public String toString() {
      return method.getName() + values;
    }
  }

  @TestFactory
  List<DynamicTest> ofAnyTwoSettingsBothOrdersGiveTheSame() {
    return STARTS.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey().getName(),
                    () -> requireCommuting(entry.getKey(), entry.getValue())))
        .toList();
  }

  private static void requireCommuting(Class<?> type, Supplier<?> start) {
    Map<String, List<Call>> calls = new TreeMap<>();
    for (Method setting : settings(type)) {
      List<Call> accepted =
          calls(setting).stream().filter(call -> call.on(start.get()).isPresent()).toList();
      assertThat(accepted).as("accepted values of " + setting).isNotEmpty();
      calls.computeIfAbsent(setting.getName(), name -> new ArrayList<>()).addAll(accepted);
    }
    for (String first : calls.keySet()) {
      for (String second : calls.keySet()) {
        if (first.compareTo(second) < 0) {
          for (Call one : calls.get(first)) {
            for (Call other : calls.get(second)) {
              assertThat(state(one.on(start.get()).flatMap(other::on)))
                  .as("%s, then %s", one, other)
                  .isEqualTo(state(other.on(start.get()).flatMap(one::on)));
            }
          }
        }
      }
    }
  }

  /** All combinations would be many: each parameter once with each of its values. */
  private static List<Call> calls(Method setting) {
    List<List<?>> values = new ArrayList<>();
    for (Class<?> parameter : setting.getParameterTypes()) {
      List<?> known =
          parameter.isEnum() && !VALUES.containsKey(parameter)
              ? Arrays.asList(parameter.getEnumConstants())
              : VALUES.get(parameter);
      assertThat(known).as("values for " + setting).isNotNull();
      values.add(known);
    }
    int most = values.stream().mapToInt(List::size).max().orElseThrow();
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      int which = i;
      calls.add(
          new Call(
              setting,
              values.stream()
                  .<Object>map(known -> known.get(Math.min(which, known.size() - 1)))
                  .toList()));
    }
    return calls;
  }

  /** Public methods that take something and give an object of their own class, as settings do. */
  private static List<Method> settings(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(method -> isSetting(type, method))
        .sorted((a, b) -> a.toString().compareTo(b.toString()))
        .toList();
  }

  private static boolean isSetting(Class<?> type, Method method) {
    return method.getDeclaringClass() == type
        && method.getReturnType() == type
        && method.getParameterCount() > 0
        && !Modifier.isStatic(method.getModifiers())
        && (method.getName().startsWith("with")
            || type.getSimpleName().equals("Builder")
            || type == Checkpoints.class)
        // Selects from what is there.
        && !type.getPackageName().equals("dev.fgvc.feature")
        // There is a Spark context in the Spark profile alone.
        && !type.getPackageName().equals("dev.fgvc.nets.cluster.spark")
        && type != Dataset.class;
  }

  @Test
  void noClassWithSettingsIsForgotten() {
    Set<String> found =
        ArchitectureRulesTest.FGVC.stream()
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            // No settings, and a module that this virtual machine does not load.
            .filter(type -> !type.getPackageName().equals("dev.fgvc.emd.internal.vector"))
            .map(JavaClass::reflect)
            .filter(type -> settings(type).size() > 1)
            .map(Class::getName)
            .collect(Collectors.toSet());

    assertThat(STARTS.keySet().stream().map(Class::getName)).containsAll(found);
  }

  @Test
  void differencesAreSeen() {
    Recipe other = Recipe.fineTuning(1);

    assertThat(state(Recipe.preTraining(1))).isEqualTo(state(RECIPE)).isNotEqualTo(state(other));
    assertThat(state(Trainer.of(ENGINE, RECIPE).withSeed(1)))
        .isNotEqualTo(state(Trainer.of(ENGINE, RECIPE)));
    assertThat(state(CentralCrop.of(Resolution.square(8))))
        .isNotEqualTo(state(CentralCrop.of(Resolution.square(9))));
  }

  /** The state of an object: its class and, in turn, the values of all its fields. */
  private static Object state(Object object) {
    return state(object, new IdentityHashMap<>());
  }

  private static Object state(Object object, IdentityHashMap<Object, Integer> seen) {
    if (object instanceof Optional<?> optional) {
      return List.of("optional", state(optional.orElse(null), seen));
    } else if (object instanceof Cache || object instanceof ThreadLocal) {
      // What an object has worked out, of which a new one has nothing.
      return object.getClass();
    } else if (object instanceof AtomicInteger count) {
      return count.get();
    } else if (object instanceof Collection<?> all) {
      return all.stream().map(element -> state(element, seen)).toList();
    } else if (object != null && object.getClass().isArray()) {
      List<Object> elements = new ArrayList<>();
      for (int i = 0; i < Array.getLength(object); i++) {
        elements.add(state(Array.get(object, i), seen));
      }
      return elements;
    } else if (object == null || !object.getClass().getName().startsWith("dev.fgvc.")) {
      return object == null ? "nothing" : object;
    } else if (object instanceof Enum) {
      return object;
    }
    Integer known = seen.putIfAbsent(object, seen.size());
    if (known != null) {
      return "object " + known;
    }
    List<Object> fields = new ArrayList<>(List.of(object.getClass()));
    for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          assertThat(field.trySetAccessible()).as("access to " + field).isTrue();
          try {
            fields.add(field.getName());
            fields.add(state(field.get(object), seen));
          } catch (IllegalAccessException e) {
            throw new AssertionError(e);
          }
        }
      }
    }
    return fields;
  }
}
