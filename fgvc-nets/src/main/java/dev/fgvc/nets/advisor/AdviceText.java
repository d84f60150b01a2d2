package dev.fgvc.nets.advisor;

import dev.fgvc.emd.SimilarityInterval;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An advice as plain text. */
final class AdviceText {

  private static final int CLOSEST = 5;

  private AdviceText() {}

  static String answer(SourceAdvice advice) {
    ComparedSource first = advice.sources().get(0);
    StringBuilder answer = new StringBuilder();
    answer.append(
        String.format(
            Locale.ROOT,
            "%s is most similar to %s: similarity %.3f%s",
            first.name(),
            advice.target(),
            first.similarity(),
            first
                .interval()
                .map(each -> String.format(Locale.ROOT, " (%s)", interval(each)))
                .orElse("")));
    List<String> rivals =
        advice.sources().stream()
            .skip(1)
            .filter(other -> overlap(first, other))
            .map(ComparedSource::name)
            .toList();
    if (!rivals.isEmpty()) {
      answer.append(
          String.format(
              Locale.ROOT,
              "; the interval of %s overlaps with it, so more images may change the order",
              String.join(", ", rivals)));
    }
    ClassSelection selection = advice.selection();
    ClassSelection.Size size =
        selection.sizes().stream()
            .filter(each -> each.k() == selection.k())
            .findFirst()
            .orElseThrow();
    return answer
        + String.format(
            Locale.ROOT,
            ". To train on: the %d classes of all sources that are closest, with %.0f images and"
                + " similarity %.3f.",
            size.k(),
            size.images(),
            size.similarity());
  }

  private static boolean overlap(ComparedSource first, ComparedSource other) {
    return first.interval().isPresent()
        && other.interval().isPresent()
        && other.interval().get().highSimilarity() > first.interval().get().lowSimilarity();
  }

  static String of(SourceAdvice advice) {
    StringBuilder text = new StringBuilder();
    text.append(line("%s", answer(advice)));
    text.append(
        line(
            "Sources for %s (%d classes, %.0f images), the most similar first; gamma %.3g",
            advice.target(), advice.targetClasses(), advice.targetImages(), advice.gamma()));
    text.append(
        line(
            "%-24s %8s %9s %9s %11s  %s",
            "source",
            "classes",
            "images",
            "EMD",
            "similarity",
            String.format(Locale.ROOT, "%.0f %% interval", 100 * advice.level())));
    for (ComparedSource source : advice.sources()) {
      text.append(
          line(
              "%-24s %8d %9.0f %9.4g %11.3f  %s",
              source.name(),
              source.classes(),
              source.images(),
              source.emd(),
              source.similarity(),
              source.interval().map(AdviceText::interval).orElse("-")));
    }
    for (ComparedSource source : advice.sources()) {
      text.append(
          line(
              "closest in %s: %s",
              source.name(),
              source.closest().stream()
                  .limit(CLOSEST)
                  .map(
                      each -> String.format(Locale.ROOT, "%s %.3f", each.name(), each.similarity()))
                  .collect(Collectors.joining(", "))));
    }
    ClassSelection selection = advice.selection();
    text.append(line("%6s %9s %9s %11s", "k", "images", "EMD", "similarity"));
    for (ClassSelection.Size size : selection.sizes()) {
      text.append(
          line(
              "%6d %9.0f %9.4g %11.3f%s",
              size.k(),
              size.images(),
              size.emd(),
              size.similarity(),
              size.k() == selection.k() ? "  <- as many images as stay close" : ""));
    }
    return text.toString();
  }

  private static String interval(SimilarityInterval interval) {
    return String.format(
        Locale.ROOT, "%.3f to %.3f", interval.lowSimilarity(), interval.highSimilarity());
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values).stripTrailing() + "\n";
  }
}
