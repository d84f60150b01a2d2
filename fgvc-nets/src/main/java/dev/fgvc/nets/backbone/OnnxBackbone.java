package dev.fgvc.nets.backbone;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.natives.SharedUse;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.guard.FinitePixels;
import dev.fgvc.nets.weights.Normalization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.ejml.data.FMatrixRMaj;

/**
 * A network exported to ONNX, as a backbone: a ResNet, a ConvNeXt, a vision transformer such as
 * DINOv2. Runs on ONNX Runtime, an optional dependency ({@code
 * com.microsoft.onnxruntime:onnxruntime}, or {@code onnxruntime_gpu} for NVIDIA GPUs).
 *
 * <p>Batches go through the model {@link OnnxOptions#imagesPerPass} images at a time, or as many as
 * the model fixes, the last pass filled up with zeros. Beside the weights and the activations of
 * one pass, memory is one pass of pixels where they have to be brought into another layout. Any
 * number of threads may use a backbone at once; closing waits for them.
 *
 * <p>Bytes are normalised as the settings' transform says, and where these have none as the batch
 * does. Floats are taken as they are: a transform has normalised them.
 *
 * <pre>{@code
 * try (OnnxBackbone dino = OnnxBackbone.open(Path.of("dinov2.onnx"))) {
 *   DomainFeatures birds = FeatureExtraction.with(dino).extract(dataset);
 * }
 * }</pre>
 */
public final class OnnxBackbone implements Backbone, AutoCloseable {

  private final OnnxModelFile model;
  private final OnnxSettings settings;
  private final OnnxOptions options;
  private final OnnxSession session;
  private final OnnxInput input;
  private final OnnxFeatures features;
  private final Supplier<String> identity;
  private final SharedUse use;

  private OnnxBackbone(
      OnnxModelFile model, OnnxSettings settings, OnnxOptions options, OnnxSession session) {
    this.model = model;
    this.settings = settings;
    this.options = options;
    this.session = session;
    this.use = new SharedUse(model.files().get(0).toString());
    this.input = OnnxInput.of(session, model, settings);
    requireTransformFits();
    this.features = OnnxFeatures.of(session, model, settings, input);
    this.identity = Suppliers.memoize(this::hashed);
  }

  /**
   * Opens a model with what stands beside it.
   *
   * @param model an {@code .onnx} file
   * @return the backbone; the caller closes it
   * @throws IOException if a file cannot be read
   * @throws BackboneFormatException as {@link #open(Path, OnnxSettings, OnnxOptions)}, or if the
   *     settings beside the model are damaged
   */
  public static OnnxBackbone open(Path model) throws IOException {
    return open(model, OnnxSettings.beside(model), OnnxOptions.defaults());
  }

  /**
   * Opens a model.
   *
   * @param model an {@code .onnx} file, with its external data in the same folder or below
   * @param settings what the model does not say itself
   * @param options where it computes
   * @return the backbone; the caller closes it
   * @throws IOException if a file cannot be read
   * @throws BackboneFormatException if the file is damaged or of a version that ONNX Runtime does
   *     not take, its external data are missing, too short or outside its folder, or the input is
   *     not images
   * @throws IllegalArgumentException if the settings name an input or output that is not there, a
   *     pooling or resolution that does not fit, or leave a choice open that the model does not
   *     make
   * @throws dev.fgvc.artifact.MissingArtifactException if ONNX Runtime is not on the class path
   * @throws dev.fgvc.nets.engine.EngineException if it cannot be loaded, or the device is not there
   */
  public static OnnxBackbone open(Path model, OnnxSettings settings, OnnxOptions options)
      throws IOException {
    OnnxModelFile file = OnnxModelFile.read(model);
    OnnxLibrary.load();
    OnnxSession session = OnnxSession.open(file, options);
    try {
      return new OnnxBackbone(file, settings, options, session);
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  private Path path() {
    return model.files().get(0);
  }

  private void requireTransformFits() {
    settings
        .transform()
        .map(BackboneTransform::resolution)
        .ifPresent(resolution -> requireTaken(resolution, "its settings have a transform to"));
  }

  private void requireTaken(Resolution resolution, String whose) {
    checkArgument(input.takes(resolution), "%s takes %s, %s %s", path(), input, whose, resolution);
  }

  /**
   * Returns the settings that the model was opened with.
   *
   * @return settings with input, output, layout and pooling as they were found
   */
  public OnnxSettings settings() {
    return settings
        .withInput(input.name())
        .withOutput(features.output())
        .withLayout(input.layout())
        .withPooling(features.pooling());
  }

  @Override
  public int featureDimension() {
    return features.dimension();
  }

  /**
   * The pooled features of a batch.
   *
   * @param images of a resolution that the model takes
   * @return [images, feature dimension]
   * @throws IllegalArgumentException if the model fixes another resolution, or a pixel is NaN or
   *     infinite
   * @throws IllegalStateException if the backbone is closed
   * @throws dev.fgvc.nets.engine.EngineException if memory does not suffice or the model fails, as
   *     some do at other resolutions than their own
   */
  @Override
  public FMatrixRMaj features(ImageBatch images) {
    FMatrixRMaj rows = new FMatrixRMaj(images.count(), features.dimension());
    forEachPass(
        images,
        features.output(),
        (first, count, found) -> {
          features.require(found.shape());
          features
              .pooling()
              .pool(
                  found.values(),
                  found.shape(),
                  count,
                  settings.prefixTokens(),
                  rows.data,
                  first * features.dimension());
        });
    return rows;
  }

  /**
   * Any output as it is, such as an activation or all tokens.
   *
   * @param name of an output
   * @param images of a resolution that the model takes
   * @return one row for each image: the values of its other axes, the last fastest
   * @throws IllegalArgumentException if there is no such output, the model fixes another
   *     resolution, or a pixel is NaN or infinite
   * @throws IllegalStateException if the backbone is closed
   * @throws dev.fgvc.nets.engine.EngineException if memory does not suffice or the model fails
   */
  public FMatrixRMaj output(String name, ImageBatch images) {
    OnnxFeatures.requireOutput(session, path(), name);
    FMatrixRMaj all = new FMatrixRMaj(images.count(), 0);
    forEachPass(
        images,
        name,
        (first, count, found) -> {
          int length = found.values().remaining() / Math.toIntExact(found.shape()[0]);
          if (first == 0) {
            all.reshape(images.count(), length);
          }
          found.values().get(found.values().position(), all.data, first * length, count * length);
        });
    return all;
  }

  /** Takes what one pass gives. */
  private interface Pass {
    void accept(int first, int count, OnnxSession.Output found);
  }

  private void forEachPass(ImageBatch images, String name, Pass pass) {
    requireTaken(images.resolution(), "the images are");
    FinitePixels.require(images);
    use.whileOpen(
        () -> {
          float[][] levels = normalization(images).levels();
          int most = input.batch(options.imagesPerPass());
          for (int first = 0; first < images.count(); first += most) {
            int count = Math.min(most, images.count() - first);
            int size = input.hasFixedBatch() ? most : count;
            FloatBuffer values = input.values(images.part(first, count), levels, size);
            long[] shape = input.shapeOf(size, images.resolution());
            pass.accept(first, count, session.run(input.name(), values, shape, name));
          }
          return true;
        });
  }

  private Normalization normalization(ImageBatch images) {
    return settings
        .transform()
        .map(BackboneTransform::normalization)
        .orElseGet(
            () ->
                images instanceof ByteImages bytes
                    ? bytes.normalization()
                    : Normalization.inception());
  }

  @Override
  public Optional<ImageTransform> transform() {
    return settings.transform().map(transform -> transform);
  }

  /** The SHA-256 of the model and its external data, and what of its output the features are. */
  @Override
  public Optional<String> identity() {
    return Optional.of(identity.get());
  }

  private String hashed() {
    Hasher hasher = Hashing.sha256().newHasher();
    try {
      for (Path file : model.files()) {
        hasher.putBytes(MoreFiles.asByteSource(file).hash(Hashing.sha256()).asBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String tokens =
        features.pooling() == Pooling.TOKEN_MEAN ? " after " + settings.prefixTokens() : "";
    return "ONNX model #"
        + hasher.hash()
        + ", "
        + features.pooling()
        + tokens
        + " of '"
        + features.output()
        + "', "
        + input.layout();
  }

  /** Frees the model. Closing twice does nothing. */
  @Override
  public void close() {
    use.close(session::close);
  }

  /** The model's file, its input and its features. */
  @Override
  public String toString() {
    return path()
        + " ("
        + input
        + ", "
        + features.dimension()
        + " features from '"
        + features.output()
        + "')";
  }
}
