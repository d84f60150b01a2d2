package dev.fgvc.nets.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.image.Resolution;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArchitectureTest {

  @ParameterizedTest
  @EnumSource
  void takesAnySizeFromItsMinimumUp(Architecture architecture) {
    NetworkGraph graph = architecture.builder().classes(7).auxiliaryHead(false).build();

    MapShape small = graph.outputShape(new Resolution(139, 203));
    MapShape large = graph.outputShape(new Resolution(448, 560));

    assertThat(small.channels()).isEqualTo(graph.featureDimension());
    assertThat(large.height()).isGreaterThan(small.height());
    assertThat(graph.classes()).isEqualTo(7);
  }

  @ParameterizedTest
  @EnumSource
  void multipliedWidthNarrowsAllButTheLastLayer(Architecture architecture) {
    NetworkGraph full = architecture.builder().classes(10).build();
    NetworkGraph narrow = architecture.builder().classes(10).widthMultiplier(0.25).build();

    assertThat(narrow.classes()).isEqualTo(10);
    assertThat(narrow.trainableValues()).isLessThan(full.trainableValues() / 10);
    assertThat(narrow.parameters()).hasSameSizeAs(full.parameters());
  }

  @ParameterizedTest
  @EnumSource
  void isFoundByItsVariables(Architecture architecture) {
    NetworkGraph graph = architecture.builder().classes(10).build();

    assertThat(Architecture.ofVariable(graph.parameters().get(0).name()))
        .isEqualTo(Optional.of(architecture));
    assertThat(Architecture.ofVariable("vgg_16/conv1/weights")).isEmpty();
  }

  @Test
  void auxiliaryHeadFollowsTheResolution() {
    assertThat(auxiliaryKernel(139)).isEqualTo("InceptionV3/AuxLogits/Conv2d_2a_1x1/weights");
    assertThat(auxiliaryKernel(299)).isEqualTo("InceptionV3/AuxLogits/Conv2d_2a_5x5/weights");
    assertThat(auxiliaryKernel(560)).isEqualTo("InceptionV3/AuxLogits/Conv2d_2a_5x5/weights");
  }

  private static String auxiliaryKernel(int side) {
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(3).resolution(Resolution.square(side)).build();
    assertThat(graph.auxiliaryLogits()).isPresent();
    graph.shapes(Resolution.square(side));
    return graph.parameters().stream()
        .map(Parameter::name)
        .filter(name -> name.matches(".*/AuxLogits/Conv2d_2a_.*/weights"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void refusesImagesBelowTheMinimumByName() {
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(3).auxiliaryHead(false).build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.outputShape(Resolution.square(40)))
        .withMessageContaining("InceptionV3 cannot take images of 40x40");
  }

  @Test
  void refusesNonsenseAtTheCallThatSaysIt() {
    Architecture.Builder builder = Architecture.RESNET_V2_50.builder();

    assertThatIllegalArgumentException().isThrownBy(() -> builder.classes(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.widthMultiplier(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.batchNormDecay(1));
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("classes(n)");
  }

  @Test
  void defaultSidesAreThoseOfTable1() {
    for (Architecture architecture : Architecture.values()) {
      int side = architecture.variableScope().startsWith("resnet_v2") ? 320 : 299;
      assertThat(architecture.defaultSide()).as(architecture.name()).isEqualTo(side);
    }
  }
}
