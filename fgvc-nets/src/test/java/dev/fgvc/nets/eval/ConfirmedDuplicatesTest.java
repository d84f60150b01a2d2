package dev.fgvc.nets.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DuplicateReport;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfirmedDuplicatesTest {

  private static final Resolution SIZE = Resolution.square(4);

  @TempDir private Path folder;

  /** The first pixel's colour, from 0 to 1. */
  private static final Backbone COLOUR =
      new Backbone() {
        @Override
        public int featureDimension() {
          return 3;
        }

        @Override
        public FMatrixRMaj features(ImageBatch batch) {
          Images images = batch.toFloats();
          FMatrixRMaj features = new FMatrixRMaj(images.count(), 3);
          for (int i = 0; i < features.data.length; i++) {
            features.data[i] = (images.pixels().get(i * SIZE.pixels()) + 1) / 2;
          }
          return features;
        }
      };

  private DuplicateReport.Place place(String set, int position, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64; i++) {
      image.setRGB(i % 8, i / 8, rgb);
    }
    Path file = folder.resolve(set + position + ".png");
    ImageIO.write(image, "png", file.toFile());
    return new DuplicateReport.Place(set, position, file);
  }

  private static Dataset named(String name) {
    return Dataset.of(name, List.of("any"), List.of(new LabeledImage(Path.of(name), 0)));
  }

  @Test
  void keepsTheMatchesWhoseFeaturesPointInOneDirection() throws IOException {
    DuplicateReport.Place red = place("train", 0, 0xff0000);
    DuplicateReport.Place darkRed = place("test", 0, 0x800000);
    DuplicateReport.Place violet = place("test", 1, 0xff00ff);
    DuplicateReport.Place black = place("test", 2, 0);
    DuplicateReport report =
        new DuplicateReport(
            List.of(named("train"), named("test")),
            12,
            List.of(
                new DuplicateReport.Match(red, darkRed, 10, false),
                new DuplicateReport.Match(violet, red, 12, true),
                new DuplicateReport.Match(black, red, 12, true)),
            List.of());

    ConfirmedDuplicates confirmed = ConfirmedDuplicates.of(report, COLOUR, CentralCrop.of(SIZE));

    assertThat(confirmed.cosines().get(0)).isEqualTo(1, within(1e-6));
    assertThat(confirmed.cosines().get(1)).isEqualTo(Math.sqrt(0.5), within(1e-6));
    assertThat(confirmed.cosines().get(2)).isZero();
    assertThat(confirmed.above(0.9).matches()).containsExactly(report.matches().get(0));
    assertThat(confirmed.above(0.7).matches()).hasSize(2);
    assertThat(confirmed.toString()).contains("0.707  " + violet.path() + " = " + red.path());
  }

  @Test
  void refusesRandomTransformsAndComparesNothingWhereNothingMatches() {
    DuplicateReport none =
        new DuplicateReport(List.of(named("train"), named("test")), 8, List.of(), List.of());

    assertThat(ConfirmedDuplicates.of(none, COLOUR, CentralCrop.of(SIZE)).cosines()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfirmedDuplicates.of(none, COLOUR, RandomCrop.of(SIZE)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ConfirmedDuplicates(none, List.of(1.0)));
  }
}
