package dev.fgvc.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutationFuzzerTest {

  private static final List<byte[]> SAMPLES =
      List.of("count 3\n1 2 3\n".getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;

  /** Trusts the count of a text file, but complains with the file's name. */
  private static void readTrustingly(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    String[] lines = text.split("\n");
    if (lines.length != 2 || !lines[0].startsWith("count ")) {
      throw new IllegalStateException(file + ": expected a count and a line of numbers");
    }
    long[] values = new long[Math.min(1 << 22, Integer.parseInt(lines[0].substring(6).strip()))];
    String[] words = lines[1].split(" ");
    for (int i = 0; i < values.length; i++) {
      values[i] = Long.parseLong(words[i]);
    }
  }

  private MutationFuzzer fuzzer() {
    return MutationFuzzer.of(folder.resolve("counted.txt"), MutationFuzzerTest::readTrustingly);
  }

  @Test
  void findsExceptionsThatAreNotDocumented() {
    assertThatThrownBy(() -> fuzzer().allowing(IllegalStateException.class).run(SAMPLES, 1000))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching("an exception that is not documented, file \\d+ of seed \\d+, kept .*")
        .hasCauseInstanceOf(RuntimeException.class);
  }

  @Test
  void findsMemoryTakenForWhatAFileClaims() {
    MutationFuzzer fuzzer =
        MutationFuzzer.of(
                folder.resolve("counted.txt"),
                file -> {
                  try {
                    readTrustingly(file);
                  } catch (RuntimeException e) {
                    throw new IllegalStateException(file + ": " + e, e);
                  }
                })
            .allowing(IllegalStateException.class);

    assertThatThrownBy(() -> fuzzer.run(SAMPLES, 2000)).hasMessageContaining("bytes of heap");
  }

  @Test
  void findsMessagesWithoutTheFile() {
    MutationFuzzer fuzzer =
        MutationFuzzer.of(
                folder.resolve("a.txt"),
                file -> {
                  if (Files.size(file) != SAMPLES.get(0).length) {
                    throw new IllegalStateException("another length");
                  }
                })
            .allowing(IllegalStateException.class);

    assertThatThrownBy(() -> fuzzer.run(SAMPLES, 1000))
        .hasMessageContaining("a message that does not name the file");
  }

  @Test
  void refusesSamplesThatCannotBeRead() {
    List<byte[]> broken = List.of("count x\n".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> fuzzer().allowing(IllegalStateException.class).run(broken, 1))
        .hasMessageContaining("a whole file is refused, sample 0");
  }

  @Test
  void countsWhatWasReadAndRefused() {
    MutationFuzzer.Outcome outcome =
        MutationFuzzer.of(
                folder.resolve("a.txt"),
                file -> {
                  if (Files.size(file) != SAMPLES.get(0).length) {
                    throw new IllegalStateException(file + ": another length");
                  }
                })
            .allowing(IllegalStateException.class)
            .run(SAMPLES, 1000);

    assertThat(outcome.files()).isEqualTo(1000);
    assertThat(outcome.read()).isPositive();
    assertThat(outcome.refused()).containsOnlyKeys("IllegalStateException");
    assertThat(outcome.read() + outcome.refused().get("IllegalStateException")).isEqualTo(1000);
  }
}
