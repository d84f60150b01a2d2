package dev.fgvc.nets.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ResizeFilter;
import dev.fgvc.image.ResizedCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.BatchLoader;
import dev.fgvc.loader.Batches;
import dev.fgvc.loader.PixelLayout;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackboneTransformTest {

  private static final Resolution SMALL = Resolution.square(32);

  @TempDir private Path folder;

  @Test
  void normalisesWhatResizingGives() throws IOException {
    BackboneTransform transform = BackboneTransform.imageNet(SMALL);
    Path photo = SampleImages.write(folder.resolve("photo.jpg"), 50, 70);
    ByteBuffer levels = ByteBuffer.allocate(3 * SMALL.pixels());
    FloatBuffer floats = FloatBuffer.allocate(3 * SMALL.pixels());

    transform.pixels().apply(photo, new SplitMix64(1), levels);
    transform.apply(photo, new SplitMix64(1), floats);

    Normalization imageNet = Normalization.imageNet();
    for (int cell = 0; cell < SMALL.pixels(); cell++) {
      for (int channel = 0; channel < 3; channel++) {
        double level = (levels.get(3 * cell + channel) & 0xff) / 255.0;
        double expected =
            (level - imageNet.mean().get(channel)) / imageNet.deviation().get(channel);
        assertThat((double) floats.get(channel * SMALL.pixels() + cell))
            .isEqualTo(expected, within(1e-6 * 4));
      }
    }
  }

  @Test
  void readsTheConfigOfTimmsRepositories() throws IOException {
    Path config =
        write(
            """
            {"architecture": "vit_base_patch14_dinov2", "num_classes": 0, "num_features": 768,
             "pretrained_cfg": {"tag": "lvd142m", "input_size": [3, 518, 518],
              "fixed_input_size": true, "interpolation": "bicubic", "crop_pct": 1.0,
              "crop_mode": "squash", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
            """);

    assertThat(BackboneTransform.readTimm(config))
        .isEqualTo(
            new BackboneTransform(
                Resolution.square(518),
                ResizeFilter.BICUBIC,
                1,
                ResizedCrop.Fit.SQUASH,
                Normalization.imageNet(),
                true));
  }

  @Test
  void fillsUpTimmsConfigByItsRules() throws IOException {
    Path config =
        write(
            "{\"input_size\": [3, 299, 299], \"interpolation\": \"bilinear\","
                + " \"mean\": [0.5, 0.5, 0.5], \"std\": [0.5, 0.5, 0.5], \"crop_pct\": null}");

    assertThat(BackboneTransform.readTimm(config))
        .isEqualTo(
            BackboneTransform.imageNet(Resolution.square(299))
                .withFilter(ResizeFilter.BILINEAR)
                .withNormalization(Normalization.inception()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"input_size\": [1, 8, 8]} | [3, height, width]",
        "{\"input_size\": [3, 0.5, 8]} | no transform",
        "{\"input_size\": [3, 8, 8], \"interpolation\": \"random\"} | found 'random'",
        "{\"input_size\": [3, 8, 8], \"crop_mode\": \"border\"} | found 'border'",
        "{\"input_size\": [3, 8, 8], \"crop_pct\": 3} | at most 1",
        "{\"input_size\": [3, 8, 8], \"mean\": [1, 2]} | three finite means",
        "{\"input_size\": \"large\"} | expected a list of numbers",
        "{\"model_type\": \"dinov2\"} | expected timm's config.json",
        "[1] | expected a JSON object"
      })
  void refusesConfigsOfNoTransform(String json, String complaint) throws IOException {
    Path config = write(json);

    assertThatThrownBy(() -> BackboneTransform.readTimm(config))
        .isInstanceOf(BackboneFormatException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(complaint);
  }

  @Test
  void settingsBesideAModelComeBackAsTheyWere() throws IOException {
    Path model = folder.resolve("model.onnx");
    OnnxSettings settings =
        OnnxSettings.defaults()
            .withInput("x")
            .withOutput("tokens")
            .withLayout(InputLayout.NHWC)
            .withPooling(Pooling.TOKEN_MEAN)
            .withPrefixTokens(5)
            .withTransform(
                BackboneTransform.imageNet(new Resolution(20, 30))
                    .withFit(ResizedCrop.Fit.SQUASH)
                    .withCropFraction(0.95)
                    .withUpright(false));

    assertThat(settings.write(model)).hasFileName("model.json");
    assertThat(OnnxSettings.beside(model)).isEqualTo(settings);
  }

  @Test
  void timmsConfigStandsInForSettings() throws IOException {
    Path model = folder.resolve("model.onnx");
    assertThat(OnnxSettings.beside(model)).isEqualTo(OnnxSettings.defaults());
    write("{\"pretrained_cfg\": {\"input_size\": [3, 64, 64]}}");

    assertThat(OnnxSettings.beside(model).transform())
        .contains(BackboneTransform.imageNet(Resolution.square(64)));

    OnnxSettings.defaults().withPrefixTokens(2).write(model);
    assertThat(OnnxSettings.beside(model)).isEqualTo(OnnxSettings.defaults().withPrefixTokens(2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"format\": \"fgvc-onnx\", \"version\": 2}",
        "{\"format\": \"other\", \"version\": 1}",
        "{\"format\": \"fgvc-onnx\", \"version\": 1, \"ouput\": \"x\"}",
        "{\"format\": \"fgvc-onnx\", \"version\": 1, \"pooling\": \"SUM\"}",
        "{\"format\": \"fgvc-onnx\", \"version\": 1, \"prefixTokens\": -1}",
        "{\"format\": \"fgvc-onnx\", \"version\": 1, \"transform\": {\"height\": 8}}",
        "{\"format\": \"fgvc-onnx\", \"version\": 1, \"transform\": {\"height\": 8, \"width\": 0}}",
        "{\"format\": \"fgvc-onnx\", \"version\": 1, \"transform\":"
            + " {\"height\": 8, \"width\": 8, \"upright\": \"yes\"}}",
        "{",
        ""
      })
  void refusesDamagedSettings(String json) throws IOException {
    Files.writeString(folder.resolve("model.json"), json);

    assertThatThrownBy(() -> OnnxSettings.beside(folder.resolve("model.onnx")))
        .isInstanceOf(BackboneFormatException.class)
        .hasMessageContaining("model.json");
  }

  @Test
  void isTakenByEvaluationAndExtractionAndClassMeansAlike() throws IOException {
    BackboneTransform transform = BackboneTransform.imageNet(SMALL);
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Path photo = SampleImages.write(folder.resolve(i + ".jpg"), 40 + 9 * i, 50);
      images.add(new LabeledImage(photo, i % 2));
    }
    Dataset photos = Dataset.of("photos", List.of("even", "odd"), images);
    NetworkGraph graph =
        Architecture.RESNET_V2_50.builder().classes(2).widthMultiplier(0.1).build();
    for (Engine engine : List.of(Engine.torch(), Engine.nd4j())) {
      try (Network network = engine.compile(graph, Weights.initialize(graph, 1))) {
        float[] extracted =
            FeatureExtraction.with(network, transform).extract(photos).classMeans().data;
        float[] gathered = gathered(network, photos, transform);

        for (int i = 0; i < extracted.length; i++) {
          assertThat(gathered[i])
              .as("%s, value %d", engine.name(), i)
              .isEqualTo(extracted[i], within(1e-4f * (1 + Math.abs(extracted[i]))));
        }
        assertThat(Evaluation.of(network, transform).topKError(photos, 2).error()).isZero();
      }
    }
  }

  private static float[] gathered(Network network, Dataset photos, BackboneTransform transform) {
    try (BatchLoader loader =
            BatchLoader.builder(photos, transform.pixels()).layout(PixelLayout.BYTES).build();
        DeviceClassMeans means = network.classMeans(2);
        Batches batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          means.add(
              ByteImages.of(batch).withNormalization(transform.normalization()), batch.labels());
        }
      }
      return means.toDomain("photos", photos.classNames()).classMeans().data;
    }
  }

  private Path write(String json) throws IOException {
    return Files.writeString(folder.resolve("config.json"), json);
  }
}
