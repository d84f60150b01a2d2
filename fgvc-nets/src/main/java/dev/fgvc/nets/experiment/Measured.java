package dev.fgvc.nets.experiment;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;
import java.util.List;

/**
 * The results of one measurement with compiled networks.
 *
 * @param errors of classifiers
 * @param scores other numbers
 */
record Measured(List<Errors> errors, List<Double> scores) {

  /** NaN and infinity are results too. */
  private static final Gson GSON =
      new GsonBuilder().serializeSpecialFloatingPointValues().disableHtmlEscaping().create();

  Measured {
    errors = List.copyOf(errors);
    scores = List.copyOf(scores);
  }

  static Measured of(Errors... errors) {
    return new Measured(List.of(errors), List.of());
  }

  /** The form in which results are kept; numbers are read back to the last bit. */
  private record Kept(List<Ranks> errors, List<Double> scores) {}

  private record Ranks(int classes, int[] labels, int[] ranks) {}

  String toJson() {
    return GSON.toJson(
        new Kept(
            errors.stream()
                .map(Errors::outcomes)
                .map(each -> new Ranks(each.classCount(), each.labels(), each.ranks()))
                .toList(),
            scores));
  }

  static Measured fromJson(String json) {
    Kept kept = GSON.fromJson(json, Kept.class);
    return new Measured(
        kept.errors().stream()
            .map(each -> new Errors(Outcomes.ofRanks(each.ranks(), each.labels(), each.classes())))
            .toList(),
        kept.scores());
  }
}
