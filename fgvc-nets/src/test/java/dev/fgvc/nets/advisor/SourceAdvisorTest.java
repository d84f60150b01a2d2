package dev.fgvc.nets.advisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.SimilarityInterval;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Domains of plain colours, seen by a backbone that knows the mean of each channel. */
class SourceAdvisorTest {

  @TempDir private Path folder;

  private Candidate target;
  private List<Candidate> sources;

  @BeforeEach
  void paint() throws IOException {
    target = paint("sunsets", 6, "red", 0xff2000, "orange", 0xff8000);
    sources =
        List.of(
            paint("seas", 5, "blue", 0x0000ff, "cyan", 0x00ffff),
            paint("fires", 7, "crimson", 0xf01010, "amber", 0xffb000, "ash", 0x404040));
  }

  @Test
  void theClosestSourceComesFirst() throws IOException {
    SourceAdvice advice = advisor(new ChannelMeans()).advise(target, sources);

    assertThat(advice.sources()).extracting(ComparedSource::name).containsExactly("fires", "seas");
    ComparedSource fires = advice.sources().get(0);
    assertThat(fires.classes()).isEqualTo(3);
    assertThat(fires.images()).isEqualTo(21);
    DomainFeatures from = DomainFeatures.readNpz(folder.resolve("features/fires.npz"));
    DomainFeatures to = DomainFeatures.readNpz(folder.resolve("features/sunsets.npz"));
    assertThat(fires.emd()).isEqualTo(DomainSimilarity.create().between(from, to).emd());
    assertThat(advice.gamma()).isEqualTo(1 / advice.scale().median());
    assertThat(fires.similarity()).isEqualTo(Math.exp(-advice.gamma() * fires.emd()));
    assertThat(fires.interval().orElseThrow().lowEmd()).isLessThanOrEqualTo(fires.emd());
    assertThat(fires.interval().orElseThrow().highEmd()).isGreaterThanOrEqualTo(fires.emd());
  }

  @Test
  void classesHaveNamesAndPictures() throws IOException {
    SourceAdvice advice = advisor(new ChannelMeans()).withClosest(2).advise(target, sources);

    List<RankedSourceClass> closest = advice.sources().get(0).closest();
    assertThat(closest).extracting(RankedSourceClass::name).containsExactly("crimson", "amber");
    assertThat(closest.get(0).examples())
        .hasSize(3)
        .allSatisfy(photo -> assertThat(photo).hasParentRaw(folder.resolve("fires/crimson")));
    assertThat(closest.get(0).emd()).isLessThan(closest.get(1).emd());
  }

  @Test
  void asManyClassesAreChosenAsStayClose() throws IOException {
    ClassSelection selection = advisor(new ChannelMeans()).advise(target, sources).selection();

    assertThat(selection.sizes()).extracting(ClassSelection.Size::k).containsExactly(1, 2, 3, 4, 5);
    assertThat(selection.k()).isEqualTo(2);
    assertThat(selection.classes())
        .extracting(RankedSourceClass::name)
        .containsExactly("crimson", "amber");
    double least = selection.sizes().stream().mapToDouble(size -> size.emd()).min().orElseThrow();
    assertThat(selection.sizes().get(1).emd()).isEqualTo(least);

    ClassSelection all =
        advisor(new ChannelMeans()).withTolerance(1000).advise(target, sources).selection();
    assertThat(all.k()).isEqualTo(5);
    DomainFeatures seas = DomainFeatures.readNpz(folder.resolve("features/seas.npz"));
    DomainFeatures fires = DomainFeatures.readNpz(folder.resolve("features/fires.npz"));
    DomainFeatures to = DomainFeatures.readNpz(folder.resolve("features/sunsets.npz"));
    assertThat(all.sizes().get(4).emd())
        .isEqualTo(
            DomainSimilarity.create().between(fires.concat("all", seas), to).emd(), within(1e-9));
  }

  @Test
  void progressCountsAllImagesFromTheFirstMomentOn() throws IOException {
    List<String> told = new ArrayList<>();
    ChannelMeans backbone = new ChannelMeans();
    advisor(backbone)
        .withProgress(
            (task, done, total, note) ->
                told.add(task + " " + done + "/" + total + " after " + backbone.seen))
        .advise(target, sources);

    int images = 2 * 6 + 2 * 5 + 3 * 7;
    assertThat(told.get(0)).isEqualTo("features of all domains 0/" + images + " after 0");
    assertThat(told.get(1)).isEqualTo("features of all domains 8/" + images + " after 8");
    assertThat(told)
        .contains("features of all domains " + images + "/" + images + " after " + images);
    assertThat(told).anyMatch(line -> line.startsWith("intervals 1/2"));
  }

  @Test
  void aCallThatWasInterruptedGoesOn() throws IOException {
    ChannelMeans dying = new ChannelMeans();
    dying.limit = 20;
    assertThatThrownBy(() -> advisor(dying).advise(target, sources))
        .isInstanceOf(IllegalStateException.class);

    ChannelMeans second = new ChannelMeans();
    SourceAdvice resumed = advisor(second).advise(target, sources);
    ChannelMeans third = new ChannelMeans();
    SourceAdvice again = advisor(third).advise(target, sources);

    assertThat(second.seen.get()).as("the target was kept").isEqualTo(43 - 12);
    assertThat(again.toText()).isEqualTo(resumed.toText());
    assertThat(third.seen.get()).as("all were kept").isZero();
  }

  @Test
  void keptFeaturesStandInForImages() throws IOException {
    SourceAdvice fromImages = advisor(new ChannelMeans()).advise(target, sources);
    Candidate kept = Candidate.of(DomainFeatures.readNpz(folder.resolve("features/fires.npz")));

    SourceAdvice advice = advisor(new ChannelMeans()).advise(target, List.of(sources.get(0), kept));

    ComparedSource fires = advice.sources().get(0);
    assertThat(fires.name()).isEqualTo("fires");
    assertThat(fires.emd()).isEqualTo(fromImages.sources().get(0).emd());
    assertThat(fires.interval()).isEmpty();
    assertThat(fires.closest().get(0).name()).isEqualTo("crimson");
    assertThat(fires.closest().get(0).examples()).isEmpty();
    assertThat(advice.toText()).contains("fires").contains("crimson");
  }

  @Test
  void theAnswerIsTextAndAPage() throws IOException {
    SourceAdvice advice = advisor(new ChannelMeans()).advise(target, sources);

    assertThat(advice.toText())
        .startsWith(advice.answer() + "\nSources for sunsets (2 classes, 12 images)")
        .containsSubsequence("fires", "seas", "closest in fires: crimson")
        .contains("2        14")
        .contains("as many images as stay close");
    String page = Files.readString(advice.write(folder.resolve("advice")));
    assertThat(page)
        .contains("Which source for sunsets?")
        .contains(advice.answer())
        .contains("crimson")
        .contains("2 (chosen)")
        .contains("data:image/png;base64,");
    assertThat(folder.resolve("advice/report.json")).content().contains("\"sources\"");
  }

  @Test
  void theAnswerSaysWhetherTheOrderIsCertain() throws IOException {
    SourceAdvice advice = advisor(new ChannelMeans()).advise(target, sources);
    ComparedSource fires = advice.sources().get(0);
    ComparedSource seas = advice.sources().get(1);

    assertThat(answer(advice, withSimilarities(fires, 0.7, 0.8), withSimilarities(seas, 0.1, 0.6)))
        .startsWith("fires is most similar to sunsets: similarity ")
        .contains(" (0.700 to 0.800). To train on: the 2 classes of all sources")
        .contains(" with 14 images and similarity ");
    assertThat(answer(advice, withSimilarities(fires, 0.7, 0.8), withSimilarities(seas, 0.1, 0.71)))
        .contains("(0.700 to 0.800); the interval of seas overlaps with it");
  }

  private static String answer(SourceAdvice advice, ComparedSource... sources) {
    return new SourceAdvice(
            advice.target(),
            advice.targetClasses(),
            advice.targetImages(),
            advice.backbone(),
            advice.scale(),
            advice.gamma(),
            advice.level(),
            List.of(sources),
            advice.selection())
        .answer();
  }

  private static ComparedSource withSimilarities(ComparedSource source, double low, double high) {
    SimilarityInterval measured = source.interval().orElseThrow();
    return new ComparedSource(
        source.name(),
        source.classes(),
        source.images(),
        source.emd(),
        source.similarity(),
        Optional.of(
            new SimilarityInterval(
                measured.estimate(),
                measured.level(),
                measured.lowEmd(),
                measured.highEmd(),
                low,
                high)),
        source.closest());
  }

  @Test
  void damagedImagesMayBeLeftOut() throws IOException {
    Files.write(folder.resolve("fires/ash/0.png"), new byte[10]);
    List<Candidate> damaged =
        List.of(
            Candidate.folder(folder.resolve("fires")), Candidate.folder(folder.resolve("seas")));

    SourceAdvice advice =
        advisor(new ChannelMeans())
            .withDamagedImages(DamagedImages.skip(1))
            .advise(target, damaged);

    assertThat(advice.sources().get(0).images()).isEqualTo(20);
  }

  @Test
  void refusesWhatCannotBeCompared() throws IOException {
    SourceAdvisor advisor = advisor(new ChannelMeans());
    assertThatThrownBy(() -> advisor.advise(target, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no source");
    assertThatThrownBy(() -> advisor.advise(target, List.of(sources.get(0), sources.get(0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'seas'");
    Candidate narrow =
        Candidate.of(
            DomainFeatures.of("narrow", List.of("a"), new FMatrixRMaj(1, 2), new double[] {1}));
    assertThatThrownBy(() -> advisor.advise(target, List.of(narrow)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("narrow")
        .hasMessageContaining("3 dimensions");
    assertThatThrownBy(() -> advisor.withIntervals(5, 0.9)).hasMessageContaining("at least 20");
    assertThatThrownBy(() -> advisor.withTolerance(-1)).hasMessageContaining("tolerance");
    assertThatThrownBy(() -> advisor.withClosest(0)).hasMessageContaining("at least 1");
  }

  private SourceAdvisor advisor(Backbone backbone) {
    return SourceAdvisor.of(backbone, folder.resolve("features")).withIntervals(20, 0.9);
  }

  /** A folder of class folders, of photos in a colour that varies a little. */
  private Candidate paint(String name, int images, Object... classesAndColours) throws IOException {
    for (int c = 0; c < classesAndColours.length; c += 2) {
      Path photos = folder.resolve(name).resolve(classesAndColours[c].toString());
      Files.createDirectories(photos);
      for (int i = 0; i < images; i++) {
        BufferedImage image = new BufferedImage(12, 9, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color((int) classesAndColours[c + 1]));
        graphics.fillRect(0, 0, 12, 9);
        graphics.setColor(Color.GRAY);
        graphics.fillRect(4, 3, 1 + i % 3, 1);
        graphics.dispose();
        ImageIO.write(image, "png", photos.resolve(i + ".png").toFile());
      }
    }
    return Candidate.folder(folder.resolve(name));
  }

  /** The mean of each channel. */
  private static final class ChannelMeans implements Backbone {

    private final AtomicInteger seen = new AtomicInteger();
    private int limit = Integer.MAX_VALUE;

    @Override
    public int featureDimension() {
      return 3;
    }

    @Override
    public FMatrixRMaj features(ImageBatch batch) {
      if (seen.addAndGet(batch.count()) > limit) {
        throw new IllegalStateException("the power failed");
      }
      Images images = batch.toFloats();
      int cells = images.resolution().pixels();
      FMatrixRMaj means = new FMatrixRMaj(images.count(), 3);
      for (int i = 0; i < means.data.length * cells; i++) {
        means.data[i / cells] += images.pixels().get(i) / cells;
      }
      return means;
    }

    @Override
    public Optional<ImageTransform> transform() {
      return Optional.of(CentralCrop.of(Resolution.square(8)));
    }

    @Override
    public Optional<String> identity() {
      return Optional.of("channel means");
    }

    @Override
    public String toString() {
      return "channel means";
    }
  }
}
