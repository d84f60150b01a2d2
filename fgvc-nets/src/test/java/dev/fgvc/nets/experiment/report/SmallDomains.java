package dev.fgvc.nets.experiment.report;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.nets.experiment.Domains;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Two sources of three species and two targets of two, a few pictures each. */
final class SmallDomains {

  private SmallDomains() {}

  static PaperDomains draw(Path folder) throws IOException {
    Map<String, DatasetSplits> guide =
        FieldGuide.builder()
            .families(Family.BIRDS, Family.LEAVES)
            .speciesPerFamily(3)
            .maximumImages(16)
            .minimumImages(4)
            .validationImages(4)
            .target("birds", Family.BIRDS, 2, 4, 4)
            .target("leaves", Family.LEAVES, 2, 4, 4)
            .pixels(32)
            .seed(4)
            .build()
            .write(folder, Progress.none());
    DatasetSplits all = guide.get(FieldGuide.SOURCE);
    DatasetSplits animals = all.selectClasses("animals", new int[] {0, 1, 2});
    DatasetSplits plants = all.selectClasses("plants", new int[] {3, 4, 5});
    return new PaperDomains(
        animals,
        Domains.of(List.of(animals, plants), List.of(guide.get("birds"), guide.get("leaves"))));
  }
}
