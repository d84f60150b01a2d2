package dev.fgvc.nets.backbone;

import dev.fgvc.image.ImageDecoding;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.ResizeFilter;
import dev.fgvc.image.ResizedCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.weights.Normalization;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * How a network of timm or torchvision wants its images for inference: resized as {@link
 * ResizedCrop} says, then normalised. Features of another transform than that of the training can
 * be far from those that the network was learnt for.
 *
 * <p>It is given wherever an {@link ImageTransform} is taken: {@code
 * FeatureExtraction.with(backbone, transform)}, {@code Evaluation.of(network, transform)}. Class
 * means on a device take bytes, so the loader gets {@link #pixels()} and the batches their
 * normalization:
 *
 * <pre>{@code
 * BatchLoader loader =
 *     BatchLoader.builder(birds, transform.pixels()).layout(PixelLayout.BYTES).build();
 * means.add(ByteImages.of(batch).withNormalization(transform.normalization()), batch.labels());
 * }</pre>
 *
 * @param resolution of the network's input
 * @param filter the resizing kernel
 * @param cropFraction the part of the resized image's shorter side that is kept, above 0 and at
 *     most 1; timm's {@code crop_pct}
 * @param fit what becomes of the aspect ratio; timm's {@code crop_mode}
 * @param normalization of the pixels
 * @param upright whether photos are turned as EXIF tells; timm and torchvision do not, yet a
 *     feature should not depend on how the camera was held
 */
public record BackboneTransform(
    Resolution resolution,
    ResizeFilter filter,
    double cropFraction,
    ResizedCrop.Fit fit,
    Normalization normalization,
    boolean upright)
    implements ImageTransform {

  /** Refuses a fraction out of range. */
  public BackboneTransform {
    pixels(resolution, filter, cropFraction, fit, upright);
  }

  /**
   * Returns the transform that timm takes for a network that says nothing: bicubic, the central
   * 87.5 %, ImageNet's normalization; photos are turned upright.
   *
   * @param resolution of the network's input
   * @return the transform
   */
  public static BackboneTransform imageNet(Resolution resolution) {
    return new BackboneTransform(
        resolution,
        ResizeFilter.BICUBIC,
        TimmConfig.CROP_FRACTION,
        ResizedCrop.Fit.CROP,
        Normalization.imageNet(),
        true);
  }

  /**
   * The transform of a model of timm, from the {@code config.json} of its repository or its {@code
   * pretrained_cfg} alone. What the file does not say is what {@link #imageNet} has.
   *
   * @param config a JSON file
   * @return the transform, at the model's own input size, with photos turned upright
   * @throws IOException if the file cannot be read
   * @throws BackboneFormatException if it is no such file, or asks for something that is not there,
   *     such as another filter or a border
   */
  public static BackboneTransform readTimm(Path config) throws IOException {
    return TimmConfig.require(JsonSettings.read(config));
  }

  /**
   * The same at another resolution, which many networks take too.
   *
   * @param other height and width
   * @return a changed copy
   */
  public BackboneTransform withResolution(Resolution other) {
    return new BackboneTransform(other, filter, cropFraction, fit, normalization, upright);
  }

  /**
   * The same with another kernel.
   *
   * @param other the resizing kernel
   * @return a changed copy
   */
  public BackboneTransform withFilter(ResizeFilter other) {
    return new BackboneTransform(resolution, other, cropFraction, fit, normalization, upright);
  }

  /**
   * The same with another crop.
   *
   * @param other the part of the shorter side that is kept, above 0 and at most 1
   * @return a changed copy
   */
  public BackboneTransform withCropFraction(double other) {
    return new BackboneTransform(resolution, filter, other, fit, normalization, upright);
  }

  /**
   * The same with the aspect ratio kept or not.
   *
   * @param other what becomes of it
   * @return a changed copy
   */
  public BackboneTransform withFit(ResizedCrop.Fit other) {
    return new BackboneTransform(resolution, filter, cropFraction, other, normalization, upright);
  }

  /**
   * The same with another normalization.
   *
   * @param other of the pixels
   * @return a changed copy
   */
  public BackboneTransform withNormalization(Normalization other) {
    return new BackboneTransform(resolution, filter, cropFraction, fit, other, upright);
  }

  /**
   * The same with photos turned or not.
   *
   * @param enabled whether to apply EXIF's orientation
   * @return a changed copy
   */
  public BackboneTransform withUpright(boolean enabled) {
    return new BackboneTransform(resolution, filter, cropFraction, fit, normalization, enabled);
  }

  /**
   * The transform before the normalization.
   *
   * @return what gives levels as bytes, and floats from -1 to 1
   */
  public ImageTransform pixels() {
    return pixels(resolution, filter, cropFraction, fit, upright);
  }

  private static ImageTransform pixels(
      Resolution resolution,
      ResizeFilter filter,
      double cropFraction,
      ResizedCrop.Fit fit,
      boolean upright) {
    return ResizedCrop.of(resolution, filter, cropFraction)
        .withFit(fit)
        .withDecoding(ImageDecoding.exact().withUpright(upright));
  }

  /** Writes normalised floats. */
  @Override
  public void apply(Path file, RandomGenerator random, FloatBuffer target) throws IOException {
    normalization.after(pixels()).apply(file, random, target);
  }

  @Override
  public void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
    normalization.after(pixels()).apply(encoded, name, random, target);
  }

  /**
   * Refuses bytes unless the normalization is the paper's; see {@link #pixels()}.
   *
   * @throws IllegalStateException if normalised values do not fit into bytes
   */
  @Override
  public void apply(Path file, RandomGenerator random, ByteBuffer target) throws IOException {
    normalization.after(pixels()).apply(file, random, target);
  }

  /** All that changes pixels. */
  @Override
  public String toString() {
    return normalization.after(pixels()).toString();
  }
}
