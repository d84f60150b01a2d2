package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@InOtherLocales
class NameTableTest {

  @ParameterizedTest
  @CsvSource({
    "pytorch, INCEPTION_V3, true",
    "pytorch, INCEPTION_V4, false",
    "pytorch, INCEPTION_RESNET_V2, false",
    "keras, INCEPTION_V3, false",
    "keras, INCEPTION_RESNET_V2, false",
    "keras, RESNET_V2_50, false",
    "keras, RESNET_V2_101, false",
    "keras, RESNET_V2_152, false"
  })
  void namesEveryVariableOnce(String library, Architecture architecture, boolean auxiliaryHead)
      throws IOException {
    // PyTorch's convention has all gammas; a table may name those that Keras' Inceptions lack
    NetworkGraph graph =
        architecture
            .builder()
            .classes(3)
            .auxiliaryHead(auxiliaryHead)
            .convention(Convention.PYTORCH)
            .build();
    Set<String> variables =
        graph.parameters().stream().map(Parameter::name).collect(Collectors.toSet());

    NameTable table = NameTable.load(library, architecture);

    assertThat(table.theirs().keySet()).isEqualTo(variables);
    assertThat(table.theirs().values()).doesNotHaveDuplicates().noneMatch(n -> n.contains("{"));
  }
}
