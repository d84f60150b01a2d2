package dev.fgvc.nets.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.data.VerificationReport;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageDecoding;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.image.TwelveCrops;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.loader.TooManyDamagedImagesException;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureExtractionTest {

  private static final Resolution RESOLUTION = Resolution.square(2);
  private static final int IMAGES = 256 + 40; // a shard of 256 and the start of another

  @TempDir Path folder;

  @Test
  void keepsTheFeaturesOfAllImagesAndGoesOnWhereItWasInterrupted() throws IOException {
    Dataset dataset = dataset();
    AtomicInteger seen = new AtomicInteger();
    Path shards = folder.resolve("shards");
    FeatureExtraction dying = FeatureExtraction.with(red(1, seen, 256 + 32), RESOLUTION);
    assertThatIllegalArgumentException().isThrownBy(() -> dying.extract(dataset, shards));
    assertThat(FeatureShards.in(shards, 1).imageCount()).isEqualTo(256);

    seen.set(0);
    FeatureExtraction extraction =
        FeatureExtraction.with(red(1, seen, Integer.MAX_VALUE), RESOLUTION);
    DomainFeatures resumed = extraction.extract(dataset, shards);

    assertThat(seen).as("32 to compare and the last 40").hasValue(32 + 40);
    DomainFeatures once = extraction.extract(dataset);
    assertThat(resumed.classMeans().data).containsExactly(once.classMeans().data);
    assertThat(resumed.imageCounts()).containsExactly(once.imageCounts());
    FeatureShards kept = FeatureShards.in(shards, 1);
    assertThat(kept.labels()).containsExactly(dataset.labels());
    assertThat(kept.features().get(IMAGES - 1, 0)).isGreaterThan(0.5f);

    seen.set(0);
    extraction.extract(dataset, shards);
    assertThat(seen).as("nothing is left to do").hasValue(32);
  }

  @Test
  void refusesAFolderOfAnotherBackboneOrOfOtherImages() throws IOException {
    Dataset dataset = dataset();
    Dataset few = Dataset.of("few", dataset.classNames(), dataset.images().subList(0, 50));
    AtomicInteger seen = new AtomicInteger();
    FeatureExtraction.with(red(1, seen, Integer.MAX_VALUE), RESOLUTION).extract(few, folder);

    FeatureExtraction other = FeatureExtraction.with(red(2, seen, 99), RESOLUTION);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.extract(few, folder))
        .withMessageContaining("another backbone");
    FeatureExtraction same = FeatureExtraction.with(red(1, seen, 99), RESOLUTION);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> same.extract(dataset, folder))
        .withMessageContaining("images other than");
  }

  /** Only the last five of 45 change, in what they show but not in names and labels. */
  @Test
  void otherPhotosOfTheSameNamesNeverGetTheOldMeans() throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < 45; i++) {
      Path file = Files.createDirectories(folder.resolve("photos")).resolve(i + ".jpg");
      images.add(new LabeledImage(SampleImages.write(file, 30, 40 + i), i < 40 ? 0 : 1));
    }
    Dataset dataset = Dataset.of("photos", List.of("kept", "changed"), images);
    Path shards = folder.resolve("shards");
    AtomicInteger seen = new AtomicInteger();
    FeatureExtraction extraction = FeatureExtraction.with(red(1, seen, 999), RESOLUTION);
    DomainFeatures before = extraction.extract(dataset, shards);
    byte[] kept = Files.readAllBytes(shards.resolve("features-00000.npy"));
    for (int i = 40; i < 45; i++) {
      SampleImages.write(dataset.path(i), 50, 70);
    }

    assertThatIllegalArgumentException()
        .isThrownBy(() -> extraction.extract(dataset, shards))
        .withMessageContaining("images other than 45 images of 2 classes #");
    assertThat(shards.resolve("features-00000.npy")).hasBinaryContent(kept);
    for (int i = 40; i < 45; i++) {
      SampleImages.write(dataset.path(i), 30, 40 + i);
    }
    Path moved = Files.move(folder.resolve("photos"), folder.resolve("moved"));
    Dataset elsewhere =
        Dataset.of(
            "moved",
            dataset.classNames(),
            images.stream()
                .map(i -> new LabeledImage(moved.resolve(i.path().getFileName()), i.label()))
                .toList());
    assertThat(extraction.extract(elsewhere, shards).classMeans().data)
        .isEqualTo(before.classMeans().data);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                FeatureExtraction.with(red(1, seen, 999), Resolution.square(3))
                    .extract(elsewhere, shards))
        .withMessageContaining("crop other than central crop");
  }

  /** Closer weights than the first images' features would tell apart. */
  @Test
  void otherWeightsOfTheSameNetworkAreAnotherBackbone() throws IOException {
    NetworkGraph graph =
        Architecture.RESNET_V2_50.builder().classes(2).widthMultiplier(0.1).build();
    Weights weights = Weights.initialize(graph, 1);
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    weights.names().forEach(name -> tensors.put(name, weights.tensor(name)));
    String last = "resnet_v2_50/logits/biases";
    tensors.put(last, WeightTensor.of(List.of(2), new float[] {0, 1e-3f}));
    Path file = SampleImages.write(folder.resolve("one.jpg"), 40, 40);
    Dataset dataset = Dataset.of("one", List.of("only"), List.of(new LabeledImage(file, 0)));
    Path shards = folder.resolve("shards");

    try (Network network = Engine.torch().compile(graph, weights);
        Network other = Engine.torch().compile(graph, Weights.of(tensors))) {
      FeatureExtraction.with(network, Resolution.square(32)).extract(dataset, shards);
      FeatureExtraction.with(network, Resolution.square(32)).extract(dataset, shards);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> FeatureExtraction.with(other, Resolution.square(32)).extract(dataset, shards))
          .withMessageContaining("backbone other than");
    }
  }

  /** An identity may miss something that features depend on, such as an engine. */
  @Test
  void goesOnOnlyWithFeaturesLikeThoseThatAreKept() throws IOException {
    Dataset dataset = dataset();
    AtomicInteger seen = new AtomicInteger();
    Path shards = folder.resolve("shards");
    FeatureExtraction dying =
        FeatureExtraction.with(identified(red(1, seen, 256 + 32)), RESOLUTION);
    assertThatIllegalArgumentException().isThrownBy(() -> dying.extract(dataset, shards));

    Backbone other = identified(red(2, new AtomicInteger(), 99_999));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureExtraction.with(other, RESOLUTION).extract(dataset, shards))
        .withMessageContaining("another backbone");
    assertThat(FeatureShards.in(shards, 1).imageCount()).isEqualTo(256);

    seen.set(0);
    FeatureExtraction same = FeatureExtraction.with(identified(red(1, seen, 99_999)), RESOLUTION);
    same.extract(dataset, shards);
    assertThat(seen).as("32 to compare and the last 40").hasValue(32 + 40);
    same.extract(dataset, shards);
    assertThat(seen).as("nothing more").hasValue(32 + 40);
  }

  @Test
  void keepsFeaturesOfTwoPrecisionsApart() throws IOException {
    Dataset dataset = Dataset.of("one", List.of("dark"), dataset().images().subList(0, 1));
    NetworkGraph graph =
        Architecture.RESNET_V2_50.builder().classes(2).widthMultiplier(0.1).build();
    Resolution resolution = Resolution.square(32);
    Path shards = folder.resolve("shards");

    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      FeatureExtraction.with(network, resolution).extract(dataset, shards);
      assertThat(network.identity()).contains(Network.identity(graph, network.weights()));
      Network rounded = inBfloat16(network);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FeatureExtraction.with(rounded, resolution).extract(dataset, shards))
          .withMessageContaining("backbone other than")
          .withMessageContaining(" in BF16");
    }
  }

  @Test
  void turnsPhotosUprightUnlessAnotherTransformIsSet() throws IOException {
    byte[] stored = SampleImages.encoded("jpeg", 64, 64); // red grows from left to right
    byte[] mirrored = {
      (byte) 0xFF,
      (byte) 0xE1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0,
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      2,
      0,
      0,
      0,
      0,
      0,
      0
    };
    ByteBuffer told = ByteBuffer.allocate(stored.length + mirrored.length);
    told.put(stored, 0, 2).put(mirrored).put(stored, 2, stored.length - 2);
    Path file = Files.write(folder.resolve("mirrored.jpg"), told.array());
    Dataset dataset = Dataset.of("one", List.of("only"), List.of(new LabeledImage(file, 0)));
    FeatureExtraction upright = FeatureExtraction.with(red(1, new AtomicInteger(), 99), RESOLUTION);
    FeatureExtraction asStored = upright.withTransform(CentralCrop.of(RESOLUTION));

    assertThat(upright.extract(dataset).classMeans().data[0]).isGreaterThan(0.5f);
    assertThat(asStored.extract(dataset).classMeans().data[0]).isLessThan(-0.5f);
    Path shards = folder.resolve("shards");
    upright.extract(dataset, shards);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> asStored.extract(dataset, shards))
        .withMessageContaining("crop other than central crop");
  }

  @Test
  void appliesTheNormalizationOfWeights() throws IOException {
    Dataset dataset = dataset();
    Normalization other =
        new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
    FeatureExtraction extraction =
        FeatureExtraction.with(red(1, new AtomicInteger(), 99_999), RESOLUTION)
            .withTransform(other.after(CentralCrop.of(RESOLUTION)));

    assertThat(extraction.extract(dataset).classMeans().data)
        .containsExactly(
            new float[] {(16 / 255f - 0.485f) / 0.229f, (240 / 255f - 0.485f) / 0.229f},
            offset(1e-5f));
    CentralCrop crop = CentralCrop.of(RESOLUTION);
    assertThat(Normalization.inception().after(crop)).isSameAs(crop);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> extraction.withTransform(TwelveCrops.of(RESOLUTION)))
        .withMessageContaining("one view");
  }

  @Test
  void imageFeaturesAreThoseOfAnyTransformOfOneView() throws IOException {
    Dataset dataset = dataset();
    Backbone red = red(1, new AtomicInteger(), 99_999);
    ImageTransform normalized = Normalization.imageNet().after(CentralCrop.of(RESOLUTION));

    ImageFeatures features = ImageFeatures.of(red, normalized, dataset, Progress.none());

    assertThat(features.labels()).containsExactly(dataset.labels());
    assertThat(features.features().data[0]).isCloseTo((16 / 255f - 0.485f) / 0.229f, offset(1e-5f));
    assertThat(ImageFeatures.of(red, RESOLUTION, dataset).features().data[0])
        .isCloseTo(16 / 127.5f - 1, offset(1e-5f));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ImageFeatures.of(red, TwelveCrops.of(RESOLUTION), dataset, Progress.none()))
        .withMessageContaining("one view");
  }

  @Test
  void complainsOfClassesWithoutImagesBeforeTheFirstBatch() throws IOException {
    Dataset whole = dataset();
    Dataset lacking =
        Dataset.of("lacking", List.of("dark", "red", "blue"), whole.images().subList(0, 40));
    AtomicInteger seen = new AtomicInteger();
    FeatureExtraction extraction = FeatureExtraction.with(red(1, seen, 99), RESOLUTION);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> extraction.extract(lacking))
        .withMessageContaining("no image of [blue]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> extraction.extract(lacking, folder.resolve("shards")))
        .withMessageContaining("no image of [blue]");
    assertThat(seen).hasValue(0);
    assertThat(extraction.extract(lacking.withoutEmptyClasses()).classNames())
        .containsExactly("dark", "red");
  }

  @Test
  void refusesFeaturesThatNoHeapHoldsBeforeTheFirstBatch() throws IOException {
    Dataset dataset = dataset();
    Backbone wide =
        new Backbone() {
          @Override
          public int featureDimension() {
            return 1 << 30;
          }

          @Override
          public FMatrixRMaj features(ImageBatch images) {
            throw new IllegalCallerException("the first batch");
          }
        };
    FeatureExtraction extraction = FeatureExtraction.with(wide, RESOLUTION);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> extraction.extract(dataset))
        .withMessageContaining("class means of two colours: 2 x 1073741824 values");
    Dataset one = Dataset.of("one", List.of("dark"), dataset.images().subList(0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> extraction.extract(one, folder.resolve("shards")))
        .withMessageContaining("1073741824 values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageFeatures.of(wide, RESOLUTION, dataset))
        .withMessageContaining("features of two colours: 296 x 1073741824 values");
  }

  /** A whole shard would be longer than an array. */
  @Test
  void oneImageTakesNoMoreMemoryThanItsOwn() throws IOException {
    int dimension = 1 << 23;
    Backbone wide =
        new Backbone() {
          @Override
          public int featureDimension() {
            return dimension;
          }

          @Override
          public FMatrixRMaj features(ImageBatch images) {
            return new FMatrixRMaj(images.count(), dimension);
          }
        };
    Dataset one = Dataset.of("one", List.of("dark"), dataset().images().subList(0, 1));
    Path shards = folder.resolve("shards");

    FeatureExtraction.with(wide, RESOLUTION).extract(one, shards);

    assertThat(FeatureShards.in(shards, dimension).imageCount()).isEqualTo(1);
  }

  @Test
  void refusesFeaturesWhoseOriginNobodyNoted() throws IOException {
    Dataset dataset = dataset();
    FeatureExtraction extraction =
        FeatureExtraction.with(red(1, new AtomicInteger(), 99_999), RESOLUTION);
    Path shards = folder.resolve("shards");
    extraction.extract(dataset, shards);
    Files.delete(shards.resolve("origin.txt"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> extraction.extract(dataset, shards))
        .withMessageContaining("no origin.txt");
  }

  @Test
  void leavesDamagedImagesOutWhereAskedAndTellsWhich() throws IOException {
    Dataset whole = dataset();
    Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
    List<LabeledImage> images = new ArrayList<>(whole.images().subList(0, 4));
    images.add(1, new LabeledImage(broken, 0));
    Dataset dataset = Dataset.of("with a broken one", whole.classNames(), images);
    FeatureExtraction strict = FeatureExtraction.with(red(1, new AtomicInteger(), 99), RESOLUTION);
    List<VerificationReport.Finding> told = new ArrayList<>();

    DomainFeatures domain =
        strict
            .withDamagedImages(DamagedImages.skip(1), report -> told.addAll(report.findings()))
            .extract(dataset);

    assertThat(told).singleElement().extracting(VerificationReport.Finding::path).isEqualTo(broken);
    Dataset others = Dataset.of("others", whole.classNames(), whole.images().subList(0, 4));
    assertThat(domain.classMeans().data).containsExactly(strict.extract(others).classMeans().data);
    assertThat(domain.imageCounts()).containsExactly(2, 2);
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> strict.extract(dataset))
        .withMessageContaining("broken.png");
    FeatureExtraction tooFew = strict.withDamagedImages(DamagedImages.skip(0), report -> {});
    assertThatExceptionOfType(TooManyDamagedImagesException.class)
        .isThrownBy(() -> tooFew.extract(dataset))
        .withMessageContaining("broken.png");
  }

  /** The header is whole, so only decoding tells. */
  @Test
  void leavesOutBrokenPixelsWhereAsked() throws IOException {
    Dataset whole = dataset();
    byte[] png = Files.readAllBytes(whole.path(0));
    int pixels = new String(png, StandardCharsets.ISO_8859_1).indexOf("IDAT") + 4;
    Arrays.fill(png, pixels, pixels + 8, (byte) 0xFF);
    Path broken = Files.write(folder.resolve("broken.png"), png);
    List<LabeledImage> images = new ArrayList<>(whole.images().subList(0, 4));
    images.add(1, new LabeledImage(broken, 0));
    Dataset dataset = Dataset.of("with broken pixels", whole.classNames(), images);
    FeatureExtraction strict = FeatureExtraction.with(red(1, new AtomicInteger(), 99), RESOLUTION);
    List<VerificationReport.Finding> told = new ArrayList<>();

    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> strict.extract(dataset))
        .withMessageContaining("broken.png");
    DomainFeatures domain =
        strict
            .withDamagedImages(DamagedImages.skip(1), report -> told.addAll(report.findings()))
            .extract(dataset);

    assertThat(told).singleElement().extracting(VerificationReport.Finding::path).isEqualTo(broken);
    assertThat(domain.imageCounts()).containsExactly(2, 2);
  }

  @Test
  void leavesOutWhatIsTooLargeForTheTransformWhereAsked() throws IOException {
    Path large = folder.resolve("large.png");
    ImageIO.write(new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "png", large.toFile());
    List<LabeledImage> images = new ArrayList<>(dataset().images().subList(0, 4));
    images.add(new LabeledImage(large, 0));
    Dataset dataset = Dataset.of("with a large one", List.of("dark", "red"), images);
    ImageDecoding upTo1999 = ImageDecoding.exact().withMaximumPixels(1999);
    List<VerificationReport.Finding> told = new ArrayList<>();

    FeatureExtraction.with(
            red(1, new AtomicInteger(), 99),
            Normalization.imageNet().after(CentralCrop.of(RESOLUTION).withDecoding(upTo1999)))
        .withDamagedImages(DamagedImages.skip(1), report -> told.addAll(report.findings()))
        .extract(dataset);

    assertThat(told).singleElement().extracting(VerificationReport.Finding::path).isEqualTo(large);
  }

  @Test
  void refusesAClassOfWhichAllImagesAreDamaged() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
    List<LabeledImage> images = new ArrayList<>(dataset().images().subList(0, 2));
    images.set(1, new LabeledImage(broken, 1));
    Dataset dataset = Dataset.of("dark alone", List.of("dark", "red"), images);
    FeatureExtraction lenient =
        FeatureExtraction.with(red(1, new AtomicInteger(), 99), RESOLUTION)
            .withDamagedImages(DamagedImages.skip(5), report -> {});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> lenient.extract(dataset))
        .withMessageContaining("red");
  }

  /** Two pictures, a dark one of class 0 and a red one of class 1, again and again. */
  private Dataset dataset() throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int label = 0; label < 2; label++) {
      BufferedImage picture = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < 16; i++) {
        picture.setRGB(i % 4, i / 4, label == 0 ? 0x101010 : 0xf00000);
      }
      Path file = Files.createDirectories(folder.resolve("images")).resolve(label + ".png");
      ImageIO.write(picture, "png", file.toFile());
      images.add(new LabeledImage(file, label));
    }
    List<LabeledImage> repeated = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      repeated.add(images.get(i % 2));
    }
    return Dataset.of("two colours", List.of("dark", "red"), repeated);
  }

  /** A backbone with a name. */
  private static Backbone identified(Backbone backbone) {
    return new Backbone() {
      @Override
      public int featureDimension() {
        return backbone.featureDimension();
      }

      @Override
      public FMatrixRMaj features(ImageBatch images) {
        return backbone.features(images);
      }

      @Override
      public Optional<String> identity() {
        return Optional.of("a red one");
      }
    };
  }

  /** The same features, as if they were rounded: not every CPU computes in bfloat16. */
  private static Network inBfloat16(Network network) {
    return new Network() {
      @Override
      public NetworkGraph graph() {
        return network.graph();
      }

      @Override
      public Weights weights() {
        return network.weights();
      }

      @Override
      public Precision precision() {
        return Precision.BF16;
      }

      @Override
      public List<FMatrixRMaj> outputs(List<Node> nodes, ImageBatch images) {
        return network.outputs(nodes, images);
      }

      @Override
      public DeviceClassMeans classMeans(int classes) {
        return network.classMeans(classes);
      }

      @Override
      public void close() {
        network.close();
      }
    };
  }

  /** The mean of the red channel times a factor; gives up after some images. */
  private static Backbone red(float factor, AtomicInteger seen, int limit) {
    return new Backbone() {
      @Override
      public int featureDimension() {
        return 1;
      }

      @Override
      public FMatrixRMaj features(ImageBatch batch) {
        if (seen.addAndGet(batch.count()) > limit) {
          throw new IllegalArgumentException("enough");
        }
        FMatrixRMaj features = new FMatrixRMaj(batch.count(), 1);
        for (int i = 0; i < batch.count(); i++) {
          features.data[i] = factor * batch.toFloats().pixels().get(i * 12);
        }
        return features;
      }
    };
  }
}
