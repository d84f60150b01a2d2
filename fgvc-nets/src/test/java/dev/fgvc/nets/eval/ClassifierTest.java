package dev.fgvc.nets.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.metric.Calibration;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.testing.Filler;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.nets.weights.Provenance;
import dev.fgvc.nets.weights.SavedNetwork;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierTest {

  private static final Resolution SIZE = Resolution.square(40);
  private static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50.builder().classes(4).widthMultiplier(0.05).build();

  @TempDir Path folder;

  private static SavedNetwork saved(double temperature) {
    return new SavedNetwork(
            GRAPH,
            Filler.weights(GRAPH, 3),
            SIZE,
            new Normalization(List.of(0.4, 0.5, 0.6), List.of(0.2, 0.3, 0.25)),
            List.of("ant", "bee", "cicada", "dragonfly"),
            Provenance.unknown())
        .withTemperature(temperature);
  }

  private Path photo(String name, int height, int width) throws IOException {
    return SampleImages.write(folder.resolve(name), height, width);
  }

  private static float[] logits(SavedNetwork network, Path photo) throws IOException {
    float[] pixels = new float[3 * SIZE.pixels()];
    network.transform().apply(photo, new SplitMix64(0), FloatBuffer.wrap(pixels));
    try (Network compiled = Engine.best().compile(network.graph(), network.weights())) {
      return compiled.logits(new Images(FloatBuffer.wrap(pixels), 1, SIZE)).data.clone();
    }
  }

  @Test
  void namesTheLikeliestClassesOfAPhoto() throws IOException {
    Path photo = photo("a.jpg", 60, 50);
    Path file = folder.resolve("insects.safetensors");
    saved(2.5).write(file);
    float[] logits = logits(saved(2.5), photo);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit / 2.5);
    }
    try (Classifier classifier = Classifier.read(file)) {
      List<Guess> guesses = classifier.classify(photo, 9);
      assertThat(guesses).hasSize(4);
      for (Guess guess : guesses) {
        assertThat(guess.className()).isEqualTo(saved(1).classNames().get(guess.label()));
        assertThat(guess.probability())
            .isCloseTo(Math.exp(logits[guess.label()] / 2.5) / sum, within(1e-6));
      }
      assertThat(guesses)
          .isSortedAccordingTo((a, b) -> Double.compare(b.probability(), a.probability()));
      assertThat(classifier.classify(photo, 2)).isEqualTo(guesses.subList(0, 2));
      assertThat(classifier.classify(Files.readAllBytes(photo), Path.of("memory"), 4))
          .isEqualTo(guesses);
      assertThat(guesses.get(0).toString()).startsWith(guesses.get(0).className()).endsWith(" %");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.classify(photo, 0))
          .withMessageContaining("0 guesses");
    }
  }

  @Test
  void classifiesFoldersAndTellsDamagedPhotos() throws IOException {
    List<Path> photos = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      photos.add(photo(String.format(java.util.Locale.ROOT, "in/%02d.JPG", i), 30 + i, 90 - i));
    }
    photos.add(Files.write(folder.resolve("in/damaged.jpeg"), new byte[] {1, 2, 3}));
    photos.add(photo("in/deeper/last.jpg", 50, 50));
    Files.writeString(folder.resolve("in/notes.txt"), "no photo");
    try (Classifier classifier = Classifier.of(saved(1), Engine.best())) {
      List<Classification> answers = classifier.classifyFolder(folder.resolve("in"), 2);

      assertThat(answers).extracting(Classification::photo).containsExactlyElementsOf(photos);
      for (int i : new int[] {0, 31, 32, 39, 41}) {
        List<Guess> alone = classifier.classify(photos.get(i), 2);
        assertThat(answers.get(i).problem()).isEmpty();
        assertThat(answers.get(i).guesses())
            .extracting(Guess::label)
            .containsExactly(alone.get(0).label(), alone.get(1).label());
        assertThat(answers.get(i).guesses().get(0).probability())
            .isCloseTo(alone.get(0).probability(), within(1e-5));
      }
      assertThat(answers.get(40).guesses()).isEmpty();
      assertThat(answers.get(40).problem().orElseThrow())
          .contains("damaged.jpeg")
          .contains("neither a JPEG nor a PNG");
      assertThat(answers.get(40)).hasToString(answers.get(40).problem().orElseThrow());
      List<Guess> first = answers.get(0).guesses();
      assertThat(answers.get(0))
          .hasToString(photos.get(0) + ": " + first.get(0) + ", " + first.get(1));
      assertThatExceptionOfType(ImageFormatException.class)
          .isThrownBy(() -> classifier.classify(photos.get(40), 1));
      assertThatExceptionOfType(NoSuchFileException.class)
          .isThrownBy(() -> classifier.classify(List.of(Path.of("missing.jpg")), 1));
      assertThat(classifier.classify(List.of(), 1)).isEmpty();
    }
  }

  @Test
  void calibrationTravelsWithTheNetwork() throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    double[] scores = new double[4 * 12];
    int[] labels = new int[12];
    for (int i = 0; i < 12; i++) {
      Path photo = photo("c" + i + ".jpg", 30 + 9 * i, 160 - 11 * i);
      labels[i] = i % 4;
      images.add(new LabeledImage(photo, labels[i]));
      float[] logits = logits(saved(1), photo);
      for (int c = 0; c < 4; c++) {
        scores[4 * i + c] = logits[c];
      }
    }
    Dataset heldOut = Dataset.of("held out", saved(1).classNames(), images);
    double fitted = Calibration.fit(scores, labels, 4).temperature();
    try (Classifier classifier = Classifier.of(saved(1), Engine.best())) {
      SavedNetwork calibrated = classifier.calibrated(heldOut);

      assertThat(calibrated.temperature()).isCloseTo(fitted, within(1e-3 * fitted));
      try (Classifier again = Classifier.of(calibrated, Engine.best())) {
        assertThat(again.calibration(heldOut).crossEntropy())
            .isCloseTo(Calibration.of(scores, labels, 4, fitted).crossEntropy(), within(1e-4))
            .isLessThanOrEqualTo(classifier.calibration(heldOut).crossEntropy());
      }
    }
  }
}
