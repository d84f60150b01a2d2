package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.TensorFile;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.nets.weights.WeightsFormatException;
import dev.fgvc.testing.MutationFuzzer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged checkpoints, with their checksum and past it. */
class CheckpointFuzzTest {

  private static final int FILES = 250;
  private static final String SEPARATOR = "\n";

  @TempDir private Path folder;

  @Test
  void aDamagedFileIsRefused() throws IOException {
    Path file = folder.resolve("x.safetensors");
    checkpoint().toFile().write(file);
    byte[] whole = Files.readAllBytes(file);

    fuzzer(file).run(List.of(whole), MutationFuzzer.files(FILES));
  }

  /** The texts of a checkpoint under a right checksum: one a line, name and value. */
  @Test
  void damagedTextsUnderARightChecksumAreReadOrRefused() throws IOException {
    Path file = folder.resolve("x.safetensors");
    TensorFile whole = checkpoint().toFile();
    StringBuilder lines = new StringBuilder();
    whole.texts().forEach((name, text) -> lines.append(name).append('=').append(text).append('\n'));

    MutationFuzzer.Outcome outcome =
        fuzzer(file)
            .withWords("position=", "updates=", "run/", "null", "\"listeners\":", "\"losses\":[")
            .packedBy(content -> withTexts(whole, content))
            .run(
                List.of(lines.toString().getBytes(StandardCharsets.UTF_8)),
                MutationFuzzer.files(FILES));

    assertThat(outcome.read()).isPositive();
  }

  private static MutationFuzzer fuzzer(Path file) {
    return MutationFuzzer.of(
            file,
            damaged -> {
              TensorFile content = TensorFile.read(damaged);
              try {
                Checkpoint.of(content);
              } catch (IllegalArgumentException e) {
                // the folder of checkpoints puts the file before it
                throw new IllegalArgumentException(damaged + ": " + e.getMessage(), e);
              }
            })
        .allowing(WeightsFormatException.class)
        .allowing(IllegalArgumentException.class);
  }

  private byte[] withTexts(TensorFile whole, byte[] content) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String line : new String(content, StandardCharsets.UTF_8).split(SEPARATOR)) {
      int end = line.indexOf('=');
      if (end > 0 && !line.startsWith("crc32c=")) {
        texts.put(line.substring(0, end), line.substring(end + 1));
      }
    }
    try {
      Path file = folder.resolve("packed.safetensors");
      new TensorFile(whole.tensors(), texts).write(file);
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Checkpoint checkpoint() {
    Weights weights =
        Weights.of(Map.of("tiny/weights", WeightTensor.of(List.of(2), new float[] {1, 2})));
    return new Checkpoint(
        new RunIdentity(Map.of("network", "tiny", "seed", "1")),
        new Checkpoint.Position(1, 2, 3, 3, "0x1.8p0", List.of("0x1.0p0"), false, List.of("a")),
        new TrainingState(weights, Optional.of(weights), Map.of("momentum", weights), 3, 3));
  }
}
