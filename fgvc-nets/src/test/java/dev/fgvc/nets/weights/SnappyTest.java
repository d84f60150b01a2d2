package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks put together by hand after the format's description. */
class SnappyTest {

  private static final int LITERAL = 0;
  private static final int SHORT_COPY = 1;
  private static final int COPY = 2;
  private static final int FAR_COPY = 3;

  @Test
  void everyKindOfElementIsRead() {
    byte[] block = {
      16,
      3 << 2 | LITERAL,
      'a',
      'b',
      'c',
      'd',
      0 << 2 | SHORT_COPY,
      4, // 4 bytes from 4 before
      1 << 2 | COPY,
      1,
      0, // 2 bytes from 1 before, over its own output
      5 << 2 | FAR_COPY,
      10,
      0,
      0,
      0 // 6 bytes from 10 before
    };

    assertThat(text(block)).contains("abcdabcdddabcdab");
  }

  @Test
  void aShortCopyHasElevenBitsOfDistance() {
    byte[] block = new byte[2 + 3 + 300 + 2];
    block[0] = (byte) (304 & 0x7f | 0x80);
    block[1] = (byte) (304 >> 7);
    block[2] = (byte) (61 << 2); // a literal whose length takes two bytes
    block[3] = (byte) (299 & 0xff);
    block[4] = (byte) (299 >> 8);
    for (int i = 0; i < 300; i++) {
      block[5 + i] = (byte) ('a' + i % 26);
    }
    block[305] = (byte) (300 >> 8 << 5 | SHORT_COPY);
    block[306] = (byte) (300 & 0xff);

    assertThat(text(block).orElseThrow()).hasSize(304).endsWith("mnabcd");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // no length
        "ff", // no end of the length
        "ffffffffff7f", // a length of more than 32 bits
        "0500", // a literal without its byte
        "0208610161", // a literal longer than the block
        "04006102", // a copy without its distance
        "0600610101", // shorter than declared
        "0500610500", // a copy from before the start by distance 0
        "0500610502", // a copy from before the start
        "0300610901", // a copy beyond the end
        "ffff7f0061" // more than so few bytes can hold
      })
  void damagedBlocksAreNotRead(String hexadecimal) {
    assertThat(Snappy.decompress(ByteBuffer.wrap(HexFormat.of().parseHex(hexadecimal)))).isEmpty();
  }

  @Test
  void noiseNeverEscapes() {
    Random random = new Random(99);
    for (int round = 0; round < 20_000; round++) {
      byte[] noise = new byte[1 + random.nextInt(24)];
      random.nextBytes(noise);
      Snappy.decompress(ByteBuffer.wrap(noise))
          .ifPresent(output -> assertThat(output.remaining()).isLessThan(22 * 24));
    }
  }

  private static Optional<String> text(byte[] block) {
    return Snappy.decompress(ByteBuffer.wrap(block))
        .map(output -> StandardCharsets.US_ASCII.decode(output).toString());
  }
}
