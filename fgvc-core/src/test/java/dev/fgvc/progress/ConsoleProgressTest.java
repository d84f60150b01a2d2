package dev.fgvc.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.InOtherLocales;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

@InOtherLocales
class ConsoleProgressTest {

  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long now = 5 * SECOND;

  private final ConsoleProgress progress = new ConsoleProgress(out, SECOND, false, () -> now);

  @Test
  void tellsShareTimeAndTimeLeft() {
    progress.report("train", 20, 620, "loss 2");
    now += 12 * SECOND;
    progress.report("train", 140, 620, "loss 1");

    assertThat(text())
        .containsExactly("train 20/620 3% 0 s loss 2", "train 140/620 22% 12 s, 48 s left loss 1");
  }

  @Test
  void printsAtMostOneLineASecondButAlwaysTheLast() {
    for (int i = 1; i <= 100; i++) {
      progress.report("read", i, 100, "");
      now += SECOND / 50;
    }

    assertThat(text())
        .containsExactly(
            "read 1/100 1% 0 s", "read 51/100 51% 1 s, 1 s left", "read 100/100 100% 2 s");
  }

  @Test
  void aTaskThatIsLeftShowsItsLastReport() {
    progress.report("a", 1, 10, "");
    progress.report("a", 2, 10, "");
    progress.report("b", 1, -1, "");

    assertThat(text()).containsExactly("a 1/10 10% 0 s", "a 2/10 20% 0 s, 0 s left", "b 1 0 s");
  }

  @Test
  void aTaskMayComeAgain() {
    progress.report("epoch", 1, 1, "");
    now += 60 * SECOND;
    progress.report("epoch", 1, 1, "");

    assertThat(text()).containsExactly("epoch 1/1 100% 0 s", "epoch 1/1 100% 0 s");
  }

  @Test
  void overwritesALineOnlyWhenAsked() {
    ConsoleProgress console = new ConsoleProgress(out, 0, true, () -> now);
    console.report("a", 1, 2, "long note");
    console.report("a", 2, 2, "");

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo("\ra 1/2 50% 0 s long note\ra 2/2 100% 0 s         " + System.lineSeparator());
  }

  @Test
  void longTimesAreToldInMinutesAndHours() {
    progress.report("x", 0, 2, "");
    now += 125 * SECOND;
    progress.report("x", 1, 2, "");
    now += 7200 * SECOND;
    progress.report("x", 2, 2, "");

    assertThat(text())
        .containsExactly(
            "x 0/2 0% 0 s", "x 1/2 50% 2 min 5 s, 2 min 5 s left", "x 2/2 100% 2 h 2 min");
  }

  private String[] text() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toArray(String[]::new);
  }
}
