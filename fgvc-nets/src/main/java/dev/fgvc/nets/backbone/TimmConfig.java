package dev.fgvc.nets.backbone;

import dev.fgvc.image.ResizeFilter;
import dev.fgvc.image.ResizedCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.weights.Normalization;
import java.util.List;
import java.util.Optional;

/**
 * The transform in timm's {@code config.json}, by the rules of timm 1.0.29's {@code
 * resolve_data_config} (timm/data/config.py).
 */
final class TimmConfig {

  /** timm's DEFAULT_CROP_PCT. */
  static final double CROP_FRACTION = 0.875;

  private static final double SIDE = 224;

  private TimmConfig() {}

  /** Refuses JSON that is not of timm. */
  static BackboneTransform require(JsonSettings json) {
    return find(json)
        .orElseThrow(
            () -> json.error("expected timm's config.json or pretrained_cfg, found other JSON"));
  }

  /** Empty for JSON that is not of timm. */
  static Optional<BackboneTransform> find(JsonSettings json) {
    if (json.has("pretrained_cfg")) {
      return json.object("pretrained_cfg").map(TimmConfig::transform);
    }
    return json.has("input_size") ? Optional.of(transform(json)) : Optional.empty();
  }

  private static BackboneTransform transform(JsonSettings config) {
    List<Double> size = config.numbers("input_size").orElse(List.of(3.0, SIDE, SIDE));
    if (size.size() != 3 || size.get(0) != 3) {
      throw config.error("'input_size': expected [3, height, width], found " + size);
    }
    BackboneTransform defaults;
    try {
      defaults =
          BackboneTransform.imageNet(
              new Resolution(JsonSettings.asWhole(size.get(1)), JsonSettings.asWhole(size.get(2))));
      return new BackboneTransform(
          defaults.resolution(),
          filter(config),
          config.number("crop_pct").filter(value -> value != 0).orElse(CROP_FRACTION),
          fit(config),
          new Normalization(
              config.numbers("mean").orElse(defaults.normalization().mean()),
              config.numbers("std").orElse(defaults.normalization().deviation())),
          true);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw config.error("settings of no transform: " + e.getMessage());
    }
  }

  private static ResizeFilter filter(JsonSettings config) {
    String name = config.text("interpolation").orElse("bicubic");
    return switch (name) {
      case "bilinear" -> ResizeFilter.BILINEAR;
      case "bicubic" -> ResizeFilter.BICUBIC;
      default ->
          throw config.error("'interpolation': expected bilinear or bicubic, found '" + name + "'");
    };
  }

  private static ResizedCrop.Fit fit(JsonSettings config) {
    String name = config.text("crop_mode").orElse("center");
    return switch (name) {
      case "center" -> ResizedCrop.Fit.CROP;
      case "squash" -> ResizedCrop.Fit.SQUASH;
      default -> throw config.error("'crop_mode': expected center or squash, found '" + name + "'");
    };
  }
}
