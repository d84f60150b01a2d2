package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.VariableScope;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The report of starting a network from given weights: every variable of the network is in one of
 * the first three lists, everything else that the weights hold is in the fourth.
 *
 * @param matched variables that were taken over
 * @param missing variables of the network that the weights do not have; they start fresh
 * @param reshaped variables that the weights have in another shape, such as a last layer for other
 *     classes; they start fresh
 * @param unused tensors of the weights that the network does not use, under the weights' own names
 * @param remarks what was done to the values on the way, and what to mind, in sentences
 */
public record ImportReport(
    List<String> matched,
    List<String> missing,
    List<String> reshaped,
    List<String> unused,
    List<String> remarks) {

  private static final int NAMES_SHOWN = 8;

  /** Copies the lists. */
  public ImportReport {
    matched = List.copyOf(matched);
    missing = List.copyOf(missing);
    reshaped = List.copyOf(reshaped);
    unused = List.copyOf(unused);
    remarks = List.copyOf(remarks);
  }

  /**
   * Whether every variable of the network was taken over.
   *
   * @return true if nothing starts fresh
   */
  public boolean isComplete() {
    return missing.isEmpty() && reshaped.isEmpty();
  }

  /**
   * Refuses an import that left more fresh than was meant to be.
   *
   * @param scopes what may start fresh, as {@link VariableScope} takes names apart: {@code Logits}
   *     allows {@code InceptionV3/Logits/Conv2d_1c_1x1/weights} but nothing of {@code AuxLogits};
   *     none allows nothing
   * @return this report
   * @throws IllegalArgumentException if a scope is empty, or naming the first variable that starts
   *     fresh elsewhere
   */
  public ImportReport requireFreshOnlyIn(String... scopes) {
    List<VariableScope> fresh = Arrays.stream(scopes).map(VariableScope::new).toList();
    Stream.concat(missing.stream(), reshaped.stream())
        .filter(name -> fresh.stream().noneMatch(scope -> scope.holds(name)))
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  String.format(
                      Locale.ROOT,
                      "'%s' %s the weights; only %s may start fresh. %s",
                      name,
                      missing.contains(name) ? "is missing from" : "has another shape in",
                      Arrays.toString(scopes),
                      this));
            });
    return this;
  }

  /** Counts, the first names of each list, and the remarks. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("matched " + matched.size());
    append(text, "missing", missing);
    append(text, "of another shape", reshaped);
    append(text, "unused", unused);
    remarks.forEach(remark -> text.append("; ").append(remark));
    return text.toString();
  }

  private static void append(StringBuilder text, String what, List<String> names) {
    text.append(", ").append(what).append(' ').append(names.size());
    if (!names.isEmpty()) {
      text.append(": ")
          .append(String.join(" ", names.subList(0, Math.min(NAMES_SHOWN, names.size()))));
      text.append(names.size() > NAMES_SHOWN ? " ..." : "");
    }
  }
}
