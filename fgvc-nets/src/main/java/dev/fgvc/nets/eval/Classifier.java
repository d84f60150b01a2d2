package dev.fgvc.nets.eval;

import com.google.common.collect.Lists;
import dev.fgvc.data.Dataset;
import dev.fgvc.data.ImageFolder;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.metric.Calibration;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.weights.SavedNetwork;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.FMatrixRMaj;

/**
 * A trained network at work: from photos to names of classes with probabilities. All that belongs
 * to the network travels in its file: classes, resolution, normalization, orientation, temperature.
 *
 * <pre>{@code
 * try (Classifier classifier = Classifier.read(Path.of("birds.safetensors"))) {
 *   classifier.classify(photo, 5).forEach(System.out::println);
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads at once. Lists and folders are decoded on all threads of the
 * common pool, and computed in batches of {@value BatchedInference#BATCH_SIZE}.
 */
public final class Classifier implements AutoCloseable {

  private final SavedNetwork saved;
  private final ImageTransform transform;
  private final Network network;

  private Classifier(SavedNetwork saved, Network network) {
    this.saved = saved;
    this.transform = saved.transform();
    this.network = network;
  }

  /**
   * Reads a network that {@link SavedNetwork#write} has written, for the best engine of the class
   * path.
   *
   * @param file the file
   * @return the classifier, to be closed
   * @throws dev.fgvc.nets.weights.WeightsFormatException if the file is damaged or holds weights
   *     alone
   * @throws IOException if it cannot be read
   */
  public static Classifier read(Path file) throws IOException {
    Engine.startLoading();
    return of(SavedNetwork.read(file), Engine.best());
  }

  /**
   * Compiles a network.
   *
   * @param saved with its classes and what its images are like
   * @param engine computes
   * @return the classifier, to be closed
   */
  public static Classifier of(SavedNetwork saved, Engine engine) {
    return new Classifier(saved, engine.compile(saved.graph(), saved.weights()));
  }

  /**
   * Returns the network that the classifier was made of.
   *
   * @return the network with its classes
   */
  public SavedNetwork saved() {
    return saved;
  }

  /**
   * Classifies one photo.
   *
   * @param photo a JPEG, PNG or WebP file
   * @param k how many guesses, at least 1; all classes if there are fewer
   * @return the likeliest classes first; of equal ones, the one of the lower label
   * @throws ImageFormatException if the file is damaged
   * @throws IOException if it cannot be read
   */
  public List<Guess> classify(Path photo, int k) throws IOException {
    FloatBuffer pixels = pixels(1);
    transform.apply(photo, new SplitMix64(0), pixels.duplicate());
    return guesses(pixels, 1, k).get(0);
  }

  /**
   * Classifies a photo that is in memory.
   *
   * @param encoded the contents of a JPEG, PNG or WebP file
   * @param name what messages call it
   * @param k how many guesses, at least 1; all classes if there are fewer
   * @return the likeliest classes first; of equal ones, the one of the lower label
   * @throws ImageFormatException if the contents are damaged
   */
  public List<Guess> classify(byte[] encoded, Path name, int k) {
    FloatBuffer pixels = pixels(1);
    transform.apply(encoded, name, new SplitMix64(0), pixels.duplicate());
    return guesses(pixels, 1, k).get(0);
  }

  /**
   * Classifies many photos. One that is damaged is told by its answer and ends nothing.
   *
   * @param photos JPEG, PNG or WebP files
   * @param k how many guesses, at least 1; all classes if there are fewer
   * @return an answer for each photo, in their order
   * @throws IOException if a file cannot be read
   */
  public List<Classification> classify(List<Path> photos, int k) throws IOException {
    requireGuesses(k);
    List<Classification> answers = new ArrayList<>();
    for (List<Path> batch : Lists.partition(photos, BatchedInference.BATCH_SIZE)) {
      answers.addAll(classifyBatch(batch, k));
    }
    return answers;
  }

  /**
   * Classifies all photos of a folder and of the folders in it: the files whose names end in .jpg,
   * .jpeg, .png or .webp. Links are not followed.
   *
   * @param folder where they lie
   * @param k how many guesses, at least 1; all classes if there are fewer
   * @return an answer for each photo, by the order of their paths
   * @throws IOException if the folder or a file cannot be read
   */
  public List<Classification> classifyFolder(Path folder, int k) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return classify(files.filter(Classifier::isPhoto).sorted().toList(), k);
    }
  }

  /**
   * Fits a temperature, so that probabilities tell how often the network is right.
   *
   * @param heldOut images of the same classes that were not trained on
   * @return the network to be saved in the place of this one, with that temperature
   * @throws IllegalArgumentException if network and data set differ in their classes, or the data
   *     set is empty
   */
  public SavedNetwork calibrated(Dataset heldOut) {
    Calibration calibration = Evaluation.of(network, transform).calibrate(heldOut);
    return saved.withTemperature(calibration.temperature());
  }

  /**
   * Measures how well calibrated this classifier's probabilities are.
   *
   * @param dataset images of the same classes that neither training nor calibration has seen
   * @return their calibration at this network's temperature
   * @throws IllegalArgumentException if network and data set differ in their classes, or the data
   *     set is empty
   */
  public Calibration calibration(Dataset dataset) {
    return Evaluation.of(network, transform).calibration(dataset, saved.temperature());
  }

  /** Frees the native memory. Closing twice does nothing. */
  @Override
  public void close() {
    network.close();
  }

  private static boolean isPhoto(Path file) {
    return Files.isRegularFile(file) && ImageFolder.namesImage(file);
  }

  private static void requireGuesses(int k) {
    if (k < 1) {
      throw new IllegalArgumentException(k + " guesses for each photo; at least 1 is needed");
    }
  }

  private List<Classification> classifyBatch(List<Path> batch, int k) throws IOException {
    FloatBuffer pixels = pixels(batch.size());
    List<Optional<String>> problems;
    try {
      problems =
          IntStream.range(0, batch.size())
              .parallel()
              .mapToObj(i -> decode(batch.get(i), slice(pixels, i)))
              .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    List<List<Guess>> guesses = guesses(pixels, batch.size(), k);
    List<Classification> answers = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      List<Guess> known = problems.get(i).isEmpty() ? guesses.get(i) : List.of();
      answers.add(new Classification(batch.get(i), known, problems.get(i)));
    }
    return answers;
  }

  /** Decodes a file. Returns the fault of one that is damaged, whose pixels are zeros. */
  private Optional<String> decode(Path photo, FloatBuffer pixels) {
    try {
      transform.apply(photo, new SplitMix64(0), pixels.duplicate());
      return Optional.empty();
    } catch (ImageFormatException e) {
      for (int i = 0; i < pixels.limit(); i++) {
        pixels.put(i, 0);
      }
      return Optional.of(e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int valuesPerPhoto() {
    return Math.toIntExact(3L * saved.resolution().pixels());
  }

  private FloatBuffer pixels(int photos) {
    return Images.allocate(photos, saved.resolution());
  }

  private FloatBuffer slice(FloatBuffer pixels, int photo) {
    return pixels.slice(photo * valuesPerPhoto(), valuesPerPhoto());
  }

  private List<List<Guess>> guesses(FloatBuffer pixels, int photos, int k) {
    requireGuesses(k);
    FMatrixRMaj logits = network.logits(new Images(pixels, photos, saved.resolution()));
    return IntStream.range(0, photos).mapToObj(photo -> guesses(logits, photo, k)).toList();
  }

  private List<Guess> guesses(FMatrixRMaj logits, int photo, int k) {
    double[] probabilities = LogProbabilities.softmax(logits, photo, saved.temperature());
    return IntStream.range(0, probabilities.length)
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                    (Integer label) -> -logits.data[photo * logits.numCols + label])
                .thenComparingInt(label -> label))
        .limit(k)
        .map(label -> new Guess(label, saved.className(label), probabilities[label]))
        .toList();
  }
}
