package dev.fgvc.nets.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.artifact.MissingArtifactException;
import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxBackboneTest {

  private static final Resolution SMALL = Resolution.square(8);
  private static final OnnxOptions OPTIONS = OnnxOptions.defaults().withThreads(2);

  @TempDir private Path folder;

  // The networks come from make-onnx.py beside them.

  @ParameterizedTest
  @ValueSource(ints = {64, 96})
  void featuresOfAResnetAreThoseOfPyTorch(int side) throws IOException {
    try (OnnxBackbone resnet = open("resnet", OnnxSettings.defaults())) {
      assertThat(resnet.featureDimension()).isEqualTo(16);
      assertClose(resnet.features(sines(3, side)).data, recorded("resnet", side));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 96})
  void activationsOfAConvNextArePooledAsPyTorchWould(int side) throws IOException {
    try (OnnxBackbone convnext = open("convnext", OnnxSettings.defaults())) {
      float[] activation = recorded("convnext", side);
      int cells = side / 32 * (side / 32);
      float[] means = new float[activation.length / cells];
      for (int i = 0; i < activation.length; i++) {
        means[i / cells] += activation[i] / cells;
      }

      assertClose(convnext.features(sines(3, side)).data, means);
      assertClose(convnext.output("activation", sines(3, side)).data, activation);
    }
  }

  @Test
  void tokensOfAVisionTransformerArePooledAsAsked() throws IOException {
    float[] tokens = recorded("vit", 28);
    int perImage = tokens.length / 3;
    float[] classTokens = new float[3 * 16];
    float[] means = new float[3 * 16];
    for (int i = 0; i < tokens.length; i++) {
      int place = i / perImage * 16 + i % 16;
      int token = i % perImage / 16;
      if (token == 0) {
        classTokens[place] = tokens[i];
      } else if (token > 2) {
        means[place] += tokens[i] / (perImage / 16 - 3);
      }
    }

    try (OnnxBackbone vit = open("vit", OnnxSettings.defaults().withPooling(Pooling.CLASS_TOKEN))) {
      assertClose(vit.features(sines(3, 28)).data, classTokens);
    }
    OnnxSettings mean = OnnxSettings.defaults().withPooling(Pooling.TOKEN_MEAN).withPrefixTokens(3);
    try (OnnxBackbone vit = open("vit", mean)) {
      assertClose(vit.features(sines(3, 28)).data, means);
    }
    assertThatThrownBy(() -> open("vit", OnnxSettings.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CLASS_TOKEN or TOKEN_MEAN");
  }

  @Test
  void largeBatchesGoInPartsWithoutChangingFeatures() throws IOException {
    try (OnnxBackbone whole = open("resnet", OnnxSettings.defaults());
        OnnxBackbone parts =
            OnnxBackbone.open(
                resource("resnet"), OnnxSettings.defaults(), OPTIONS.withImagesPerPass(2))) {
      assertClose(parts.features(sines(3, 64)).data, whole.features(sines(3, 64)).data);
    }
  }

  @Test
  void aFixedBatchIsFilledUp() throws IOException {
    Path model = write("fixed", OnnxModels.channelMeans(4, 3, 8, 8));
    try (OnnxBackbone backbone = OnnxBackbone.open(model)) {
      assertClose(backbone.features(sines(6, 8)).data, channelMeans(sines(6, 8)));
    }
  }

  @Test
  void refusesPixelsThatAreNoNumbers() throws IOException {
    Images broken = sines(2, 8);
    broken.pixels().put(3 * 64 + 64 + 9, Float.POSITIVE_INFINITY);
    String place = "image 1 of the batch: channel 1 of row 1, column 1 is Infinity";
    Path model = write("means", OnnxModels.channelMeans(4, 3, 8, 8));
    try (OnnxBackbone backbone = OnnxBackbone.open(model)) {
      assertThatThrownBy(() -> backbone.features(broken))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(place);
      assertThatThrownBy(() -> backbone.output("features", broken))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(place);
    }
  }

  @Test
  void channelsMayComeLast() throws IOException {
    OnnxModels last =
        new OnnxModels()
            .toChannelsFirst("images", "planes")
            .node("GlobalAveragePool", "planes", "pooled")
            .node("Flatten", "pooled", "features")
            .input("images", "n", "h", "w", 3)
            .output("features", "n", "d");
    OnnxSettings settings =
        OnnxSettings.defaults().withTransform(BackboneTransform.imageNet(SMALL));
    try (OnnxBackbone backbone = OnnxBackbone.open(write("last", last), settings, OPTIONS)) {
      assertThat(backbone.settings().layout()).contains(InputLayout.NHWC);
      assertThat(backbone.featureDimension()).as("found by a trial").isEqualTo(3);
      assertClose(backbone.features(sines(2, 8)).data, channelMeans(sines(2, 8)));
    }
  }

  @Test
  void bytesAreNormalisedAsTheSettingsSay() throws IOException {
    byte[] pixels = new byte[2 * 3 * SMALL.pixels()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (40 * (i % 3) + i / 200);
    }
    ByteImages images = new ByteImages(ByteBuffer.wrap(pixels), 2, SMALL);
    Path model = write("bytes", OnnxModels.channelMeans("n", 3, 8, 8));
    OnnxSettings settings =
        OnnxSettings.defaults().withTransform(BackboneTransform.imageNet(SMALL));

    try (OnnxBackbone backbone = OnnxBackbone.open(model, settings, OPTIONS)) {
      Images floats = images.withNormalization(Normalization.imageNet()).toFloats();
      assertClose(backbone.features(images).data, channelMeans(floats));
    }
    try (OnnxBackbone backbone = OnnxBackbone.open(model)) {
      assertClose(backbone.features(images).data, channelMeans(images.toFloats()));
    }
  }

  @Test
  void takesThePlaceOfANetworkInFeatureExtraction() throws IOException {
    Path model = write("means", OnnxModels.channelMeans("n", 3, "h", "w"));
    OnnxSettings.defaults().withTransform(BackboneTransform.imageNet(SMALL)).write(model);
    Dataset photos = photos();
    Path kept = folder.resolve("kept");

    DomainFeatures domain;
    try (OnnxBackbone backbone = OnnxBackbone.open(model)) {
      domain = FeatureExtraction.with(backbone).extract(photos, kept);
      assertThat(FeatureExtraction.with(backbone).extract(photos, kept).classMeans().data)
          .as("kept features")
          .isEqualTo(domain.classMeans().data);
      assertThat(FeatureExtraction.with(backbone).extract(photos).classMeans().data)
          .isEqualTo(domain.classMeans().data);
    }

    assertThat(domain.classCount()).isEqualTo(2);
    Path other = write("other", OnnxModels.channelMeans("batch", 3, "rows", "columns"));
    OnnxSettings.defaults().withTransform(BackboneTransform.imageNet(SMALL)).write(other);
    try (OnnxBackbone backbone = OnnxBackbone.open(other)) {
      assertThatThrownBy(() -> FeatureExtraction.with(backbone).extract(photos, kept))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("ONNX model #");
    }
  }

  @Test
  void aBackboneWithoutATransformWantsOne() throws IOException {
    try (OnnxBackbone backbone = open("resnet", OnnxSettings.defaults())) {
      assertThatThrownBy(() -> FeatureExtraction.with(backbone))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("resolution or a transform");
    }
  }

  @Test
  void manyThreadsMayUseItAtOnce() throws IOException {
    try (OnnxBackbone resnet = open("resnet", OnnxSettings.defaults())) {
      float[] alone = resnet.features(sines(3, 64)).data;
      List<float[]> together =
          IntStream.range(0, 16)
              .parallel()
              .mapToObj(i -> resnet.features(sines(3, 64)).data)
              .toList();
      together.forEach(features -> assertThat(features).isEqualTo(alone));
    }
  }

  @Test
  void refusesNamesThatAreNotThere() throws IOException {
    Path model = write("means", OnnxModels.channelMeans("n", 3, 8, 8));

    assertRefused(model, OnnxSettings.defaults().withInput("image"))
        .hasMessageContaining("no input 'image'")
        .hasMessageContaining("'pixels' (FLOAT [-1, 3, 8, 8])");
    assertRefused(model, OnnxSettings.defaults().withOutput("tokens"))
        .hasMessageContaining("no output 'tokens'")
        .hasMessageContaining("'features' (FLOAT [-1, 3])");
    assertRefused(model, OnnxSettings.defaults().withPooling(Pooling.CLASS_TOKEN))
        .hasMessageContaining("CLASS_TOKEN does not fit output 'features'");
    try (OnnxBackbone backbone = OnnxBackbone.open(model)) {
      assertThatThrownBy(() -> backbone.output("tokens", sines(1, 8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no output 'tokens'");
    }
  }

  @Test
  void wantsAnOutputNamedWhereThereAreSeveral() throws IOException {
    Path model = write("two", OnnxModels.channelMeans("n", 3, 8, 8).output("pooled", "n", 3, 1, 1));

    assertRefused(model, OnnxSettings.defaults()).hasMessageContaining("not one output");
    try (OnnxBackbone pooled =
        OnnxBackbone.open(model, OnnxSettings.defaults().withOutput("pooled"), OPTIONS)) {
      assertClose(pooled.features(sines(2, 8)).data, channelMeans(sines(2, 8)));
    }
  }

  @Test
  void refusesInputsThatAreNoImages() throws IOException {
    OnnxModels vector =
        new OnnxModels()
            .node("Relu", "x", "features")
            .input("x", "n", 7)
            .output("features", "n", 7);
    assertBad(write("vector", vector)).hasMessageContaining("four axes").hasMessageContaining("7");
    OnnxModels grey = OnnxModels.channelMeans("n", 1, 8, 8);
    assertBad(write("grey", grey)).hasMessageContaining("three channels at axis 1");
    OnnxModels two =
        new OnnxModels()
            .node("Add", "x", "y", "sum")
            .node("GlobalAveragePool", "sum", "features")
            .input("x", "n", 3, 8, 8)
            .input("y", "n", 3, 8, 8)
            .output("features", "n", 3, 1, 1);
    assertThatThrownBy(
            () ->
                OnnxBackbone.open(
                    write("two", two), OnnxSettings.defaults().withInput("x"), OPTIONS))
        .isInstanceOf(BackboneFormatException.class)
        .hasMessageContaining("images alone");
  }

  @Test
  void refusesImagesOfAnotherResolutionThanTheModels() throws IOException {
    Path model = write("means", OnnxModels.channelMeans("n", 3, 8, 8));
    try (OnnxBackbone backbone = OnnxBackbone.open(model)) {
      assertThatThrownBy(() -> backbone.features(sines(1, 9)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[-1, 3, 8, 8]")
          .hasMessageContaining("9x9");
    }
    assertRefused(
            model,
            OnnxSettings.defaults()
                .withTransform(BackboneTransform.imageNet(Resolution.square(224))))
        .hasMessageContaining("transform to 224x224");
  }

  @Test
  void tellsOfVersionsThatAreTooNew() throws IOException {
    OnnxModels opset = OnnxModels.channelMeans("n", 3, 8, 8).opset(999);
    assertBad(write("opset", opset))
        .hasMessageContaining("opset 999")
        .hasMessageContaining("older opset_version");
    OnnxModels ir = OnnxModels.channelMeans("n", 3, 8, 8).irVersion(999);
    assertBad(write("ir", ir))
        .hasMessageContaining("IR version 999")
        .hasMessageContaining("older opset_version");
  }

  @Test
  void refusesDamagedModels() throws IOException {
    byte[] whole = Files.readAllBytes(resource("resnet"));
    assertBad(write("truncated", Arrays.copyOf(whole, whole.length / 2)))
        .hasMessageContaining("truncated.onnx")
        .hasMessageContaining("expected");
    assertBad(write("text", "not a model".getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("text.onnx");
    assertBad(write("empty", new byte[0])).hasMessageContaining("no graph");
    OnnxModels unknown =
        new OnnxModels()
            .node("NoSuchOperator", "x", "features")
            .input("x", "n", 3, 8, 8)
            .output("features", "n", 3);
    assertBad(write("operator", unknown)).hasMessageContaining("NoSuchOperator");
  }

  @Test
  void readsExternalData() throws IOException {
    ByteBuffer bias = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    bias.putFloat(4, 10).putFloat(8, 20).putFloat(12, 30);
    Files.write(folder.resolve("bias.data"), bias.array());
    Path model = write("external", withBias("bias.data", 4));

    try (OnnxBackbone backbone = OnnxBackbone.open(model)) {
      float[] expected = channelMeans(sines(2, 8));
      for (int i = 0; i < expected.length; i++) {
        expected[i] += 10 * (1 + i % 3);
      }
      assertClose(backbone.features(sines(2, 8)).data, expected);
      String before = backbone.identity().orElseThrow();
      Files.write(folder.resolve("bias.data"), bias.putFloat(4, 11).array());
      try (OnnxBackbone changed = OnnxBackbone.open(model)) {
        assertThat(changed.identity().orElseThrow()).isNotEqualTo(before);
      }
    }
  }

  @Test
  void refusesExternalDataThatAreMissingShortOrElsewhere() throws IOException {
    assertBad(write("missing", withBias("no.data", 0)))
        .hasMessageContaining("'bias'")
        .hasMessageContaining("'no.data' is missing");
    Files.write(folder.resolve("short.data"), new byte[8]);
    assertBad(write("short", withBias("short.data", 0)))
        .hasMessageContaining("bytes 0 to 12")
        .hasMessageContaining("8 bytes");

    Path inner = Files.createDirectories(folder.resolve("inner"));
    Files.write(folder.resolve("outer.data"), new byte[12]);
    String absolute = folder.resolve("outer.data").toAbsolutePath().toString();
    for (String location : List.of("../outer.data", "sub/../../outer.data", absolute, "")) {
      Path model = Files.write(inner.resolve("leaving.onnx"), withBias(location, 0).bytes());
      assertBad(model).hasMessageContaining("not inside the model's folder");
    }
    Files.createSymbolicLink(inner.resolve("link.data"), folder.resolve("outer.data"));
    Path link = Files.write(inner.resolve("link.onnx"), withBias("link.data", 0).bytes());
    assertBad(link).hasMessageContaining("outside the model's folder");
  }

  @Test
  void refusesGpusWithoutTheirArtifact() {
    assertThatThrownBy(
            () ->
                OnnxBackbone.open(
                    resource("resnet"),
                    OnnxSettings.defaults(),
                    OPTIONS.withDevice(Device.cuda(0))))
        .isInstanceOf(EngineException.class)
        .hasMessageMatching(
            "(?s).*com.microsoft.onnxruntime:onnxruntime_gpu:\\d+\\.\\d+\\.\\d+ .*");
  }

  @Test
  void isOfNoUseOnceClosed() throws IOException {
    OnnxBackbone backbone = open("resnet", OnnxSettings.defaults());
    backbone.close();
    backbone.close();

    assertThatThrownBy(() -> backbone.features(sines(1, 64)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void namesTheArtifactWhereItIsAbsent() throws IOException, InterruptedException {
    String others =
        ChildJvm.classPath(entry -> !new File(entry).getName().startsWith("onnxruntime"));
    Path said = folder.resolve("said.txt");

    Process process =
        ChildJvm.withClassPath(
                others, List.of("-Xmx64m"), WithoutOnnxRuntime.class, resource("resnet"))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();

    assertThat(process.waitFor()).as(Files.readString(said)).isZero();
    assertThat(Files.readString(said))
        .matches(
            "(?s)ONNX Runtime is not usable here: add to the class path"
                + " com\\.microsoft\\.onnxruntime:onnxruntime:\\d+\\.\\d+\\.\\d+\\s*");
  }

  @Test
  void opensInAProcessOfItsOwn() throws IOException, InterruptedException {
    Path said = folder.resolve("said.txt");
    Process process =
        ChildJvm.of(List.of("-Xmx64m"), Opening.class, resource("resnet"))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();

    assertThat(process.waitFor()).as(Files.readString(said)).isZero();
  }

  /** Opens a model. */
  static final class Opening {
    public static void main(String[] arguments) throws IOException {
      OnnxBackbone.open(Path.of(arguments[0])).close();
    }
  }

  /** Tells what opening a model says. */
  static final class WithoutOnnxRuntime {
    public static void main(String[] arguments) throws IOException {
      try {
        OnnxBackbone.open(Path.of(arguments[0])).close();
        throw new AssertionError("it was opened");
      } catch (MissingArtifactException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static OnnxModels withBias(String location, long offset) {
    return new OnnxModels()
        .external("bias", location, offset)
        .node("GlobalAveragePool", "pixels", "pooled")
        .node("Flatten", "pooled", "means")
        .node("Add", "means", "bias", "features")
        .input("pixels", "n", 3, 8, 8)
        .output("features", "n", 3);
  }

  private Path write(String name, OnnxModels model) throws IOException {
    return write(name, model.bytes());
  }

  private Path write(String name, byte[] model) throws IOException {
    return Files.write(folder.resolve(name + ".onnx"), model);
  }

  private OnnxBackbone open(String name, OnnxSettings settings) throws IOException {
    return OnnxBackbone.open(resource(name), settings, OPTIONS);
  }

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name + "-recorded.onnx");
    if (!Files.exists(file)) {
      try (InputStream model = OnnxBackboneTest.class.getResourceAsStream(name + ".onnx")) {
        Files.copy(model, file);
      }
    }
    return file;
  }

  private static float[] recorded(String name, int side) throws IOException {
    try (InputStream file = OnnxBackboneTest.class.getResourceAsStream("onnx-features.json")) {
      JsonObject all =
          JsonParser.parseString(new String(file.readAllBytes(), StandardCharsets.UTF_8))
              .getAsJsonObject();
      List<Float> values = new ArrayList<>();
      all.getAsJsonObject(name)
          .getAsJsonArray(Integer.toString(side))
          .forEach(row -> row.getAsJsonArray().forEach(value -> values.add(value.getAsFloat())));
      float[] array = new float[values.size()];
      for (int i = 0; i < array.length; i++) {
        array[i] = values.get(i);
      }
      return array;
    }
  }

  /** The images of make-onnx.py. */
  private static Images sines(int count, int side) {
    int length = count * 3 * side * side;
    FloatBuffer pixels =
        ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < length; i++) {
      pixels.put(i, (float) Math.sin(0.37 * i));
    }
    return new Images(pixels, count, Resolution.square(side));
  }

  private static float[] channelMeans(Images images) {
    int cells = images.resolution().pixels();
    float[] means = new float[3 * images.count()];
    for (int plane = 0; plane < means.length; plane++) {
      double sum = 0;
      for (int cell = 0; cell < cells; cell++) {
        sum += images.pixels().get(plane * cells + cell);
      }
      means[plane] = (float) (sum / cells);
    }
    return means;
  }

  private Dataset photos() throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Path photo = SampleImages.write(folder.resolve("photos/" + i + ".jpg"), 20 + i, 30);
      images.add(new LabeledImage(photo, i % 2));
    }
    return Dataset.of("photos", List.of("even", "odd"), images);
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("value %d", i).isEqualTo(expected[i], within(1e-4f));
    }
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      Path model, OnnxSettings settings) {
    return assertThatThrownBy(() -> OnnxBackbone.open(model, settings, OPTIONS))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertBad(Path model) {
    return assertThatThrownBy(() -> OnnxBackbone.open(model))
        .isInstanceOf(BackboneFormatException.class);
  }
}
