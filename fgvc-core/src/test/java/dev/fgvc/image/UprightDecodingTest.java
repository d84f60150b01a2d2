package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.random.SplitMix64;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form that an orientation is written in, and what it means after turning. */
class UprightDecodingTest {

  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int BYTE = 1;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder BIG = ByteOrder.BIG_ENDIAN;

  @TempDir Path folder;

  private static byte[] tiff(int value, ByteOrder order, int type, int directory) {
    ByteBuffer bytes = ByteBuffer.allocate(directory + 18).order(order);
    bytes.putShort((short) (order == LITTLE ? 0x4949 : 0x4D4D)).putShort((short) 42);
    bytes.putInt(directory).position(directory).putShort((short) 1);
    bytes.putShort((short) 0x0112).putShort((short) type).putInt(1);
    switch (type) {
      case SHORT -> bytes.putShort((short) value);
      case BYTE -> bytes.put((byte) value);
      default -> bytes.putInt(value);
    }
    return bytes.array();
  }

  private static byte[] exif(byte[] tiff) {
    return joined("Exif\0\0".getBytes(StandardCharsets.US_ASCII), tiff);
  }

  private static byte[] xmp(String content) {
    return ("http://ns.adobe.com/xap/1.0/\0" + content).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] jpegWith(byte[] jpeg, byte[]... segments) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(jpeg, 0, 2);
    for (byte[] segment : segments) {
      ByteBuffer start = ByteBuffer.allocate(4);
      start.putShort((short) 0xFFE1).putShort((short) (segment.length + 2));
      all.writeBytes(start.array());
      all.writeBytes(segment);
    }
    all.write(jpeg, 2, jpeg.length - 2);
    return all.toByteArray();
  }

  /** After the header's chunk. */
  private static byte[] pngWith(byte[] png, String type, byte[] content) {
    byte[] typed = joined(type.getBytes(StandardCharsets.US_ASCII), content);
    CRC32 checksum = new CRC32();
    checksum.update(typed);
    return joined(
        java.util.Arrays.copyOf(png, 33),
        ByteBuffer.allocate(4).putInt(content.length).array(),
        typed,
        ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array(),
        java.util.Arrays.copyOfRange(png, 33, png.length));
  }

  static Stream<Arguments> jpegForms() {
    List<Arguments> forms = new ArrayList<>();
    for (int value = 1; value <= 8; value++) {
      forms.add(jpeg(value, exif(tiff(value, LITTLE, SHORT, 8))));
      forms.add(jpeg(value, exif(tiff(value, BIG, SHORT, 8))));
    }
    byte[] six = exif(tiff(6, LITTLE, SHORT, 8));
    byte[] one = exif(tiff(1, LITTLE, SHORT, 8));
    byte[] silent = exif(new byte[] {'I', 'I', 42, 0, 8, 0, 0, 0, 0, 0});
    byte[] says8 = xmp("<x tiff:Orientation=\"8\"/>");
    forms.add(jpeg(6, exif(tiff(6, LITTLE, LONG, 8))));
    forms.add(jpeg(6, exif(tiff(6, BIG, LONG, 8))));
    // EXIF knows no orientation of one byte; Pillow passes it over too.
    forms.add(jpeg(1, exif(tiff(6, LITTLE, BYTE, 8))));
    forms.add(jpeg(1, exif(tiff(6, BIG, BYTE, 8))));
    forms.add(jpeg(6, exif(tiff(6, LITTLE, SHORT, 64))));
    forms.add(jpeg(6, exif(tiff(6, BIG, SHORT, 60_000))));
    forms.add(jpeg(6, xmp("<x/>"), six));
    forms.add(jpeg(6, six, xmp("<x/>")));
    forms.add(jpeg(6, says8, six));
    forms.add(jpeg(6, six, one));
    forms.add(jpeg(1, one, six));
    forms.add(jpeg(1, silent, six));
    forms.add(jpeg(8, silent, says8));
    forms.add(jpeg(8, says8));
    forms.add(jpeg(8, xmp("<tiff:Orientation>8</tiff:Orientation>")));
    forms.add(jpeg(1, xmp("<x tiff:Orientation=\"9\"/>")));
    forms.add(jpeg(1, exif(tiff(0, LITTLE, SHORT, 8))));
    forms.add(jpeg(1, exif(tiff(9, BIG, SHORT, 8))));
    forms.add(jpeg(1, exif(tiff(70_006, LITTLE, LONG, 8))));
    forms.add(jpeg(1, exif(new byte[0])));
    return forms.stream();
  }

  private static Arguments jpeg(int orientation, byte[]... segments) {
    return Arguments.of(orientation, segments);
  }

  @ParameterizedTest(name = "{0}, form {index}")
  @MethodSource("jpegForms")
  void jpegsAreTurnedAsTheyTell(int orientation, byte[][] segments) throws IOException {
    byte[] plain = SampleImages.encoded("jpeg", 40, 64);
    assertTurned(plain, jpegWith(plain, segments), orientation);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void pngsAreTurnedAsTheirChunkTells(int orientation) throws IOException {
    byte[] plain = SampleImages.encoded("png", 40, 64);
    byte[] tiff = tiff(orientation, BIG, SHORT, 8);
    assertTurned(plain, pngWith(plain, "eXIf", tiff), orientation);
    assertTurned(plain, pngWith(plain, "eXIf", exif(tiff)), orientation);
    String text = "XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation='" + orientation + "'/>";
    byte[] xmp = text.getBytes(StandardCharsets.US_ASCII);
    assertTurned(plain, pngWith(plain, "iTXt", xmp), orientation);
  }

  /** Writes a profile as ImageMagick does: two lines of name and length, then digits. */
  private static byte[] rawProfile(String type, byte[] profile) {
    String digits = java.util.HexFormat.of().formatHex(profile).replaceAll("(.{72})", "$1\n");
    String text = "\n" + type + "\n    " + profile.length + "\n" + digits + "\n";
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] deflated(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (var out = new java.util.zip.DeflaterOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void pngsAreTurnedAsTheirTextsTell() throws IOException {
    byte[] plain = SampleImages.encoded("png", 40, 64);
    byte[] six = tiff(6, BIG, SHORT, 8);
    byte[] one = tiff(1, LITTLE, SHORT, 8);
    byte[] exif = ascii("Raw profile type exif\0");
    byte[] app1 = ascii("Raw profile type APP1\0");
    byte[] zipped = ascii("\0");
    byte[] says8 = ascii("<x tiff:Orientation=\"8\"/>");
    byte[] six1 = joined(exif, zipped, deflated(rawProfile("exif", exif(six))));
    assertTurned(plain, pngWith(plain, "zTXt", six1), 6);
    assertTurned(plain, pngWith(plain, "tEXt", joined(exif, rawProfile("exif", six))), 6);
    byte[] six2 = joined(app1, zipped, deflated(rawProfile("generic profile", exif(six))));
    assertTurned(plain, pngWith(plain, "zTXt", six2), 6);
    byte[] eight =
        joined(app1, rawProfile("xmp", xmp(new String(says8, StandardCharsets.US_ASCII))));
    assertTurned(plain, pngWith(plain, "tEXt", eight), 8);
    byte[] packedXmp = joined(ascii("XML:com.adobe.xmp\0\1\0en\0\0"), deflated(says8));
    assertTurned(plain, pngWith(plain, "iTXt", packedXmp), 8);
    byte[] packedExif =
        joined(ascii("Raw profile type exif\0\1\0\0\0"), deflated(rawProfile("exif", six)));
    assertTurned(plain, pngWith(plain, "iTXt", packedExif), 6);
    // The chunk that was made for it counts, wherever it stands; EXIF comes before XMP.
    assertTurned(plain, pngWith(pngWith(plain, "eXIf", one), "zTXt", six1), 1);
    assertTurned(plain, pngWith(pngWith(plain, "zTXt", six1), "eXIf", one), 1);
    assertTurned(plain, pngWith(pngWith(plain, "iTXt", packedXmp), "zTXt", six1), 6);
    // A text that says nothing, or that is damaged, leaves the picture as it is.
    byte[] other = joined(ascii("Raw profile type icc\0"), rawProfile("icc", exif(six)));
    assertTurned(plain, pngWith(plain, "tEXt", other), 1);
    assertTurned(plain, pngWith(plain, "zTXt", joined(exif, zipped, ascii("no zlib"))), 1);
    assertTurned(plain, pngWith(plain, "zTXt", exif), 1);
    assertTurned(plain, pngWith(plain, "tEXt", joined(exif, ascii("\nexif\n 9\nxyz"))), 1);
  }

  @Test
  void textsInflateNoFurtherThanTheirLimit() throws IOException {
    byte[] spaces = new byte[50 << 20];
    java.util.Arrays.fill(spaces, (byte) ' ');
    byte[] bomb = joined(ascii("XML:com.adobe.xmp\0\1\0\0\0"), deflated(spaces));
    byte[] png = SampleImages.encoded("png", 40, 64);
    for (int i = 0; i < 40; i++) {
      png = pngWith(png, "iTXt", bomb);
    }
    Path file = Files.write(folder.resolve("bomb.png"), png);
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    ImageCheck.header().check(file);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(4L * png.length + 8L * PngText.MOST_INFLATED);
  }

  /** Every pixel is where the orientation puts it. */
  private void assertTurned(byte[] plain, byte[] told, int orientation) throws IOException {
    boolean onItsSide = orientation >= 5;
    int height = onItsSide ? 64 : 40;
    int width = onItsSide ? 40 : 64;
    float[] stored = whole(plain, 40, 64, ImageDecoding.exact());
    float[] turned = whole(told, height, width, ImageDecoding.exact().withUpright(true));
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int row = onItsSide ? x : y;
        int column = onItsSide ? y : x;
        row = List.of(3, 4, 6, 7).contains(orientation) ? 39 - row : row;
        column = List.of(2, 3, 7, 8).contains(orientation) ? 63 - column : column;
        for (int channel = 0; channel < 3; channel++) {
          assertThat(turned[(channel * height + y) * width + x])
              .isEqualTo(stored[(channel * 40 + row) * 64 + column]);
        }
      }
    }
    assertThat(whole(told, 40, 64, ImageDecoding.exact())).isEqualTo(stored);
  }

  /** All of the picture, pixel by pixel: the sixth of the twelve views. */
  private float[] whole(byte[] file, int height, int width, ImageDecoding decoding)
      throws IOException {
    Path path = Files.write(folder.resolve("image"), file);
    int view = 3 * height * width;
    float[] views = new float[12 * view];
    TwelveCrops.of(new Resolution(height, width))
        .withDecoding(decoding)
        .apply(path, new SplitMix64(0), FloatBuffer.wrap(views));
    return java.util.Arrays.copyOfRange(views, 5 * view, 6 * view);
  }

  @Test
  void reducedPicturesStayInPlaceWhicheverWayTheyAreTurned() throws IOException {
    for (int side : new int[] {249, 256, 257, 263}) {
      byte[] plain = SampleImages.encoded("jpeg", side, side);
      for (int orientation = 1; orientation <= 8; orientation++) {
        byte[] told = jpegWith(plain, exif(tiff(orientation, LITTLE, SHORT, 8)));
        Path path = Files.write(folder.resolve("image.jpg"), told);
        float[] exact = crop(path, ImageDecoding.exact().withUpright(true));
        float[] sparing = crop(path, ImageDecoding.sparing().withUpright(true));
        double red = 0;
        double green = 0;
        for (int i = 0; i < 16 * 16; i++) {
          red += sparing[i] - exact[i];
          green += sparing[256 + i] - exact[256 + i];
        }
        // A level is a pixel here; a shift by most of a reduced pixel was 7 levels.
        assertThat(127.5 * red / 256).as(side + ", " + orientation).isCloseTo(0, within(0.6));
        assertThat(127.5 * green / 256).as(side + ", " + orientation).isCloseTo(0, within(0.6));
      }
    }
  }

  private static float[] crop(Path path, ImageDecoding decoding) throws IOException {
    float[] out = new float[3 * 16 * 16];
    CentralCrop.of(Resolution.square(16))
        .withDecoding(decoding)
        .apply(path, new SplitMix64(0), FloatBuffer.wrap(out));
    return out;
  }
}
