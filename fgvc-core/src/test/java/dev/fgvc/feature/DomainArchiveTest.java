package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.file.NpyFormat;
import dev.fgvc.testing.MutationFuzzer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DomainArchiveTest {

  private static final DomainFeatures DOMAIN =
      DomainFeatures.of(
          "Schmetterlinge \uD83E\uDD8B",
          List.of("Papilio machaon", "Aglais io", ""),
          new FMatrixRMaj(new float[][] {{1, -2.5f}, {3e-30f, 4}, {5, 0.1f}}),
          new double[] {100, 0.3, 1e12});

  @TempDir private Path folder;

  @Test
  void aDomainComesBackAsItWas() throws IOException {
    Path file = folder.resolve("domain.npz");
    DOMAIN.writeNpz(file);

    DomainFeatures read = DomainFeatures.readNpz(file);

    assertThat(read.name()).isEqualTo(DOMAIN.name());
    assertThat(read.classNames()).isEqualTo(DOMAIN.classNames());
    assertThat(read.imageCounts()).isEqualTo(DOMAIN.imageCounts());
    assertThat(read.classMeans().data).isEqualTo(DOMAIN.classMeans().data);
  }

  @Test
  void theSameDomainGivesTheSameBytes() throws IOException {
    DOMAIN.writeNpz(folder.resolve("a.npz"));
    DOMAIN.writeNpz(folder.resolve("b.npz"));

    assertThat(folder.resolve("a.npz")).hasSameBinaryContentAs(folder.resolve("b.npz"));
  }

  @Test
  void otherProgramsReadMeansAndCounts() throws IOException {
    Path file = folder.resolve("domain.npz");
    DOMAIN.writeNpz(file);

    DomainFeatures read = DomainFeatures.readNpz("d", file, "class_means", "image_counts");

    assertThat(read.classMeans().data).isEqualTo(DOMAIN.classMeans().data);
  }

  @Test
  void everyFlippedBitOfTheArraysIsNoticed() throws IOException {
    Path file = folder.resolve("domain.npz");
    DOMAIN.writeNpz(file);
    byte[] whole = Files.readAllBytes(file);
    int noticed = 0;
    for (int at = 0; at < whole.length; at += 7) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 4;
      Files.write(file, damaged);
      try {
        DomainFeatures read = DomainFeatures.readNpz(file);
        assertThat(read.classMeans().data).isEqualTo(DOMAIN.classMeans().data);
        assertThat(read.classNames()).isEqualTo(DOMAIN.classNames());
        assertThat(read.imageCounts()).isEqualTo(DOMAIN.imageCounts());
        assertThat(read.name()).isEqualTo(DOMAIN.name());
      } catch (FeatureFileException e) {
        assertThat(e).hasMessageContaining("domain.npz");
        noticed++;
      }
    }
    assertThat(noticed).isGreaterThan(whole.length / 14);
  }

  @Test
  void damageIsRefusedWhateverItClaims() throws IOException {
    Path file = folder.resolve("domain.npz");
    DOMAIN.writeNpz(file);

    MutationFuzzer.of(folder.resolve("damaged.npz"), DomainFeatures::readNpz)
        .allowing(FeatureFileException.class)
        .run(List.of(Files.readAllBytes(file)), MutationFuzzer.files(300));
  }

  @Test
  void refusesNewerVersionsAndOtherArchives() throws IOException {
    assertRefused(archive(NpyFormat.integers(2)), "version 1, found [2.0]");
    assertRefused(archive(NpyFormat.texts(List.of("1"))), "expected numbers, found texts");
    Path features = Files.write(folder.resolve("other.npz"), new byte[] {'P', 'K', 3, 4});
    assertRefused(features, "other.npz");
    DOMAIN.writeNpz(folder.resolve("short.npz"));
    byte[] whole = Files.readAllBytes(folder.resolve("short.npz"));
    Files.write(folder.resolve("short.npz"), Arrays.copyOf(whole, whole.length / 2));
    assertRefused(folder.resolve("short.npz"), "short.npz");
  }

  @Test
  void refusesNamesThatNoArrayHolds() {
    String endless = "x".repeat(1025);
    for (String name : List.of(endless, "zero\0")) {
      DomainFeatures domain =
          DomainFeatures.of(
              "d", Collections.nCopies(1, name), new FMatrixRMaj(1, 1), new double[] {1});
      assertThatIllegalArgumentException()
          .isThrownBy(() -> domain.writeNpz(folder.resolve("d.npz")))
          .withMessageContaining("no NumPy file");
    }
  }

  /** An archive with nothing but this format. */
  private Path archive(byte[] format) throws IOException {
    Path file = folder.resolve("format.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("format.npy"));
      zip.write(format);
    }
    return file;
  }

  private static void assertRefused(Path file, String complaint) {
    assertThatThrownBy(() -> DomainFeatures.readNpz(file))
        .isInstanceOf(FeatureFileException.class)
        .hasMessageContaining(complaint);
  }
}
