package dev.fgvc.nets.eval;

import com.google.common.base.Joiner;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The result of classifying a photo.
 *
 * @param photo its file
 * @param guesses the most likely classes, the likeliest first; none for a photo that is damaged
 * @param problem what is wrong with the file; empty for a whole one
 */
public record Classification(Path photo, List<Guess> guesses, Optional<String> problem) {

  /** Copies the guesses. */
  public Classification {
    guesses = List.copyOf(guesses);
  }

  /** Such as {@code bird.jpg: Laysan Albatross 93.1 %, Sooty Albatross 4.2 %}, or the problem. */
  @Override
  public String toString() {
    return problem.orElseGet(() -> photo + ": " + Joiner.on(", ").join(guesses));
  }
}
