package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.experiment.FrozenHeadStudy.Method;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrozenHeadStudyTest {

  private static final Resolution SIZE = Resolution.square(16);

  @TempDir private Path folder;

  private List<DatasetSplits> targets() throws IOException {
    Map<String, DatasetSplits> guide =
        FieldGuide.builder()
            .families(Family.BIRDS)
            .speciesPerFamily(2)
            .maximumImages(4)
            .minimumImages(4)
            .target("beetles", Family.BEETLES, 3, 6, 4)
            .target("cars", Family.CARS, 3, 6, 4)
            .pixels(24)
            .variation(0)
            .build()
            .write(folder.resolve("guide"), Progress.none());
    return List.of(guide.get("beetles"), guide.get("cars"));
  }

  /** The first pixels of an image, each times some factor. */
  private static Backbone pixels(int count, float factor) {
    return new Backbone() {
      @Override
      public int featureDimension() {
        return count;
      }

      @Override
      public FMatrixRMaj features(ImageBatch images) {
        FMatrixRMaj features = new FMatrixRMaj(images.count(), count);
        for (int i = 0; i < images.count(); i++) {
          for (int k = 0; k < count; k++) {
            int middle = i * 3 * SIZE.pixels() + SIZE.pixels() / 2 + k;
            features.set(i, k, factor * ((Images) images).pixels().get(middle));
          }
        }
        return features;
      }
    };
  }

  @Test
  void aHeadThatSeesNothingDoesWorseByBothClassifiers() throws IOException {
    List<String> reports = new ArrayList<>();
    FrozenHeadStudy.Result result =
        FrozenHeadStudy.run(
            new Method("pixels", pixels(16, 1)),
            List.of(new Method("nothing", pixels(1, 0)), new Method("same", pixels(16, 1))),
            SIZE,
            targets(),
            (task, done, total, note) -> reports.add(task + " " + done + "/" + total));

    // Three heads see 2 x 3 x (6 + 4) images each.
    assertThat(reports)
        .startsWith("features of images 0/180")
        .endsWith("features of images 180/180");
    assertThat(result.table().rows())
        .extracting(ResultTable.Row::label)
        .containsExactly("pixels", "nothing", "same");
    assertThat(result.table().columns()).hasSize(4);
    assertThat(result.directions())
        .extracting(Direction::claim)
        .containsExactly(
            "nothing does better than pixels (linear probe, mean over targets)",
            "nothing does better than pixels (k-NN, mean over targets)",
            "same does better than pixels (linear probe, mean over targets)",
            "same does better than pixels (k-NN, mean over targets)");
    List<Double> margins =
        result.directions().stream().map(claim -> claim.margin().mean()).toList();
    assertThat(margins.subList(0, 2)).allSatisfy(margin -> assertThat(margin).isNegative());
    assertThat(margins.subList(2, 4)).containsOnly(0.0);
    assertThat(result.directions().get(0).verdict()).isEqualTo(Direction.Verdict.CONTRADICTED);
    assertThat(result.directions().get(2).verdict()).isEqualTo(Direction.Verdict.NOT_SHOWN);
  }

  @Test
  void refusesToCompareNothing() throws IOException {
    Method plain = new Method("pixels", pixels(1, 1));
    List<DatasetSplits> targets = targets();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrozenHeadStudy.run(plain, List.of(), SIZE, targets, Progress.none()))
        .withMessage("0 heads and 2 targets: at least one of each");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> FrozenHeadStudy.run(plain, List.of(plain), SIZE, List.of(), Progress.none()));
  }
}
