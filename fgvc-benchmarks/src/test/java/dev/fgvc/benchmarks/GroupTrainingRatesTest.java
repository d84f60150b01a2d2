package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.testing.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupTrainingRatesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ranks=1  | ranks=1: at least 2
          rounds=0 | rounds=0: at least 1
          rank=2   | no setting is called rank; there are [batch, network,
          ranks    | 'ranks' is not NAME=VALUE
          """)
  void refusesWrongArguments(String argument, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GroupTrainingRates.main(new String[] {argument}))
        .withMessageStartingWith(message);
  }

  @Test
  void measuresOneProcessAndTwoInBothWays() throws Exception {
    Process child =
        ChildJvm.of(
                List.of("-Xmx64m"),
                GroupTrainingRates.class,
                "width=0.05",
                "side=64",
                "batch=2",
                "updates=1",
                "rounds=1")
            .redirectErrorStream(true)
            .start();
    String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(child.waitFor()).as(printed).isZero();
    assertThat(printed)
        .containsPattern("1 process +\\d+\\.\\d+ \\(")
        .containsPattern("while the way back goes on +\\d+.* times one, ")
        .containsPattern("after the way back +\\d+.* times one, ");
  }
}
