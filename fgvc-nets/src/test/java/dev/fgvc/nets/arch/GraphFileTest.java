package dev.fgvc.nets.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GraphFileTest {

  private static final String TINY =
      "{'format':'fgvc-graph','version':1,'name':'tiny','nodes':["
          + "{'operation':'input','channels':3},"
          + "{'operation':'convolution','inputs':[0],'scope':'tiny/conv','kernel':[3,3],"
          + "'stride':2,'padding':'SAME','channels':16,'biases':true,'start':{'uniform':0.3}},"
          + "{'operation':'relu','inputs':[1]},"
          + "{'operation':'globalAveragePool','inputs':[2]},"
          + "{'operation':'fullyConnected','inputs':[3],'scope':'tiny/fc','channels':10}],"
          + "'endpoints':{'last':2},'features':3,'logits':4}";

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void everyArchitectureComesBackAsItWas(Architecture architecture) throws IOException {
    for (Convention convention : Convention.values()) {
      comesBack(architecture.builder().classes(7).convention(convention).build());
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyHeadComesBackAsItWas(Architecture architecture) throws IOException {
    for (Head head :
        List.of(
            Head.bilinear().reducedTo(64),
            Head.compactBilinear(Head.COMPACT_DIMENSION, Long.MAX_VALUE),
            Head.compactBilinear(1000, Long.MIN_VALUE).reducedTo(7))) {
      comesBack(architecture.builder().classes(7).head(head).build());
    }
  }

  private void comesBack(NetworkGraph graph) throws IOException {
    Path file = folder.resolve("graph.json");

    GraphFile.write(graph, file);
    NetworkGraph read = GraphFile.read(file);

    assertThat(read.name()).isEqualTo(graph.name());
    assertThat(read.nodes()).isEqualTo(graph.nodes());
    assertThat(read.parameters()).isEqualTo(graph.parameters());
    assertThat(read.endpoints()).isEqualTo(graph.endpoints());
    assertThat(read.features()).isEqualTo(graph.features());
    assertThat(read.logits()).isEqualTo(graph.logits());
    assertThat(read.auxiliaryLogits()).isEqualTo(graph.auxiliaryLogits());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'dimension':8,'seed':1.5 | \"seed\": expected a whole number of 64 bits, found 1.5",
        "'dimension':8,'seed':1e999999999 | \"seed\": expected a whole number of 64 bits",
        "'dimension':8,'seed':9223372036854775808 | \"seed\": expected a whole number of 64 bits",
        "'dimension':8,'seed':'1' | \"seed\": expected a number",
        "'dimension':8 | \"seed\" is missing",
        "'dimension':0,'seed':1 | \"dimension\": expected 1.0 to",
        "'dimension':99999999,'seed':1 | \"dimension\": expected 1.0 to"
      })
  void refusesSketchesThatCannotBeDrawn(String members, String problem) {
    String good = "'operation':'globalAveragePool','inputs':[2]";
    String sketch = "'operation':'tensorSketchPool','inputs':[2]," + members;

    assertThat(TINY).contains(good);
    assertThatExceptionOfType(GraphFormatException.class)
        .isThrownBy(() -> parse(TINY.replace(good, sketch)))
        .withMessageStartingWith("test, nodes[3]: ")
        .withMessageContaining(problem);
  }

  @Test
  void refusesMoreProductsThanAnyHeadPools() {
    String many =
        TINY.replace("'channels':16", "'channels':4097")
            .replace("globalAveragePool", "bilinearPool");

    assertThatExceptionOfType(GraphFormatException.class)
        .isThrownBy(() -> parse(many))
        .withMessageContaining("nodes[3]: bilinear pooling of 4097 channels: at most 4096");
    assertThatExceptionOfType(GraphFormatException.class)
        .isThrownBy(
            () -> parse(many.replace("4097", "4096").replace("'channels':10", "'channels':20")))
        .withMessageContaining("nodes[4]: the network has more than 268435456 weights");
  }

  @Test
  void readsAHandWrittenBackbone() {
    NetworkGraph graph = parse(TINY);
    NetworkGraph featuresOnly = parse(TINY.replace(",'logits':4", ""));

    assertThat(graph.classes()).isEqualTo(10);
    assertThat(graph.featureDimension()).isEqualTo(16);
    assertThat(graph.parameters())
        .extracting(Parameter::name)
        .containsExactly(
            "tiny/conv/weights", "tiny/conv/biases", "tiny/fc/weights", "tiny/fc/biases");
    assertThat(graph.endpoints()).containsOnlyKeys("last");
    assertThat(featuresOnly.classes()).isEqualTo(16);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'fgvc-graph' | 'other' | \"format\": expected \"fgvc-graph\"",
        "'version':1 | 'version':2 | \"version\": expected 1",
        "'inputs':[0] | 'inputs':[1] | nodes[1]: \"inputs\": expected 0.0 to 0.0, found 1",
        "'inputs':[2] | 'inputs':[2,1] | nodes[3]: \"inputs\": expected 1 to 1 entries, found 2",
        "[3,3] | [3,99999] | nodes[1]: \"kernel\": expected 1.0 to 1024.0",
        "'SAME' | 'ROUND' | nodes[1]: \"padding\": 'ROUND' is not known",
        "'channels':16 | 'channels':-1 | nodes[1]: \"channels\": expected 1.0 to 65536.0",
        "'channels':16 | 'channels':1.5 | nodes[1]: \"channels\": expected a whole number",
        "'biases':true | 'biases':1 | nodes[1]: \"biases\": expected true or false",
        "'relu' | 'exec' | nodes[2]: \"operation\": 'exec' is not known",
        "'tiny/fc' | 'tiny/conv' | nodes[4]: tiny: variable 'tiny/conv/weights' is declared twice",
        "'uniform':0.3 | 'uniform':1e999 | nodes[1]: \"uniform\": expected",
        "'features':3 | 'features':2 | the features must follow a global average",
        "'last':2 | 'last':'x' | endpoints: \"last\": expected 0.0 to 4.0",
        "'nodes' | 'steps' | \"nodes\": expected an array",
        "'fgvc-graph', | [ | is not JSON"
      })
  void refusesWhatDescribesNoNetwork(String good, String bad, String problem) {
    assertThat(TINY).contains(good);
    assertThatExceptionOfType(GraphFormatException.class)
        .isThrownBy(() -> parse(TINY.replace(good, bad)))
        .withMessageStartingWith("test, ")
        .withMessageContaining(problem);
  }

  @Test
  void refusesMoreWeightsThanAnyNetworkHas() {
    String wide = TINY.replace("[3,3]", "[512,512]").replace("'channels':16", "'channels':65536");

    assertThatExceptionOfType(GraphFormatException.class)
        .isThrownBy(() -> parse(wide))
        .withMessageContaining("more than 268435456 weights");
  }

  @Test
  void refusesDeepNestingAndEndlessFiles() throws IOException {
    Path file = Files.write(folder.resolve("long.json"), new byte[(1 << 22) + 1]);

    assertThatExceptionOfType(GraphFormatException.class)
        .isThrownBy(() -> GraphFile.parse("[".repeat(1_000_000), "test"));
    assertThatExceptionOfType(GraphFormatException.class)
        .isThrownBy(() -> GraphFile.read(file))
        .withMessageContaining("at most 4194304 bytes");
  }

  @Test
  void randomDamageIsRefusedOrHarmless() {
    long seed = 712;
    Random random = new Random(seed);
    int refused = 0;
    for (int round = 0; round < 3000; round++) {
      StringBuilder text = new StringBuilder(TINY.replace('\'', '"'));
      for (int i = 0; i <= random.nextInt(3); i++) {
        text.setCharAt(random.nextInt(text.length()), (char) (32 + random.nextInt(95)));
      }
      try {
        GraphFile.parse(text.toString(), "test");
      } catch (GraphFormatException e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %d", seed).isGreaterThan(1500);
  }

  private static NetworkGraph parse(String json) {
    return GraphFile.parse(json.replace('\'', '"'), "test");
  }
}
