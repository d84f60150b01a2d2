package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.testing.NpyFloats;
import dev.fgvc.testing.SharedFiles;
import java.io.IOException;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColourTest {

  private static final Offset<Float> ROUNDING = within(1e-5f);

  @ParameterizedTest
  @CsvSource({
    "saturation_0.5, 0, 0.5",
    "saturation_1.5, 0, 1.5",
    "brightness_plus_0.1, 0.1, 1",
    "brightness_minus_0.1, -0.1, 1",
    "fast_ordering_0, 0.1, 1.4"
  })
  void changesColoursAsTensorFlowDoes(String name, float brightness, float saturation)
      throws IOException {
    float[] input = NpyFloats.read(SharedFiles.require("fixtures/preprocess/colour.input.npy"));
    float[] expected =
        NpyFloats.read(SharedFiles.require("fixtures/preprocess/colour." + name + ".npy"));
    int pixels = input.length / 3;
    float[][] row = new float[3][pixels];
    for (int i = 0; i < input.length; i++) {
      row[i % 3][i / 3] = input[i] * 255;
    }

    new Colour(brightness, saturation).finish(row, new float[2][row[0].length], row[0].length);

    for (int i = 0; i < input.length; i++) {
      float clipped = Math.max(0, Math.min(1, expected[i]));
      assertThat(row[i % 3][i / 3]).isCloseTo(2 * clipped - 1, ROUNDING);
    }
  }

  @Test
  void saturationMovesChannelsAwayFromTheLargest() {
    float[] red = {204};
    float[] green = {153};
    float[] blue = {102};

    new Colour(0, 1.5f)
        .finish(new float[][] {red, green, blue}, new float[2][red.length], red.length);

    // 0.8, 0.6, 0.4 have saturation 0.5, which becomes 0.75: 0.8, 0.5, 0.2.
    assertThat(red[0]).isCloseTo(0.6f, ROUNDING);
    assertThat(green[0]).isCloseTo(0, ROUNDING);
    assertThat(blue[0]).isCloseTo(-0.6f, ROUNDING);
  }

  @Test
  void blackAndGreyStayGreyAtAnySaturation() {
    float[] red = {0, 127.5f};
    float[] green = red.clone();
    float[] blue = red.clone();

    new Colour(0, 0.5f)
        .finish(new float[][] {red, green, blue}, new float[2][red.length], red.length);

    assertThat(red).containsExactly(new float[] {-1, 0}, within(1e-6f));
    assertThat(green).isEqualTo(red);
    assertThat(blue).isEqualTo(red);
  }

  @Test
  void brightnessIsClippedAtTheEnd() {
    float[] red = {250, 5};
    float[] green = {250, 5};
    float[] blue = {250, 5};

    new Colour(0.1f, 1)
        .finish(new float[][] {red, green, blue}, new float[2][red.length], red.length);

    assertThat(red[0]).isEqualTo(1);
    assertThat(red[1]).isCloseTo(2 * (5 / 255f + 0.1f) - 1, ROUNDING);
  }
}
