package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.testing.SharedFiles;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuplicateSearchTest {

  private static final int PICTURES = 12;

  @TempDir private Path folder;

  /** Soft spots of random colours, as different from each other as photos are. */
  private static BufferedImage picture(long seed) {
    Random random = new Random(seed);
    double[][] spots = new double[12][];
    for (int i = 0; i < spots.length; i++) {
      spots[i] = random.doubles(6).toArray();
    }
    BufferedImage image = new BufferedImage(240, 180, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        double[] colour = {90, 100, 110};
        for (double[] spot : spots) {
          double dx = x / 240.0 - spot[0];
          double dy = y / 180.0 - spot[1];
          double height = 160 * Math.exp(-(dx * dx + dy * dy) / (0.01 + 0.03 * spot[2]));
          for (int channel = 0; channel < 3; channel++) {
            colour[channel] += height * (2 * spot[3 + channel] - 1);
          }
        }
        int rgb = 0;
        for (double level : colour) {
          rgb = rgb << 8 | (int) Math.max(0, Math.min(level, 255));
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  /** A part of a picture, given by its corners, in another size. */
  private static BufferedImage drawn(
      BufferedImage source, int width, int height, int left, int top, int right, int bottom) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(source, 0, 0, width, height, left, top, right, bottom, null);
    graphics.dispose();
    return image;
  }

  private Dataset set(String name, String format, int first, UnaryOperator<BufferedImage> change)
      throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    Files.createDirectories(folder.resolve(name));
    for (int i = first; i < first + PICTURES; i++) {
      Path file = folder.resolve(name).resolve(i + "." + format);
      ImageIO.write(change.apply(picture(i)), format, file.toFile());
      images.add(new LabeledImage(file, 0));
    }
    return Dataset.of(name, List.of("spots"), images);
  }

  @Test
  void findsCopiesHoweverTheyWereAltered() throws IOException {
    Dataset original = set("original", "png", 0, image -> image);
    List<Dataset> altered =
        List.of(
            set("re-encoded", "jpg", 0, image -> image),
            set("smaller", "jpg", 0, image -> drawn(image, 149, 112, 0, 0, 240, 180)),
            set("squashed", "jpg", 0, image -> drawn(image, 100, 180, 0, 0, 240, 180)),
            set("cropped", "jpg", 0, image -> drawn(image, 234, 176, 3, 2, 237, 178)));
    for (Dataset copies : altered) {
      DuplicateReport report = DuplicateSearch.create().between(original, copies);

      assertThat(report.matches()).as(copies.name()).hasSize(2 * PICTURES);
      for (DuplicateReport.Match match : report.matches()) {
        assertThat(match.image().position()).isEqualTo(match.nearest().position());
        assertThat(match.mirrored()).isFalse();
      }
    }
  }

  @Test
  void findsMirroredCopiesAndSaysSo() throws IOException {
    Dataset original = set("original", "png", 0, image -> image);
    Dataset mirrored = set("mirrored", "jpg", 0, image -> drawn(image, 240, 180, 240, 0, 0, 180));

    DuplicateReport report = DuplicateSearch.create().between(original, mirrored);

    assertThat(report.matches())
        .hasSize(2 * PICTURES)
        .allSatisfy(
            match -> {
              assertThat(match.mirrored()).isTrue();
              assertThat(match.image().position()).isEqualTo(match.nearest().position());
            });
    assertThat(DuplicateSearch.create().withMirrored(false).between(original, mirrored).matches())
        .isEmpty();
  }

  @Test
  void tellsDifferentPicturesApart() throws IOException {
    Dataset some = set("some", "png", 0, image -> image);
    Dataset others = set("others", "jpg", PICTURES, image -> image);

    assertThat(DuplicateSearch.create().between(some, others).matches()).isEmpty();
  }

  @Test
  void reportsWhichImagesOfASetToLeaveOut() throws IOException {
    Dataset train = set("train", "png", 0, image -> image);
    Dataset test = set("test", "jpg", PICTURES - 2, image -> image);
    Dataset validation = set("validation", "jpg", 5 * PICTURES, image -> image);
    Files.write(train.path(4), new byte[10]);
    Files.delete(train.path(5));

    DuplicateReport one = DuplicateSearch.create().withThreads(1).between(train, validation, test);
    DuplicateReport four = DuplicateSearch.create().withThreads(4).between(train, validation, test);

    assertThat(four.matches()).isEqualTo(one.matches()).hasSize(4);
    assertThat(one.positions(train, test)).containsExactly(10, 11);
    assertThat(one.positions(test, train)).containsExactly(0, 1);
    assertThat(one.positions(train, validation)).isEmpty();
    assertThat(one.without(train, test).size()).isEqualTo(PICTURES - 2);
    assertThat(one.unreadable()).hasSize(2);
    assertThat(one.toString())
        .contains("2 of 12 images of train are within 8 bits of one of test")
        .contains("0 of 12 images of validation are within 8 bits of one of train")
        .contains("not compared: " + train.path(5) + ": no such file");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.positions(train, set("other", "png", 0, image -> image)));
  }

  @Test
  void aSetIsCleanedOfOneSetAfterTheOther() throws IOException {
    Dataset train = set("train", "png", 0, image -> image);
    Dataset first = set("first", "jpg", 3 - PICTURES, image -> image);
    Dataset last = set("last", "jpg", PICTURES - 2, image -> image);
    DuplicateReport report = DuplicateSearch.create().between(train, first, last);

    Dataset clean = report.without(report.without(train, first), last);

    assertThat(clean.images()).isEqualTo(train.images().subList(3, PICTURES - 2));
    assertThat(report.positions(train.selectImages("train", new int[] {5, 11}), last))
        .containsExactly(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> report.without(first.named("train"), last))
        .withMessageContaining("was not compared: search with this set");
  }

  @Test
  void refusesOneSetAndTwoOfOneName() throws IOException {
    Dataset set = set("set", "png", 0, image -> image);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DuplicateSearch.create().between(set))
        .withMessageContaining("two or more with different names");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DuplicateSearch.create().between(set, set));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DuplicateSearch.create().withDistance(16));
    assertThatIllegalArgumentException().isThrownBy(() -> DuplicateSearch.create().withThreads(0));
  }

  /**
   * Made smaller without antialiasing. Of one photo twice as wide as high the copy is 10 bits away,
   * with antialiasing as well.
   */
  @Test
  void findsSmallerCopiesAmongPhotos() throws IOException {
    Path photos = SharedFiles.require("data/photos");
    List<Path> files;
    try (Stream<Path> found = Files.walk(photos)) {
      files = found.filter(file -> file.toString().endsWith(".jpg")).sorted().limit(300).toList();
    }
    List<LabeledImage> copies = new ArrayList<>();
    for (int i = 0; i < files.size(); i += 5) {
      BufferedImage photo = ImageIO.read(files.get(i).toFile());
      Path copy = folder.resolve(i + ".jpg");
      int width = photo.getWidth() * 3 / 5;
      int height = photo.getHeight() * 3 / 5;
      ImageIO.write(
          drawn(photo, width, height, 0, 0, photo.getWidth(), photo.getHeight()),
          "jpg",
          copy.toFile());
      copies.add(new LabeledImage(copy, 0));
    }
    Dataset all =
        Dataset.of(
            "all",
            List.of("photo"),
            files.stream().map(file -> new LabeledImage(file, 0)).toList());
    Dataset smaller = Dataset.of("smaller", List.of("photo"), copies);

    DuplicateReport report = DuplicateSearch.create().between(smaller, all);

    assertThat(report.positions(smaller, all)).hasSizeGreaterThanOrEqualTo(59);
    assertThat(report.positions(all, smaller)).hasSizeGreaterThanOrEqualTo(59);
    assertThat(report.matches())
        .filteredOn(match -> match.image().set().equals("smaller"))
        .allSatisfy(
            match ->
                assertThat(match.nearest().position()).isEqualTo(5 * match.image().position()));
  }
}
