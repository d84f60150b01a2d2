package dev.fgvc.nets.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.feature.DomainFeatures;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class ImageLevelTest {

  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);

  private static final DomainFeatures NEAR = domain("near", 0, 1, 2);
  private static final DomainFeatures FAR = domain("far", 10, 11);

  @Test
  void ofFewClassesAllAreSelected() {
    List<String> lines = ImageLevel.selections(List.of(NEAR, FAR)).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).startsWith("target");
    // On a line, the three classes lie 9.5 from the two in the mean.
    assertThat(fields(lines.get(1))).containsExactly("near", "2", "9.5000", "9.5000", "9.5000");
    assertThat(fields(lines.get(2))).containsExactly("far", "3", "9.5000", "9.5000", "9.5000");
  }

  @Test
  void ofManyClassesOnlyThoseSizesThatThereAre() {
    DomainFeatures seven = domain("seven", 0, 1, 2, 3, 4, 5, 6);
    List<String> lines = ImageLevel.selections(List.of(seven, FAR)).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(fields(lines.get(2)).subList(0, 2)).containsExactly("far", "5");
    // The five classes from 2 to 6 lie 6.5 from the two in the mean, all seven 7.5.
    assertThat(fields(lines.get(2)).subList(2, 4)).containsExactly("7.5000", "6.5000");
  }

  @Test
  void asksForTwoFoldersAndWeights() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageLevel.run(new Properties(), NOWHERE))
        .withMessageContaining("-Dfgvc.photos");
  }

  /** Target, size, all, one by one, set with counts; free weights come last. */
  private static List<String> fields(String line) {
    return List.of(line.trim().split(" +")).subList(0, 5);
  }

  private static DomainFeatures domain(String name, int... places) {
    FMatrixRMaj means = new FMatrixRMaj(places.length, 1);
    double[] counts = new double[places.length];
    String[] classes = new String[places.length];
    for (int k = 0; k < places.length; k++) {
      means.data[k] = places[k];
      counts[k] = 4;
      classes[k] = name + places[k];
    }
    return DomainFeatures.of(name, List.of(classes), means, counts);
  }
}
