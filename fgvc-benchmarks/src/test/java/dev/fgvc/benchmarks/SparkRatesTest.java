package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.testing.ChildJvm;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkRatesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          images=0        | images=0: at least 1
          threads=0       | threads=0: at least 1
          rounds=0        | rounds=0: at least 1
          photo=375       | photo=375: must be HEIGHTxWIDTH, such as 375x500
          network=resnet  | network=resnet: must be one of [RESNET_V2_50,
          side=wide       | side=wide: must be a whole number, such as 3
          batch=16        | no setting is called batch; there are [images, network, photo, rounds,
          spark=/nowhere  | spark=/nowhere: there is no folder jars; mvn -q -Pspark
          """)
  void refusesWrongArguments(String argument, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkRates.main(new String[] {argument}))
        .withMessageStartingWith(message);
  }

  /** Two rounds, as each way is the first of one. */
  @Test
  @Tag("spark")
  void comparesOneProcessWithAnExecutor() throws Exception {
    Process child =
        ChildJvm.of(
                List.of("-Xmx64m"),
                SparkRates.class,
                "spark=" + System.getProperty("fgvc.spark.home"),
                "images=40",
                "photo=60x80",
                "width=0.05",
                "side=64",
                "rounds=2")
            .redirectErrorStream(true)
            .start();
    String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(child.waitFor()).as(printed).isZero();
    for (String measure : List.of("extraction", "processor", "whole")) {
      assertThat(printed)
          .containsPattern("round 2, " + measure + " +\\d+\\.\\d+ s +\\d+\\.\\d+ s +[+-]\\d+")
          .containsPattern("medians, " + measure + " +\\d+\\.\\d+ s +\\d+\\.\\d+ s +[+-]\\d+");
    }
    assertThat(printed).endsWith("the same bits in all rounds" + System.lineSeparator());
  }

  @Test
  @Tag("spark")
  void leavesNothingWhenItIsAskedToEnd(@TempDir Path folder) throws Exception {
    Process child =
        ChildJvm.of(
                List.of("-Xmx64m", "-Djava.io.tmpdir=" + folder),
                SparkRates.class,
                "spark=" + System.getProperty("fgvc.spark.home"),
                "images=40",
                "photo=60x80",
                "width=0.05",
                "side=64")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<ProcessHandle> all = List.of();
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).contains("one process");
      all = child.descendants().toList();
      child.destroy();

      assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(all).hasSizeGreaterThanOrEqualTo(2).noneMatch(ProcessHandle::isAlive);
    } finally {
      all.forEach(ProcessHandle::destroyForcibly);
      child.destroyForcibly();
    }
    assertThat(folder).isEmptyDirectory();
  }
}
