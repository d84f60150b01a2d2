package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.feature.MappedFeatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransportTimesTest {

  @Test
  void eachRunGivesOneLineWithTheSameDistance() throws IOException {
    List<String> lines = measure(Map.of("images", "300x40x16", "runs", "2", "files", ""));
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).contains("300x40x16 run 1: ", " rounds, ", " pivots");
    assertThat(distance(lines.get(1))).isEqualTo(distance(lines.get(0)));
  }

  @Test
  void filesAreDrawnOnceAndReadAgain(@TempDir Path folder) throws IOException {
    Map<String, String> settings =
        Map.of("images", "5x3x100", "runs", "1", "files", folder.toString());
    String first = distance(measure(settings).get(0));
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files = list.sorted().toList();
    }
    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly("source-5x100-0.npy", "source-5x100-4.npy", "target-3x100-0.npy");
    assertThat(MappedFeatures.open(files.subList(0, 2)).count()).isEqualTo(5);
    byte[] before = Files.readAllBytes(files.get(1));
    assertThat(distance(measure(settings).get(0))).isEqualTo(first);
    assertThat(Files.readAllBytes(files.get(1))).isEqualTo(before);
  }

  @Test
  void aSizeOfAnotherFormIsRefused() {
    assertThatThrownBy(() -> measure(Map.of("images", "300x40", "runs", "1", "files", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'300x40' is not sources x targets x dimension");
  }

  private static List<String> measure(Map<String, String> settings) throws IOException {
    return TransportTimes.measure(new Settings(settings), 400);
  }

  private static String distance(String line) {
    return line.substring(line.indexOf("distance"), line.indexOf(", gap"));
  }
}
