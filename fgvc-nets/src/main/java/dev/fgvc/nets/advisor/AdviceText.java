package dev.fgvc.nets.advisor;

import dev.fgvc.emd.SimilarityInterval;
import java.util.Locale;
import java.util.stream.Collectors;

/** An advice as plain text. */
final class AdviceText {

  private static final int CLOSEST = 5;

  private AdviceText() {}

  static String of(SourceAdvice advice) {
    StringBuilder text = new StringBuilder();
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
    for (SourceComparison source : advice.sources()) {
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
    for (SourceComparison source : advice.sources()) {
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
