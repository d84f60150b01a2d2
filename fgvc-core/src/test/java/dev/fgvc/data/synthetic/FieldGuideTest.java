package dev.fgvc.data.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.progress.Progress;
import dev.fgvc.testing.InOtherLocales;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@InOtherLocales
class FieldGuideTest {

  @TempDir Path folder;

  private static FieldGuide.Builder small() {
    return FieldGuide.builder()
        .families(Family.BIRDS, Family.FISH)
        .speciesPerFamily(4)
        .maximumImages(12)
        .minimumImages(2)
        .zipfExponent(1)
        .validationImages(1)
        .pixels(32)
        .target("gulls", Family.BIRDS, 3, 2, 1);
  }

  @Test
  void writesDomainsInTheOfficialLayout() throws IOException {
    Path root = folder.resolve("guide");
    AtomicLong last = new AtomicLong();
    FieldGuide guide = small().build();

    Map<String, DatasetSplits> domains =
        guide.write(root, (task, done, total, note) -> last.set(1000 * done + total));

    assertThat(domains.keySet()).containsExactly("source", "gulls");
    assertThat(guide.domainNames()).containsExactly("source", "gulls");
    Dataset source = domains.get("source").train();
    // 12 / r, at least 2: 12, 6, 4, 3, 2, 2, 2, 2.
    assertThat(Arrays.stream(source.imageCounts()).sorted())
        .containsExactly(2, 2, 2, 2, 3, 4, 6, 12);
    assertThat(source.classNames())
        .containsExactly(
            "bird_a1", "bird_a2", "bird_a3", "bird_b1", "fish_a1", "fish_a2", "fish_a3", "fish_b1");
    assertThat(domains.get("source").validation().imageCounts()).containsOnly(1).hasSize(8);
    assertThat(domains.get("gulls").train().imageCounts()).containsExactly(2, 2, 2);
    assertThat(guide.pictureCount()).isEqualTo(33 + 8 + 9);
    assertThat(last.get()).isEqualTo(50_050);
    BufferedImage picture = ImageIO.read(root.resolve("gulls/bird_c1/0003.jpg").toFile());
    assertThat(picture.getWidth()).isEqualTo(32);
    assertThat(picture.getHeight()).isEqualTo(32);
  }

  @Test
  void targetSpeciesAreNowhereElse() throws IOException {
    Map<String, DatasetSplits> domains =
        small()
            .target("terns", Family.BIRDS, 4, 1, 1)
            .build()
            .write(folder.resolve("g"), Progress.none());
    Set<String> names = new HashSet<>();
    int classes = 0;
    for (DatasetSplits domain : domains.values()) {
      names.addAll(domain.train().classNames());
      classes += domain.classCount();
    }
    assertThat(names).hasSize(classes).hasSize(8 + 3 + 4);
  }

  @Test
  void theSameSeedGivesTheSameBytesOnAnyNumberOfThreads() throws IOException {
    small().threads(1).build().write(folder.resolve("one"), Progress.none());
    small().threads(5).build().write(folder.resolve("five"), Progress.none());
    small().seed(2).build().write(folder.resolve("other"), Progress.none());

    Map<String, Integer> one = hashes(folder.resolve("one"));
    assertThat(one).hasSize(50 + 4).isEqualTo(hashes(folder.resolve("five")));
    assertThat(new HashSet<>(one.values())).as("no picture twice").hasSize(54);
    assertThat(hashes(folder.resolve("other"))).isNotEqualTo(one);
  }

  @Test
  void refusesAFolderThatIsNotEmpty() throws IOException {
    Files.writeString(folder.resolve("mine.txt"), "keep");

    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> small().build().write(folder, Progress.none()))
        .withMessageContaining("expected no folder or an empty one");
    assertThat(entries(folder)).containsExactly("mine.txt");
  }

  @Test
  void anEmptyFolderMayExist() throws IOException {
    Path root = Files.createDirectories(folder.resolve("empty"));

    small().build().write(root, Progress.none());

    assertThat(entries(root)).containsExactly("gulls", "source");
    assertThat(entries(folder)).containsExactly("empty");
  }

  @Test
  void anInterruptedRunLeavesNothingBehind() throws IOException {
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(InterruptedIOException.class)
        .isThrownBy(() -> small().build().write(folder.resolve("guide"), Progress.none()));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(entries(folder)).isEmpty();
  }

  @Test
  void aFailingListenerLeavesNothingBehind() throws IOException {
    Progress failing =
        (task, done, total, note) -> {
          throw new IllegalStateException("no more");
        };

    assertThatIllegalStateException()
        .isThrownBy(() -> small().build().write(folder.resolve("guide"), failing));
    assertThat(entries(folder)).isEmpty();
  }

  @Test
  void theQuickstartHasItsPromisedSize() {
    FieldGuide guide = FieldGuide.quickstart(1);

    assertThat(guide.domainNames()).containsExactly("source", "birds", "beetles", "fish");
    // About 2800 for training, 1 for validation of 144 species, 3 x 20 x 30 of the targets.
    assertThat(guide.pictureCount() - 144 - 1800).isBetween(2700, 2950);
  }

  @Test
  void picturesOfASpeciesDifferTheLessTheLessVariationThereIs() {
    double[] differences = new double[3];
    for (int v = 0; v < 3; v++) {
      double variation = v / 2.0;
      List<int[]> pictures =
          IntStream.range(0, 12).mapToObj(seed -> picture(variation, seed)).toList();
      for (int i = 1; i < 12; i++) {
        differences[v] += difference(pictures.get(0), pictures.get(i));
      }
    }
    assertThat(differences[0]).isLessThan(0.9 * differences[1]);
    assertThat(differences[1]).isLessThan(differences[2]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FieldGuide.builder().variation(1.1))
        .withMessage("variation 1.1 must be from 0 to 1");
  }

  private static int[] picture(double variation, long seed) {
    Species species = Species.numbered(Family.BIRDS, 0, 1, 1, 7);
    return Scene.draw(species, 48, variation, seed).getRGB(0, 0, 48, 48, null, 0, 48);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void speciesOfAGenusDifferAndShareMostOfTheirLook(Family family) {
    for (int genus = 0; genus < 5; genus++) {
      List<int[]> looks =
          IntStream.range(3 * genus, 3 * genus + 3).mapToObj(i -> portrait(family, i)).toList();
      int[] stranger = portrait(family, 3 * genus + 3);
      for (int i = 0; i < 3; i++) {
        double toSibling = difference(looks.get(i), looks.get((i + 1) % 3));
        assertThat(toSibling).as("genus %d, species %d", genus, i).isPositive();
        assertThat(toSibling).isLessThan(difference(looks.get(i), stranger) * 2.5);
      }
    }
  }

  @Test
  void familiesDifferMoreThanSpeciesOfOneGenus() {
    double within = 0;
    double across = 0;
    Family[] families = Family.values();
    for (int f = 0; f < families.length; f++) {
      for (int i = 0; i < 9; i += 3) {
        int[] look = portrait(families[f], i);
        within += difference(look, portrait(families[f], i + 1));
        across += difference(look, portrait(families[(f + 1) % families.length], i));
      }
    }
    assertThat(across).isGreaterThan(3 * within);
  }

  @Test
  void refusesWrongSettings() {
    FieldGuide.Builder builder = FieldGuide.builder();

    assertThatIllegalArgumentException().isThrownBy(() -> builder.families());
    assertThatIllegalArgumentException().isThrownBy(() -> builder.speciesPerFamily(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.zipfExponent(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.pixels(8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.target("../up", Family.BIRDS, 1, 1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> small().target("Gulls", Family.BIRDS, 1, 1, 1).build())
        .withMessageContaining("two domains are called Gulls");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> small().minimumImages(13).build())
        .withMessageContaining("minimum images 13 above maximum images 12");
  }

  /** The same scene, so that only the species makes a difference. */
  private static int[] portrait(Family family, int number) {
    BufferedImage image = Scene.draw(Species.numbered(family, number, 1, 1, 1), 96, 1, 4);
    return image.getRGB(0, 0, 96, 96, null, 0, 96);
  }

  /** The mean absolute difference of the green levels. */
  private static double difference(int[] a, int[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs((a[i] >> 8 & 0xFF) - (b[i] >> 8 & 0xFF));
    }
    return sum / a.length;
  }

  private static Map<String, Integer> hashes(Path root) throws IOException {
    Map<String, Integer> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        hashes.put(root.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return hashes;
  }

  private static List<String> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
