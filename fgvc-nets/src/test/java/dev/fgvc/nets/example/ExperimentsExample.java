package dev.fgvc.nets.example;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.experiment.Domains;
import dev.fgvc.nets.experiment.Laboratory;
import dev.fgvc.nets.experiment.TrainingPlan;
import dev.fgvc.nets.experiment.TransferStudy;
import dev.fgvc.progress.ConsoleProgress;
import java.nio.file.Path;

/** The code of docs/experiments.md, compiled; {@link DocumentationTest} keeps the two equal. */
final class ExperimentsExample {

  private ExperimentsExample() {}

  static TransferStudy.Result transfer(TransferStudy.Settings settings, Domains domains) {
    // guide: begin
    Laboratory laboratory =
        Laboratory.of(Engine.torch(), TrainingPlan.paper(90, 5, 60), ConsoleProgress.to(System.out))
            .withDevices(Device.cuda(0), Device.cuda(1))
            .withPrecision(Precision.BF16)
            .withFolder(Path.of("work"));
    Laboratory rehearsal = laboratory.rehearsal();
    TransferStudy.run(rehearsal, settings, domains); // seconds: nothing is computed
    System.out.println(rehearsal.timedCost()); // "40 trainings on ... images, ..., about 31.5 h"
    TransferStudy.Result result = TransferStudy.run(laboratory, settings, domains);
    // guide: end
    return result;
  }
}
