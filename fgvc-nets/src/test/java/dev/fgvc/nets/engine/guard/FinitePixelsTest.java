package dev.fgvc.nets.engine.guard;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Images;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FinitePixelsTest {

  private static final Resolution WIDE = new Resolution(4, 5);

  private final FloatBuffer pixels = Images.allocate(3, WIDE);
  private final Images images = new Images(pixels, 3, WIDE);

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void namesThePlaceOfAPixelThatIsNoNumber(float value) {
    pixels.put(((2 * 3 + 1) * 4 + 3) * 5 + 2, value);

    assertThatThrownBy(() -> FinitePixels.require(images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("image 2 of the batch: channel 1 of row 3, column 2 is " + value);
  }

  @Test
  void takesAllNumbers() {
    pixels.put(7, -Float.MAX_VALUE);
    pixels.put(8, Float.MIN_VALUE);

    assertThatCode(() -> FinitePixels.require(images)).doesNotThrowAnyException();
  }
}
