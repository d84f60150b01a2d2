package dev.fgvc.nets.experiment.report;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.experiment.ExperimentCost;
import dev.fgvc.nets.experiment.TrainingPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The circumstances of a report: what a reader needs to judge its numbers.
 *
 * @param computed all work of the experiments
 * @param times of the experiments, by their names
 */
record Circumstances(
    PaperSettings settings, PaperDomains data, ExperimentCost computed, Map<String, String> times) {

  /** The facts as texts, by name, in the order of the report. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("long-tailed data", describe(data.longTailed()));
    facts.put("sources", describe(data.domains().sources()));
    facts.put("targets", describe(data.domains().targets()));
    facts.put(
        "networks",
        settings.networks().stream()
            .map(network -> network.label() + ": " + network.description())
            .collect(Collectors.joining("; ")));
    facts.put("start", settings.plan().start().isPresent() ? "given weights" : "random weights");
    facts.put("training", training(settings.plan()));
    facts.put("seeds", settings.seeds().toString());
    facts.put(
        "numbers",
        "estimates with 95 % intervals over seeds, classes and images; where there are no images to"
            + " draw, mean ± sample standard deviation over the seeds");
    facts.put("computed", computed.toString());
    facts.put(
        "times",
        times.entrySet().stream()
            .map(time -> time.getKey() + " " + time.getValue())
            .collect(Collectors.joining(", ")));
    return facts;
  }

  private static String training(TrainingPlan plan) {
    TrainingOptions options = plan.preTraining().options();
    return String.format(
        Locale.ROOT,
        "%d epochs%s for every source, batches of %d; %d epochs of fine-tuning,"
            + " batches of %d; batch norm decay %s; %s; in %s",
        plan.preTraining().epochs(),
        plan.referenceImages() == 0 ? "" : " of " + plan.referenceImages() + " images",
        plan.preTraining().batchSize(),
        plan.fineTuning().epochs(),
        plan.fineTuning().batchSize(),
        plan.batchNormDecay().isPresent() ? plan.batchNormDecay().getAsDouble() : "as the authors'",
        options.optimizer(),
        options.bfloat16() ? "bfloat16 where the device has it" : "float32");
  }

  private static String describe(List<DatasetSplits> domains) {
    return domains.stream().map(Circumstances::describe).collect(Collectors.joining("; "));
  }

  private static String describe(DatasetSplits splits) {
    return String.format(
        Locale.ROOT,
        "%s (%s, %d for validation)",
        splits.name(),
        splits.train().histogram(),
        splits.validation().size());
  }
}
