package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.testing.Instances;
import dev.fgvc.feature.FeatureRows;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.feature.LabeledFeatures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what class means leave out: the spread of images within their classes (section 4.1). */
class ImageLevelTest {

  private final DomainSimilarity similarity = DomainSimilarity.create();

  @Test
  void classMeansAndSpreadsTellWhereTheDistanceOfImagesLies() {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      ImageDomain source = images("source", 1 + random.nextInt(9), 90, random);
      ImageDomain target = images("target", 1 + random.nextInt(9), 60, random);
      ImageSimilarity result = similarity.ofImages(source, target);
      assertThat(result.images().plan().relativeGap()).as("seed %d", seed).isLessThan(1e-12);
      assertThat(result.emd())
          .as("seed %d", seed)
          .isBetween(result.lowerBound() * (1 - 1e-12), result.upperBound() * (1 + 1e-12));
      assertThat(result.classes().emd())
          .isEqualTo(similarity.between(source.classMeans(), target.classMeans()).emd());
      assertThat(result.sourceSpread()).isCloseTo(spread(source), within(1e-12));
      assertThat(result.upperBound())
          .isCloseTo(result.classes().emd() + spread(source) + spread(target), within(1e-12));
    }
  }

  @Test
  void imagesMayBeCloserThanTheMeansOfTheirClasses() {
    // One class that lies on both sides, and two classes, one on each side: the images are the
    // same.
    ImageDomain one = new ImageDomain("one", column(-3, 3), new int[] {0, 0});
    ImageDomain two = new ImageDomain("two", column(-3, 3), new int[] {0, 1});
    ImageSimilarity result = similarity.ofImages(one, two);
    assertThat(result.emd()).isZero();
    assertThat(result.similarity()).isEqualTo(1);
    assertThat(result.classes().emd()).isEqualTo(3);
    assertThat(result.lowerBound()).isZero();
  }

  @Test
  void farDomainsAreAsFarAsTheirMeansAtLeast() {
    ImageDomain near = new ImageDomain("near", column(-2, 2), new int[] {0, 0});
    ImageDomain far = new ImageDomain("far", column(97, 103), new int[] {0, 0});
    ImageSimilarity result = similarity.withGamma(0.1).ofImages(near, far);
    // The order of points on a line stays: all of them move in one direction.
    assertThat(result.emd()).isCloseTo(100, within(1e-12));
    assertThat(result.lowerBound()).isCloseTo(100, within(1e-12));
    assertThat(result.upperBound()).isCloseTo(105, within(1e-12));
    assertThat(result.similarity()).isCloseTo(Math.exp(-10), within(1e-15));
  }

  @Test
  void mappedFilesGiveTheBitsOfMatricesInMemory(@TempDir Path folder) throws IOException {
    Random random = new Random(5);
    ImageDomain source = images("source", 30, 1700, random);
    ImageDomain target = images("target", 12, 300, random);
    FeatureShards shards = FeatureShards.in(folder.resolve("source"), 16);
    for (int start = 0; start < 1700; start += 400) {
      append(shards, source, start, Math.min(1700, start + 400));
    }
    FeatureShards other = FeatureShards.in(folder.resolve("target"), 16);
    append(other, target, 0, 300);
    Path targets = folder.resolve("target");
    ImageSimilarity mapped =
        similarity.ofImages(
            LabeledFeatures.mapShards("source", shards),
            LabeledFeatures.mapNpy(
                "target",
                targets.resolve("features-00000.npy"),
                targets.resolve("labels-00000.npy")));
    ImageSimilarity inMemory = similarity.ofImages(source, target);
    TransportPlan plain =
        ExactEmd.create()
            .solveEuclidean(ones(1700), ones(300), source.features(), target.features());
    for (ImageSimilarity result : List.of(mapped, inMemory)) {
      TransportPlan plan = result.images().plan();
      assertThat(plan.distance()).isEqualTo(plain.distance());
      assertThat(plan.lowerBound()).isEqualTo(plain.lowerBound());
      assertThat(plan.sourcePotentials()).isEqualTo(plain.sourcePotentials());
      assertThat(plan.targetPotentials()).isEqualTo(plain.targetPotentials());
    }
    assertThat(mapped.classes().emd()).isEqualTo(inMemory.classes().emd());
    assertThat(mapped.sourceSpread()).isEqualTo(inMemory.sourceSpread());
    assertThat(mapped.lowerBound()).isEqualTo(inMemory.lowerBound());
  }

  @Test
  void tellsTheBoundsFirstAndThenHowManyImagesHaveBeenRead() {
    int sources = 5000;
    int targets = 3500;
    Random random = new Random(6);
    LabeledFeatures source = line("source", sources, random);
    LabeledFeatures target = line("target", targets, random);
    List<String> tasks = new ArrayList<>();
    List<Long> priced = new ArrayList<>();
    ExactEmd solver =
        ExactEmd.builder()
            .progress(
                (task, done, total, note) -> {
                  tasks.add(task);
                  if (task.endsWith("all pairs")) {
                    assertThat(done).isPositive().isLessThanOrEqualTo(total);
                    priced.add(done);
                  }
                  if (task.equals("distance of class means")) {
                    assertThat(note).contains("that of images is from");
                  }
                })
            .build();
    ImageSimilarity result = similarity.withSolver(solver).ofImages(source, target);
    assertThat(result.emd()).isPositive();
    assertThat(tasks)
        .containsSubsequence(
            "class means of source",
            "class means of target",
            "distance of class means",
            "earth mover's distance, sample",
            "earth mover's distance, choice of pairs",
            "earth mover's distance, all pairs",
            "earth mover's distance");
    assertThat(priced).hasSizeGreaterThan(10).contains((long) sources);
  }

  @Test
  void stopsWhenAsked() {
    Random random = new Random(7);
    int[] reports = {0};
    ExactEmd solver =
        ExactEmd.builder()
            .progress((task, done, total, note) -> reports[0]++)
            .cancelWhen(() -> reports[0] == 3)
            .build();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                similarity
                    .withSolver(solver)
                    .ofImages(line("source", 3000, random), line("target", 40, random)));
    assertThat(reports[0]).isEqualTo(3);
  }

  @Test
  void refusesWhatImagesCannotBeMovedBy() {
    ImageDomain domain = new ImageDomain("d", column(1, 2), new int[] {0, 1});
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                similarity
                    .withGroundDistance((s, t) -> GroundDistances.ejml().between(s, t))
                    .ofImages(domain, domain))
        .withMessageContaining("ExactEmd.solve");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                similarity
                    .withSolver(ExactEmd.builder().partialMatching().build())
                    .ofImages(domain, domain))
        .withMessageContaining("ExactEmd.solveEuclidean");
    ImageDomain wider = new ImageDomain("w", new FMatrixRMaj(1, 2), new int[] {0});
    assertThatIllegalArgumentException().isThrownBy(() -> similarity.ofImages(domain, wider));
    ImageDomain broken = new ImageDomain("b", column(1, Float.NaN), new int[] {0, 1});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> similarity.ofImages(broken, domain))
        .withMessageContaining("image 1 (label 1) is NaN");
    ImageDomain unlabelled = new ImageDomain("u", column(1, 2), new int[] {0});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> similarity.ofImages(domain, unlabelled))
        .withMessageContaining("1 labels for 2 rows");
  }

  private static void append(FeatureShards shards, ImageDomain images, int from, int to)
      throws IOException {
    FMatrixRMaj features = new FMatrixRMaj(to - from, images.features().numCols);
    System.arraycopy(
        images.features().data,
        from * features.numCols,
        features.data,
        0,
        features.getNumElements());
    shards.append(features, Arrays.copyOfRange(images.labels(), from, to));
  }

  /** The mean distance of an image to the mean of its class. */
  private static double spread(ImageDomain domain) {
    FMatrixRMaj means = domain.classMeans().classMeans();
    double sum = 0;
    for (int i = 0; i < domain.labels().length; i++) {
      double square = 0;
      for (int k = 0; k < means.numCols; k++) {
        double difference = (double) domain.features().get(i, k) - means.get(domain.labels()[i], k);
        square += difference * difference;
      }
      sum += Math.sqrt(square);
    }
    return sum / domain.labels().length;
  }

  private static ImageDomain images(String name, int classes, int count, Random random) {
    FMatrixRMaj centres = Instances.gaussianPoints(classes, 16, random);
    FMatrixRMaj features = Instances.gaussianPoints(count, 16, random);
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % classes;
      for (int k = 0; k < 16; k++) {
        features.data[i * 16 + k] += 2 * centres.get(labels[i], k);
      }
    }
    return new ImageDomain(name, features, labels);
  }

  private static LabeledFeatures line(String name, int count, Random random) {
    return LabeledFeatures.of(
        name,
        FeatureRows.of(Instances.gaussianPoints(count, 2, random)),
        IntStream.range(0, count).map(image -> image % 7).toArray());
  }

  private static FMatrixRMaj column(float... values) {
    return new FMatrixRMaj(values.length, 1, true, values);
  }

  private static double[] ones(int size) {
    double[] ones = new double[size];
    Arrays.fill(ones, 1);
    return ones;
  }
}
