package dev.fgvc.nets.backbone;

import static com.google.common.base.Strings.lenientFormat;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.fgvc.file.WholeFile;
import dev.fgvc.image.ResizeFilter;
import dev.fgvc.image.ResizedCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.weights.Normalization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The settings that an ONNX model does not hold itself: how it wants its images, and which output
 * the features are. Kept beside the model, {@code resnet50.json} for {@code resnet50.onnx}; where
 * there is no such file, timm's {@code config.json} in the same folder tells the transform.
 * Whatever is empty is seen from the model.
 *
 * @param input name of the input; empty where there is one alone
 * @param output name of the output that the features come from; empty where there is one alone
 * @param layout of the images; empty for the one whose channels the model's shape has as 3, else
 *     {@link InputLayout#NCHW}
 * @param pooling from the output to a feature vector; empty for {@link Pooling#POOLED} of an output
 *     of two axes, and {@link Pooling#MAP_MEAN} of one of four
 * @param prefixTokens how many tokens {@link Pooling#TOKEN_MEAN} leaves out, at least 0
 * @param transform that makes the input of an image file; empty where the caller chooses
 */
public record OnnxSettings(
    Optional<String> input,
    Optional<String> output,
    Optional<InputLayout> layout,
    Optional<Pooling> pooling,
    int prefixTokens,
    Optional<BackboneTransform> transform) {

  private static final String FORMAT = "fgvc-onnx";
  private static final int VERSION = 1;
  private static final Set<String> MEMBERS =
      Set.of(
          "format", "version", "input", "output", "layout", "pooling", "prefixTokens", "transform");
  private static final Set<String> TRANSFORM_MEMBERS =
      Set.of("height", "width", "filter", "cropFraction", "fit", "mean", "deviation", "upright");

  /** Refuses a negative number of tokens. */
  public OnnxSettings {
    if (prefixTokens < 0) {
      throw new IllegalArgumentException(prefixTokens + " prefix tokens: must be at least 0");
    }
  }

  /**
   * Settings that leave all to the model; one prefix token.
   *
   * @return the settings
   */
  public static OnnxSettings defaults() {
    return new OnnxSettings(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        1,
        Optional.empty());
  }

  /**
   * Reads what stands beside a model.
   *
   * @param model an {@code .onnx} file
   * @return the settings of its own file, or those of timm's {@code config.json}, or the defaults
   * @throws IOException if a file cannot be read
   * @throws BackboneFormatException if the model's own file is not such a record, or timm's asks
   *     for something that is not there
   */
  public static OnnxSettings beside(Path model) throws IOException {
    Path own = fileOf(model);
    if (Files.exists(own)) {
      JsonSettings json = JsonSettings.read(own);
      if (json.has("format")) {
        return read(json);
      }
      return defaults().withTransform(TimmConfig.require(json));
    }
    Path config = model.resolveSibling("config.json");
    if (Files.exists(config)) {
      Optional<BackboneTransform> transform = TimmConfig.find(JsonSettings.read(config));
      return transform.map(defaults()::withTransform).orElse(defaults());
    }
    return defaults();
  }

  /**
   * Writes the settings beside a model, whole or not at all.
   *
   * @param model an {@code .onnx} file
   * @return the file written
   * @throws IOException if it cannot be written
   */
  public Path write(Path model) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("format", FORMAT);
    json.addProperty("version", VERSION);
    input.ifPresent(name -> json.addProperty("input", name));
    output.ifPresent(name -> json.addProperty("output", name));
    layout.ifPresent(value -> json.addProperty("layout", value.name()));
    pooling.ifPresent(value -> json.addProperty("pooling", value.name()));
    json.addProperty("prefixTokens", prefixTokens);
    transform.ifPresent(value -> json.add("transform", json(value)));
    Path file = fileOf(model);
    String text = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(json);
    WholeFile.write(file, (text + "\n").getBytes(StandardCharsets.UTF_8));
    return file;
  }

  private static JsonObject json(BackboneTransform transform) {
    JsonObject json = new JsonObject();
    json.addProperty("height", transform.resolution().height());
    json.addProperty("width", transform.resolution().width());
    json.addProperty("filter", transform.filter().name());
    json.addProperty("cropFraction", transform.cropFraction());
    json.addProperty("fit", transform.fit().name());
    json.add("mean", JsonSettings.array(transform.normalization().mean()));
    json.add("deviation", JsonSettings.array(transform.normalization().deviation()));
    json.addProperty("upright", transform.upright());
    return json;
  }

  private static OnnxSettings read(JsonSettings json) {
    String format = json.text("format").orElse("");
    int version = json.whole("version").orElse(0);
    if (!format.equals(FORMAT) || version != VERSION) {
      throw json.error(
          lenientFormat(
              "expected format '%s' of version %s, found '%s' of version %s",
              FORMAT, VERSION, format, version));
    }
    json.requireNoOthers(MEMBERS);
    try {
      return new OnnxSettings(
          json.text("input"),
          json.text("output"),
          json.constant("layout", InputLayout.class),
          json.constant("pooling", Pooling.class),
          json.whole("prefixTokens").orElse(1),
          json.object("transform").map(OnnxSettings::transform));
    } catch (IllegalArgumentException e) {
      throw json.error(String.valueOf(e.getMessage()));
    }
  }

  private static BackboneTransform transform(JsonSettings json) {
    json.requireNoOthers(TRANSFORM_MEMBERS);
    BackboneTransform defaults =
        BackboneTransform.imageNet(
            new Resolution(required(json, "height"), required(json, "width")));
    return new BackboneTransform(
        defaults.resolution(),
        json.constant("filter", ResizeFilter.class).orElse(defaults.filter()),
        json.number("cropFraction").orElse(defaults.cropFraction()),
        json.constant("fit", ResizedCrop.Fit.class).orElse(defaults.fit()),
        new Normalization(
            json.numbers("mean").orElse(defaults.normalization().mean()),
            json.numbers("deviation").orElse(defaults.normalization().deviation())),
        json.flag("upright").orElse(defaults.upright()));
  }

  private static int required(JsonSettings json, String name) {
    return json.whole(name)
        .orElseThrow(() -> json.error("the transform lacks '" + name + "', in pixels"));
  }

  private static Path fileOf(Path model) {
    String name = model.getFileName().toString();
    int end = name.lastIndexOf('.');
    return model.resolveSibling((end > 0 ? name.substring(0, end) : name) + ".json");
  }

  /**
   * The same with a name of the input.
   *
   * @param name of an input of four axes
   * @return new settings
   */
  public OnnxSettings withInput(String name) {
    return new OnnxSettings(Optional.of(name), output, layout, pooling, prefixTokens, transform);
  }

  /**
   * The same with a name of the output.
   *
   * @param name of the output that the features come from
   * @return new settings
   */
  public OnnxSettings withOutput(String name) {
    return new OnnxSettings(input, Optional.of(name), layout, pooling, prefixTokens, transform);
  }

  /**
   * The same with a layout.
   *
   * @param value order of the axes of the images
   * @return new settings
   */
  public OnnxSettings withLayout(InputLayout value) {
    return new OnnxSettings(input, output, Optional.of(value), pooling, prefixTokens, transform);
  }

  /**
   * The same with a pooling.
   *
   * @param value from the output to a feature vector
   * @return new settings
   */
  public OnnxSettings withPooling(Pooling value) {
    return new OnnxSettings(input, output, layout, Optional.of(value), prefixTokens, transform);
  }

  /**
   * The same with a number of tokens before those of the image.
   *
   * @param count at least 0; 1 for a class token, 5 for one and four registers
   * @return new settings
   */
  public OnnxSettings withPrefixTokens(int count) {
    return new OnnxSettings(input, output, layout, pooling, count, transform);
  }

  /**
   * The same with a transform.
   *
   * @param value makes the input of an image file
   * @return new settings
   */
  public OnnxSettings withTransform(BackboneTransform value) {
    return new OnnxSettings(input, output, layout, pooling, prefixTokens, Optional.of(value));
  }
}
