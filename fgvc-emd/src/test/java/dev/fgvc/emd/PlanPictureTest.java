package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.emd.testing.Instances;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.testing.DefaultLocale;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.EntityResolver;
import org.xml.sax.InputSource;

class PlanPictureTest {

  private final DomainFeatures source = domain("woods", 12, 1);
  private final DomainFeatures target = domain("meadow", 7, 2);
  private final TransportPlan plan = DomainSimilarity.create().between(source, target).plan();

  @Test
  void svgHasAnArrowForEachFlowAndACircleForEachClass() throws Exception {
    Document drawing = parse(PlanPicture.of(source, target, plan).svg());
    Document withoutArrows = parse(PlanPicture.of(source, target, plan).withLargestFlows(0).svg());
    assertThat(plan.flowCount()).isGreaterThanOrEqualTo(12);
    // Each arrow has a line and a head.
    assertThat(shapes(drawing) - shapes(withoutArrows))
        .isBetween(plan.flowCount(), 2 * plan.flowCount());
    assertThat(shapes(withoutArrows)).isGreaterThanOrEqualTo(2 * (12 + 7));
  }

  @Test
  void svgHasAColourForDarkPagesForEachColour() throws Exception {
    String svg = PlanPicture.of(source, target, plan).svg();
    Pattern colour = Pattern.compile("(fill|stroke):(rgb\\([0-9,]+\\))");
    String style = svg.substring(svg.indexOf("<style>"), svg.indexOf("</style>"));

    List<String> drawn =
        colour
            .matcher(svg.substring(svg.indexOf("</style>")))
            .results()
            .map(MatchResult::group)
            .distinct()
            .toList();

    assertThat(style).contains("@media (prefers-color-scheme: dark)");
    assertThat(drawn)
        .hasSizeGreaterThanOrEqualTo(6)
        .allSatisfy(each -> assertThat(style).contains("[style*=\"" + each + "\"]"));
  }

  @Test
  void drawsTheSameInEveryLocale() throws Exception {
    PlanPicture picture = PlanPicture.of(source, target, plan);
    String drawn = picture.svg();
    for (String tag : List.of("ar-EG", "de-CH")) {
      assertThat(DefaultLocale.during(Locale.forLanguageTag(tag), picture::svg))
          .as(tag)
          .isEqualTo(drawn);
    }
  }

  @Test
  void pngHasTheColoursOfBothDomainsAndOfTheFlow(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("plan.png");
    PlanPicture.of(source, target, plan).writePng(file);
    BufferedImage image = ImageIO.read(file.toFile());
    int red = 0;
    int green = 0;
    int blue = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        int r = rgb >> 16 & 255;
        int g = rgb >> 8 & 255;
        int b = rgb & 255;
        red += r > g + 80 && r > b + 80 ? 1 : 0;
        green += g > r + 60 && g > b + 40 ? 1 : 0;
        blue += b > r + 60 && b > g + 40 ? 1 : 0;
      }
    }
    assertThat(red).isGreaterThan(100);
    assertThat(green).isGreaterThan(100);
    assertThat(blue).isGreaterThan(100);
    assertThat(Files.list(folder)).containsExactly(file);
  }

  @Test
  void refusesAPlanOfOtherDomains() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PlanPicture.of(domain("few", 2, 3), target, plan))
        .withMessageContaining("have 2 and 7 classes");
  }

  private static int shapes(Document drawing) {
    int count = 0;
    for (String name : List.of("line", "path", "ellipse", "circle", "polygon", "polyline")) {
      count += drawing.getElementsByTagName(name).getLength();
    }
    return count;
  }

  private static Document parse(String svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    var builder = factory.newDocumentBuilder();
    EntityResolver offline = (publicId, systemId) -> new InputSource(new StringReader(""));
    builder.setEntityResolver(offline);
    return builder.parse(new InputSource(new StringReader(svg)));
  }

  private static DomainFeatures domain(String name, int classes, long seed) {
    Random random = new Random(seed);
    List<String> names = IntStream.range(0, classes).mapToObj(k -> name + k).toList();
    double[] counts = new double[classes];
    for (int k = 0; k < classes; k++) {
      counts[k] = 1 + random.nextInt(20);
    }
    return DomainFeatures.of(name, names, Instances.gaussianPoints(classes, 24, random), counts);
  }
}
