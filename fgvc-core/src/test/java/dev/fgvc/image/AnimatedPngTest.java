package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.random.SplitMix64;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Animations of two frames, of which the default image may be the first or a third picture. */
class AnimatedPngTest {

  private static final int SIDE = 9;
  private static final int RED = 0xff0000;
  private static final int GREEN = 0x00ff00;
  private static final int BLUE = 0x0000ff;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theDefaultImageIsTaken(boolean isFirstFrame) throws IOException {
    float[] pixels = new float[3 * SIDE * SIDE];
    CentralCrop.of(Resolution.square(SIDE))
        .apply(
            animation(isFirstFrame, 2),
            Path.of("animated.png"),
            new SplitMix64(1),
            FloatBuffer.wrap(pixels));

    float[] red = new float[pixels.length];
    Arrays.fill(red, -1);
    Arrays.fill(red, 0, SIDE * SIDE, 1);
    assertThat(pixels).isEqualTo(red);
  }

  @Test
  void itsFileIsThatOfThePictureAlone() throws IOException {
    assertThat(PngAnimation.defaultImage(animation(false, 2))).isEqualTo(png(RED));
    assertThat(PngAnimation.defaultImage(animation(true, 2))).isEqualTo(png(RED));
    byte[] still = png(RED);
    assertThat(PngAnimation.defaultImage(still)).isSameAs(still);
  }

  @Test
  void truncatedAnimationsAreRefused() throws IOException {
    byte[] whole = animation(true, 2);
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatExceptionOfType(ImageFormatException.class)
          .as("%d of %d bytes", length, whole.length)
          .isThrownBy(() -> ImageHeader.parse(part, Path.of("x")));
    }
  }

  private static byte[] animation(boolean startsWithDefault, int frames) throws IOException {
    byte[] red = png(RED);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(red, 0, 33); // signature and IHDR
    file.writeBytes(chunk("acTL", ByteBuffer.allocate(8).putInt(frames).putInt(0)));
    int number = 0;
    if (startsWithDefault) {
      file.writeBytes(frameControl(number++));
    }
    file.write(red, 33, red.length - 33 - 12); // without IEND
    for (int frame = startsWithDefault ? 1 : 0; frame < frames; frame++) {
      byte[] data = data(png(frame == 0 ? GREEN : BLUE));
      file.writeBytes(frameControl(number++));
      file.writeBytes(
          chunk("fdAT", ByteBuffer.allocate(4 + data.length).putInt(number++).put(data)));
    }
    file.write(red, red.length - 12, 12);
    return file.toByteArray();
  }

  /** A frame as large as the image, shown for a tenth of a second. */
  private static byte[] frameControl(int number) {
    ByteBuffer control = ByteBuffer.allocate(26).putInt(number).putInt(SIDE).putInt(SIDE);
    return chunk("fcTL", control.putInt(0).putInt(0).putShort((short) 1).putShort((short) 10));
  }

  private static byte[] png(int colour) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < SIDE * SIDE; i++) {
      image.setRGB(i % SIDE, i / SIDE, colour);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  /** The content of the one chunk between IHDR and IEND. */
  private static byte[] data(byte[] png) {
    assertThat(new String(png, 37, 4, StandardCharsets.US_ASCII)).isEqualTo("IDAT");
    return Arrays.copyOfRange(png, 41, 41 + ByteBuffer.wrap(png).getInt(33));
  }

  private static byte[] chunk(String type, ByteBuffer content) {
    byte[] typed =
        ByteBuffer.allocate(4 + content.capacity())
            .put(type.getBytes(StandardCharsets.US_ASCII))
            .put(content.array())
            .array();
    CRC32 checksum = new CRC32();
    checksum.update(typed);
    return ByteBuffer.allocate(8 + typed.length)
        .putInt(content.capacity())
        .put(typed)
        .putInt((int) checksum.getValue())
        .array();
  }
}
