package dev.fgvc.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.benchmarks.Settings;
import dev.fgvc.image.Resolution;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstLogitsTest {

  @TempDir Path folder;

  @Test
  void drawsAnImageOfValuesFromMinusOneToOne() {
    FloatBuffer pixels = FirstLogits.pixels(Resolution.square(75));

    assertThat(pixels.capacity()).isEqualTo(3 * 75 * 75);
    assertThat(new float[] {pixels.get(0), pixels.get(1), pixels.get(2)})
        .containsExactly(-1, 0.838f, 0.676f);
    float[] all = new float[pixels.capacity()];
    pixels.get(0, all);
    for (float value : all) {
      assertThat(value).isBetween(-1f, 1f);
    }
  }

  @Test
  void isPreparedFromSettingsAndNamesAFileOfWeightsThatIsNotThere() throws Exception {
    String weights = folder.resolve("lost.safetensors").toString();

    try (Work work =
        Works.prepare("first-logits", new Settings(Map.of("weights", weights, "side", "75")))) {
      assertThat(work).isEqualTo(new FirstLogits(Path.of(weights), Resolution.square(75)));
      assertThatThrownBy(work::run).hasMessageContaining("lost.safetensors");
    }
  }
}
