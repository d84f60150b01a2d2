package dev.fgvc.nets.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.image.Resolution;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HeadTest {

  private static NetworkGraph inception(Head head) {
    return Architecture.INCEPTION_V3.builder().classes(7).head(head).build();
  }

  @ParameterizedTest
  @EnumSource
  void anyArchitectureTakesAnyHeadAndNoAuxiliaryOneBesideBilinearOnes(Architecture architecture) {
    Architecture.Builder builder = architecture.builder().classes(7);
    NetworkGraph average = builder.head(Head.average()).build();
    NetworkGraph bilinear = builder.head(Head.bilinear()).build();
    NetworkGraph compact = builder.head(Head.compactBilinear(8192, 1)).build();
    int channels = average.featureDimension();

    assertThat(average.nodes()).isEqualTo(architecture.builder().classes(7).build().nodes());
    assertThat(bilinear.featureDimension()).isEqualTo(channels * channels);
    assertThat(compact.featureDimension()).isEqualTo(8192);
    assertThat(compact.auxiliaryLogits()).isEmpty();
    assertThat(compact.endpoints()).containsKey("compact_bilinear_pool");
    assertThat(compact.outputShape(Resolution.square(299)))
        .isEqualTo(average.outputShape(Resolution.square(299)));
    assertThat(compact.headScopes()).containsExactly(average.classScope(average.logits()));
  }

  @Test
  void countsTheVariablesAndProductsOfAHead() {
    Resolution size = Resolution.square(299);
    NetworkGraph average = inception(Head.average());
    long rest = average.multiplyAdds(size) - 2048 * 7;

    // 8 x 8 cells of 2048 channels.
    assertThat(inception(Head.bilinear()).multiplyAdds(size))
        .isEqualTo(rest + 2048L * 2048 * 64 + 2048L * 2048 * 7);
    NetworkGraph reduced = inception(Head.bilinear().reducedTo(10));
    assertThat(reduced.multiplyAdds(size))
        .isEqualTo(rest + 2048 * 10 * 64 + 10 * 10 * 64 + 10 * 10 * 7);
    assertThat(reduced.headScopes())
        .containsExactly("InceptionV3/reduction", "InceptionV3/Logits/Conv2d_1c_1x1");
    assertThat(reduced.parameters())
        .extracting(Parameter::name)
        .contains("InceptionV3/reduction/weights");
    assertThat(reduced.outputShape(size)).isEqualTo(new MapShape(10, 8, 8));
    // Two transforms of 8192 * 13 products and 8192 more, twice; and one transform back.
    assertThat(inception(Head.compactBilinear(8192, 1)).multiplyAdds(size))
        .isEqualTo(rest + 64 * 2 * 8192 * 14 + 8192 * 13 + 8192 * 7);
  }

  @Test
  void refusesWhatCannotBePooled() {
    Architecture.Builder wide = Architecture.RESNET_V2_50.builder().classes(2).widthMultiplier(4);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> wide.head(Head.bilinear()).build())
        .withMessageContaining("8192 channels: at most 4096; reduce them");
    assertThat(wide.head(Head.bilinear().reducedTo(64)).build().featureDimension()).isEqualTo(4096);
    // As many classes as NABirds has: 2.3 thousand million weights.
    Architecture.Builder birds = Architecture.RESNET_V2_50.builder().classes(555);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> birds.head(Head.bilinear()).build())
        .withMessageContaining("resnet_v2_50/logits/weights")
        .withMessageContaining("2327838720 values, 2^31 or more")
        .withMessageContaining("Head.reducedTo or Head.compactBilinear");
    assertThat(birds.head(Head.compactBilinear(8192, 1)).build().featureDimension())
        .isEqualTo(8192);
    assertThatIllegalArgumentException().isThrownBy(() -> Head.bilinear().reducedTo(0));
    assertThatIllegalArgumentException().isThrownBy(() -> Head.average().reducedTo(5));
    assertThatIllegalArgumentException().isThrownBy(() -> Head.compactBilinear(0, 1));
    // A graph of more dimensions could be written, but not be read again.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Head.compactBilinear((1 << 24) + 1, 1))
        .withMessageContaining("from 1 to 16777216");
    assertThatIllegalArgumentException().isThrownBy(() -> new Operation.SignedSquareRoot(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Operation.L2Normalization(Double.NaN));
  }

  /** So that a network that was saved has the features that it had. */
  @Test
  void aSeedDrawsTheseSketches() {
    List<CountSketch> sketches = new Operation.TensorSketchPool(1000, 42).sketches(5);

    assertThat(sketches).hasSize(2);
    assertThat(text(sketches.get(0))).isEqualTo(" +31 -481 -781 -856 -328");
    assertThat(text(sketches.get(1))).isEqualTo(" -945 -971 +128 -588 -248");
  }

  private static String text(CountSketch sketch) {
    StringBuilder text = new StringBuilder();
    for (int c = 0; c < sketch.channels(); c++) {
      text.append(sketch.sign(c) > 0 ? " +" : " -").append(sketch.bucket(c));
    }
    return text.toString();
  }

  /** The inner product of two sketches is the square of the vectors', but for its variance. */
  @Test
  void sketchesKeepTheSquaredKernelInExpectation() {
    double[] x = {0.5, -1.5, 2, 0.25, 1, -0.75};
    double[] y = {1.5, 0.5, 1, -0.5, 0.75, 2};
    double kernel = 0;
    for (int c = 0; c < x.length; c++) {
      kernel += x[c] * y[c];
    }
    int seeds = 20_000;
    double sum = 0;
    double squares = 0;
    for (int seed = 0; seed < seeds; seed++) {
      double product = 0;
      double[] ofX = sketch(x, seed);
      double[] ofY = sketch(y, seed);
      for (int i = 0; i < ofX.length; i++) {
        product += ofX[i] * ofY[i];
      }
      sum += product;
      squares += product * product;
    }
    double mean = sum / seeds;
    double standardError = Math.sqrt((squares / seeds - mean * mean) / seeds);
    assertThat(standardError).isLessThan(0.03);
    assertThat(mean).isCloseTo(kernel * kernel, within(3 * standardError));
  }

  /** The circular convolution of both count sketches, from its definition. */
  private static double[] sketch(double[] x, long seed) {
    int dimension = 256;
    List<CountSketch> sketches = new Operation.TensorSketchPool(dimension, seed).sketches(x.length);
    double[] result = new double[dimension];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x.length; j++) {
        int bucket = (sketches.get(0).bucket(i) + sketches.get(1).bucket(j)) % dimension;
        result[bucket] += sketches.get(0).sign(i) * sketches.get(1).sign(j) * x[i] * x[j];
      }
    }
    return result;
  }
}
