package dev.fgvc.nets.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.data.Taxonomy;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.metric.TaxonomyErrors;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

/** Evaluation with networks whose answers are written down here, on images that no file holds. */
class EvaluationTest {

  @Test
  void countsTop1AndTop5ByClassAndForHeadAndTail() {
    // The image's number is its value; the network scores class (value mod 7) first, then the next.
    Network cyclic = network(7, value -> IntStream.range(0, 7).mapToDouble(c -> -mod(c - value)));
    Dataset dataset = dataset(7, 0, 1, 6, 3, 4, 4);

    Errors errors = Evaluation.of(cyclic, List.of(view(8, 1))).errors(dataset);

    // 0, 1, 3, 4 are right; 2 is labelled 6, scored fifth; 5 is labelled 4, scored last.
    assertThat(errors.top1().error()).isEqualTo(2 / 6.0);
    assertThat(errors.top5().error()).isEqualTo(1 / 6.0);
    assertThat(errors.top1().error(4)).isEqualTo(0.5);
    assertThat(errors.top1().error(6)).isEqualTo(1);
    Errors.HeadTail parts = errors.headTail(new int[] {9, 9, 9, 9, 3, 3, 3}, 5);
    assertThat(parts.top1().head().error()).isZero();
    assertThat(parts.top1().tail().error()).isEqualTo(2 / 3.0);
    assertThat(parts.top5().tail().error()).isEqualTo(1 / 3.0);
  }

  @Test
  void countsErrorsAtEachRankOfATaxonomy() {
    Network cyclic =
        network(
            4,
            value -> IntStream.range(0, 4).mapToDouble(c -> -Math.floorMod(c - (long) value, 4L)));
    Taxonomy taxonomy =
        Taxonomy.of(
            List.of("genus", "species"),
            List.of(List.of("g", "a"), List.of("g", "b"), List.of("h", "c"), List.of("h", "d")));
    // Taken for 0, 1, 2 and 3: one right, one of the same genus, two of the other.
    Dataset dataset = dataset(4, 0, 0, 1, 1);
    Evaluation evaluation = Evaluation.of(cyclic, List.of(view(8, 1)));

    TaxonomyErrors errors = evaluation.taxonomyErrors(dataset.withTaxonomy(taxonomy));

    assertThat(errors.error("species")).isEqualTo(0.75);
    assertThat(errors.error("genus")).isEqualTo(0.5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluation.taxonomyErrors(dataset))
        .withMessageContaining("no taxonomy");
  }

  @Test
  void takesTheMeanOfSoftmaxOverViews() {
    Network network = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> value * c));
    Dataset dataset = dataset(3, 2, 0);

    Predictions one = Evaluation.of(network, List.of(view(8, 1))).predict(dataset);
    Predictions two = Evaluation.of(network, List.of(view(8, 1), view(16, -3))).predict(dataset);

    assertThat(two.labels()).containsExactly(2, 0);
    for (int c = 0; c < 3; c++) {
      assertThat(one.probabilities().get(1, c)).isCloseTo(softmax(1, c), within(1e-6f));
      assertThat(two.probabilities().get(1, c))
          .isCloseTo((softmax(1, c) + softmax(-3, c)) / 2, within(1e-6f));
    }
  }

  @Test
  void anEnsembleWeighsItsNetworksAlikeWhateverTheirViews() {
    Network first = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> value * c));
    Network second = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> -2 * c));
    Dataset dataset = dataset(3, 1, 1);

    Predictions both =
        Evaluation.of(first, List.of(view(8, 1), view(8, 2), view(8, 3)))
            .and(Evaluation.of(second, List.of(view(32, 1))))
            .predict(dataset);

    for (int c = 0; c < 3; c++) {
      float firstMean = (softmax(1, c) + softmax(2, c) + softmax(3, c)) / 3;
      assertThat(both.probabilities().get(1, c))
          .isCloseTo((firstMean + softmax(-2, c)) / 2, within(1e-6f));
    }
  }

  @Test
  void ranksClassesWhoseProbabilitiesAreTooSmallForAnyNumber() {
    // Class 0 is certain; the others' probabilities, exp(-2000 c), are 0 in double precision too.
    Network certain = network(7, value -> IntStream.range(0, 7).mapToDouble(c -> -2000 * c));
    Dataset dataset = dataset(7, 0, 1, 2, 3, 4, 5, 6);
    Evaluation one = Evaluation.of(certain, List.of(view(8, 1)));

    for (Evaluation evaluation :
        List.of(one, one.and(one), Evaluation.of(certain, views(8, new AtomicInteger(), 1, 2)))) {
      Errors errors = evaluation.errors(dataset);
      assertThat(errors.top1().error()).isEqualTo(6 / 7.0);
      assertThat(errors.top5().error()).isEqualTo(2 / 7.0);
    }
  }

  @Test
  void aMeanOfProbabilitiesRanksByWhatEachNetworkAddsHoweverLittle() {
    Network first = network(3, value -> DoubleStream.of(0, -1000, -1001));
    Network second = network(3, value -> DoubleStream.of(0, -1003, -999));
    Evaluation both =
        Evaluation.of(first, List.of(view(8, 1))).and(Evaluation.of(second, List.of(view(8, 1))));

    // log of the mean, up to a constant: -1000 + log(1 + e^-3) against -999 + log(1 + e^-2)
    assertThat(both.topKError(dataset(3, 2, 1), 2).error()).isEqualTo(0.5);
  }

  @Test
  void logitsThatDifferByALittleAreNoTie() {
    Network close = network(3, value -> DoubleStream.of(0, 1e-20, -1));

    assertThat(Evaluation.of(close, List.of(view(8, 1))).topKError(dataset(3, 1), 1).error())
        .isZero();
  }

  @Test
  void fewerClassesThanFiveHaveNoTop5Error() {
    Network network = network(3, value -> DoubleStream.of(0, 1, 2));
    Network broken = network(3, value -> DoubleStream.of(0, Double.NaN, 2));

    assertThat(Evaluation.of(network, List.of(view(8, 1))).errors(dataset(3, 0, 1)).top5().error())
        .isZero();
    assertThat(Evaluation.of(broken, List.of(view(8, 1))).errors(dataset(3, 0, 1)).top5().error())
        .isEqualTo(0.5);
  }

  @Test
  void refusesADataSetWithoutImages() {
    Network network = network(3, value -> DoubleStream.of(0, 1, 2));
    Evaluation evaluation = Evaluation.of(network, List.of(view(8, 1)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluation.errors(dataset(3)))
        .withMessageContaining("no image");
    assertThatIllegalArgumentException().isThrownBy(() -> evaluation.topKError(dataset(3), 1));
    assertThatIllegalArgumentException().isThrownBy(() -> evaluation.predict(dataset(3)));
  }

  @Test
  void aConfidentNetworkOutvotesAnUncertainOne() {
    Network uncertain = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> 0.1 * c));
    Network confident = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> -9 * c));
    Dataset dataset = dataset(3, 0, 0);
    Evaluation alone = Evaluation.of(uncertain, List.of(view(8, 1)));

    assertThat(alone.topKError(dataset, 1).error()).isEqualTo(1);
    assertThat(
            alone.and(Evaluation.of(confident, List.of(view(8, 1)))).topKError(dataset, 1).error())
        .isZero();
  }

  @Test
  void decodesOnceWhatTwoNetworksLookAt() {
    AtomicInteger decoded = new AtomicInteger();
    ImageTransform shared = view(8, 1, decoded);
    Network network = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> c));
    Dataset dataset = dataset(3, IntStream.range(0, 70).map(i -> i % 3).toArray());

    Evaluation evaluation = Evaluation.of(network, List.of(shared));
    evaluation.and(evaluation).topKError(dataset, 1);

    assertThat(decoded.get()).isEqualTo(70);
  }

  @Test
  void takesTheMeanOverTheViewsOfOneDecoding() {
    AtomicInteger decoded = new AtomicInteger();
    Network network = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> mod(value) * c));
    Dataset dataset = dataset(3, IntStream.range(0, 70).map(i -> i % 3).toArray());
    Evaluation alone = Evaluation.of(network, List.of(view(16, 2)));

    Predictions together =
        Evaluation.of(network, views(8, decoded, 1, -3, 5)).and(alone).predict(dataset);
    Predictions apart =
        Evaluation.of(network, List.of(view(8, 1), view(8, -3), view(8, 5)))
            .and(alone)
            .predict(dataset);

    assertThat(decoded.get()).isEqualTo(70);
    assertThat(together.labels()).isEqualTo(apart.labels());
    for (int i = 0; i < apart.probabilities().getNumElements(); i++) {
      assertThat(together.probabilities().data[i])
          .isCloseTo(apart.probabilities().data[i], within(1e-6f));
    }
  }

  @Test
  void tellsItsProgress() {
    List<Long> done = new ArrayList<>();
    Network network = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> c));
    Dataset dataset = dataset(3, IntStream.range(0, 70).map(i -> i % 3).toArray());

    Evaluation.of(network, List.of(view(8, 1)))
        .withProgress((task, finished, total, note) -> done.add(finished))
        .topKError(dataset, 1);

    assertThat(done).containsExactly(32L, 64L, 70L);
  }

  @Test
  void refusesOtherClassesAndNoViews() {
    Network network = network(3, value -> IntStream.of(0, 1, 2).mapToDouble(c -> c));
    Network wide = network(4, value -> IntStream.of(0, 1, 2, 3).mapToDouble(c -> c));
    Evaluation evaluation = Evaluation.of(network, Resolution.square(8));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluation.errors(dataset(5, 0)))
        .withMessageContaining("3 classes")
        .withMessageContaining("has 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluation.and(Evaluation.of(wide, Resolution.square(8))))
        .withMessageContaining("3 classes and one of 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluation.of(network, List.<ImageTransform>of()))
        .withMessageContaining("view");
  }

  private static float softmax(double slope, int c) {
    double total = 1 + Math.exp(slope) + Math.exp(2 * slope);
    return (float) (Math.exp(slope * c) / total);
  }

  private static double mod(double value) {
    return ((value % 7) + 7) % 7;
  }

  private static Dataset dataset(int classes, int... labels) {
    List<LabeledImage> images =
        IntStream.range(0, labels.length)
            .mapToObj(i -> new LabeledImage(Path.of(String.valueOf(i)), labels[i]))
            .toList();
    List<String> names = IntStream.range(0, classes).mapToObj(c -> "class" + c).toList();
    return Dataset.of("written down", names, images);
  }

  private static ImageTransform view(int side, float factor) {
    return view(side, factor, new AtomicInteger());
  }

  private static ImageTransform view(int side, float factor, AtomicInteger calls) {
    return views(side, calls, factor);
  }

  /** Fills each view with the image's number times a factor. */
  private static ImageTransform views(int side, AtomicInteger calls, float... factors) {
    return new ImageTransform() {
      @Override
      public Resolution resolution() {
        return Resolution.square(side);
      }

      @Override
      public int views() {
        return factors.length;
      }

      @Override
      public void apply(Path file, RandomGenerator random, FloatBuffer target) {
        calls.incrementAndGet();
        for (float factor : factors) {
          for (int i = 0; i < 3 * side * side; i++) {
            target.put(factor * Integer.parseInt(file.toString()));
          }
        }
      }
    };
  }

  private static Network network(int classes, DoubleFunction<DoubleStream> logitsOfValue) {
    NetworkGraph graph =
        Architecture.RESNET_V2_50.builder().classes(classes).widthMultiplier(0.05).build();
    return new Network() {
      @Override
      public NetworkGraph graph() {
        return graph;
      }

      @Override
      public Weights weights() {
        return Weights.of(Map.of());
      }

      @Override
      public Precision precision() {
        return Precision.FP32;
      }

      @Override
      public List<FMatrixRMaj> outputs(List<Node> nodes, ImageBatch batch) {
        assertThat(nodes).containsExactly(graph.logits());
        Images images = batch.toFloats();
        FMatrixRMaj logits = new FMatrixRMaj(images.count(), classes);
        int size = 3 * images.resolution().pixels();
        for (int i = 0; i < images.count(); i++) {
          double[] row = logitsOfValue.apply(images.pixels().get(i * size)).toArray();
          for (int c = 0; c < classes; c++) {
            logits.set(i, c, (float) row[c]);
          }
        }
        return List.of(logits);
      }

      @Override
      public DeviceClassMeans classMeans(int count) {
        throw new UnsupportedOperationException("an evaluation asks for logits only");
      }

      @Override
      public void close() {}
    };
  }
}
