package dev.fgvc.loader;

import static dev.fgvc.loader.NumberedImages.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.TwelveCrops;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MixingTest {

  private static final int CLASSES = 9;
  private static final Resolution SMALL = new Resolution(3, 4);

  /** A case of mixed.json. */
  private static final class Case {
    int images;
    int height;
    int width;
    boolean cut;
    double share;
    int row;
    int column;
    float[] values;
    double[] targets;

    private Resolution resolution() {
      return new Resolution(height, width);
    }

    private int[] labels() {
      return IntStream.range(0, images).map(i -> 2 * i + 1).toArray();
    }

    private Targets mix(ByteBuffer batch, PixelLayout layout) {
      return cut
          ? PairMixing.cutMix(batch, layout, resolution(), labels(), share, row, column)
          : PairMixing.mixup(batch, layout, resolution(), labels(), share);
    }
  }

  /** The batches come from make-mixed.py, which writes mixed.json. */
  @Test
  void batchesAreMixedAsTimmMixesThem() throws IOException {
    for (Case made : cases()) {
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(Float.BYTES * made.values.length)
              .order(ByteOrder.nativeOrder());
      FloatBuffer batch = bytes.asFloatBuffer();
      for (int i = 0; i < batch.capacity(); i++) {
        batch.put(i, i % 128 / 64f - 1);
      }

      Targets targets = made.mix(bytes, PixelLayout.FLOATS);

      for (int i = 0; i < batch.capacity(); i++) {
        assertThat(batch.get(i)).isEqualTo(made.values[i], within(1e-7f));
      }
      double[] soft = new double[made.images * CLASSES];
      for (int i = 0; i < made.images; i++) {
        soft[i * CLASSES + targets.labels()[i]] += targets.labelWeights()[i];
        soft[i * CLASSES + targets.others()[i]] += targets.otherWeights()[i];
      }
      assertThat(soft).containsExactly(made.targets, within(1e-7));
    }
  }

  @Test
  void bytesAreMixedToTheNearestLevel() throws IOException {
    for (Case made : cases()) {
      int cells = made.height * made.width;
      ByteBuffer bytes = ByteBuffer.allocateDirect(made.values.length);
      for (int i = 0; i < bytes.capacity(); i++) {
        int image = i / (3 * cells);
        int cell = i / 3 % cells;
        bytes.put(i, (byte) ((image * 3 * cells + i % 3 * cells + cell) % 128));
      }

      made.mix(bytes, PixelLayout.BYTES);

      for (int i = 0; i < bytes.capacity(); i++) {
        int image = i / (3 * cells);
        int cell = i / 3 % cells;
        float value = made.values[image * 3 * cells + i % 3 * cells + cell];
        assertThat((float) bytes.get(i)).isEqualTo(64 * (value + 1), within(0.501f));
      }
    }
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBatches() {
    for (Mixing mixing : List.of(Mixing.mixup(0.2), Mixing.cutMix(1), Mixing.of(0.8, 1))) {
      List<float[]> one = new ArrayList<>();
      List<String> oneTargets = new ArrayList<>();
      List<float[]> four = new ArrayList<>();
      List<String> fourTargets = new ArrayList<>();
      collect(mixing, 1, 0, one, oneTargets);
      collect(mixing, 4, 0, four, fourTargets);

      assertThat(four.size()).isEqualTo(one.size()).isEqualTo(5);
      assertThat(fourTargets).isEqualTo(oneTargets);
      for (int i = 0; i < one.size(); i++) {
        assertThat(four.get(i)).isEqualTo(one.get(i));
      }

      List<float[]> rest = new ArrayList<>();
      List<String> restTargets = new ArrayList<>();
      collect(mixing, 2, 3, rest, restTargets);
      assertThat(restTargets).isEqualTo(oneTargets.subList(3, 5));
      assertThat(rest.get(0)).isEqualTo(one.get(3));
    }
  }

  @Test
  void theMiddleOfAnOddBatchStaysAsItIs() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(3 * 3 * 12 * Float.BYTES);
    bytes.order(ByteOrder.nativeOrder());
    for (int i = 0; i < 108; i++) {
      bytes.putFloat(Float.BYTES * i, i);
    }

    Targets targets = PairMixing.mixup(bytes, PixelLayout.FLOATS, SMALL, new int[] {4, 5, 6}, 0.25);

    assertThat(bytes.getFloat(0)).isEqualTo(0.25f * 0 + 0.75f * 72);
    assertThat(bytes.getFloat(Float.BYTES * 40)).isEqualTo(40);
    assertThat(targets.labelWeights()).containsExactly(0.25, 1, 0.25);
    assertThat(targets.otherWeights()).containsExactly(0.75, 0, 0.75);
    assertThat(targets.others()).containsExactly(6, 5, 4);
  }

  @Test
  void mixesAsManyBatchesAsAskedAndInTheWayAsked() {
    Mixing mixing = new Mixing(1, 1, 0.6, 0.25);
    int mixed = 0;
    int cut = 0;
    for (int seed = 0; seed < 1000; seed++) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(2 * 36 * Float.BYTES);
      bytes.order(ByteOrder.nativeOrder());
      bytes.putFloat(0, 1);
      for (int i = 0; i < 36; i++) {
        bytes.putFloat(Float.BYTES * i, 1);
      }
      Targets targets =
          mixing.apply(bytes, PixelLayout.FLOATS, SMALL, new int[] {0, 1}, new SplitMix64(seed));
      double share = targets.labelWeights()[0];
      if (share < 1) {
        mixed++;
        boolean whole =
            IntStream.range(0, 36)
                .allMatch(i -> Math.abs(bytes.getFloat(Float.BYTES * i)) % 1 == 0);
        cut += whole ? 1 : 0;
      }
    }

    assertThat(mixed).isBetween(500, 640);
    assertThat(cut).isBetween(80, 180);
  }

  /** Mean and variance of Beta(a, a): 1/2 and 1 / (4 (2 a + 1)). */
  @Test
  void sharesHaveTheMomentsOfTheirDistribution() {
    for (double alpha : new double[] {1e-300, 1e-3, 0.2, 0.8, 1, 4}) {
      SplitMix64 random = new SplitMix64(2);
      double sum = 0;
      double squares = 0;
      int draws = 20_000;
      for (int i = 0; i < draws; i++) {
        double share = SymmetricBeta.draw(alpha, random);
        assertThat(share).isBetween(0.0, 1.0);
        sum += share;
        squares += (share - 0.5) * (share - 0.5);
      }

      assertThat(sum / draws).as("mean of alpha %s", alpha).isEqualTo(0.5, within(0.015));
      assertThat(squares / draws)
          .as("variance of alpha %s", alpha)
          .isEqualTo(0.25 / (2 * alpha + 1), within(0.005));
    }
  }

  @Test
  void unmixedBatchesHaveTheirLabelsAlone() {
    try (BatchLoader loader = BatchLoader.builder(numbered(5), new Numbers()).batchSize(5).build();
        Batches batches = loader.epoch(0);
        Batch batch = batches.next()) {
      assertThat(batch.targets().isPlain()).isTrue();
      assertThat(batch.targets().labels()).containsExactly(batch.labels());
    }
  }

  @Test
  void refusesSettingsOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> Mixing.mixup(-0.1));
    assertThatIllegalArgumentException().isThrownBy(() -> Mixing.cutMix(Double.NaN));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mixing.mixup(1e-308))
        .withMessageContaining("mixup alpha 1.0E-308 must be at least 1.0E-300");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mixing.cutMix(Double.MIN_VALUE))
        .withMessageContaining("CutMix alpha");
    assertThatIllegalArgumentException().isThrownBy(() -> Mixing.none().withProbability(1.1));
    assertThatIllegalArgumentException().isThrownBy(() -> Mixing.none().withCutMixProbability(-1));
    BatchLoader.Builder twelve = BatchLoader.builder(numbered(5), TwelveCrops.of(SMALL));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> twelve.mixing(Mixing.mixup(1)))
        .withMessageContaining("several views");
    twelve.mixing(Mixing.none());
    BatchLoader.builder(numbered(5), CentralCrop.of(SMALL)).mixing(Mixing.mixup(1));
  }

  @Test
  void targetsAreWeightedByTheirClasses() {
    Targets targets = Targets.mixed(new int[] {0, 1}, new int[] {1, 0}, new double[] {0.25, 1});

    Targets weighted = targets.weighted(new double[] {2, 8});

    assertThat(weighted.labelWeights()).containsExactly(0.5, 8);
    assertThat(weighted.otherWeights()).containsExactly(6, 0);
    assertThat(targets.labelWeights()).containsExactly(0.25, 1);
    assertThat(weighted.isPlain()).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> targets.weighted(new double[] {1, -1}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Targets.mixed(new int[2], new int[1], new double[2]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Targets.mixed(new int[1], new int[1], new double[] {1.5}));
  }

  private static void collect(
      Mixing mixing, int threads, int firstBatch, List<float[]> images, List<String> targets) {
    try (BatchLoader loader =
            BatchLoader.builder(numbered(22), new Numbers())
                .batchSize(5)
                .seed(6)
                .threads(threads)
                .mixing(mixing)
                .build();
        Batches batches = loader.epoch(2, firstBatch)) {
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          float[] values = new float[batch.images().remaining()];
          batch.images().get(values);
          images.add(values);
          targets.add(
              Arrays.toString(batch.targets().labels())
                  + Arrays.toString(batch.targets().others())
                  + Arrays.toString(batch.targets().labelWeights()));
        }
      }
    }
  }

  /** Writes the number in the file's name and random ones. */
  private record Numbers() implements ImageTransform {

    @Override
    public Resolution resolution() {
      return SMALL;
    }

    @Override
    public void apply(Path file, RandomGenerator random, FloatBuffer target) {
      for (int i = 0; i < 3 * SMALL.pixels(); i++) {
        target.put(Float.parseFloat(file.toString()) + random.nextFloat());
      }
    }
  }

  private static List<Case> cases() throws IOException {
    try (Reader reader =
        new InputStreamReader(
            MixingTest.class.getResourceAsStream("mixed.json"), StandardCharsets.UTF_8)) {
      return List.of(new Gson().fromJson(reader, Case[].class));
    }
  }
}
