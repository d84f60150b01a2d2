package dev.fgvc.nets.experiment;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.fgvc.file.WholeFile;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Finished work of a laboratory. Each result has a folder of its own, named by the hash of all that
 * made it, so that work with another plan, data set or seed is never taken for it; the folder notes
 * what made it and the hash of its content, and both are checked before it is used. A result that
 * is not noted as finished does not count.
 */
final class ResultFolder {

  private static final String NOTE = "result.json";
  private static final String CHECKPOINTS = "checkpoints";
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private final Path folder;

  /** One for each result that this process works on, so that it is done once. */
  private final Map<Path, Object> locks = new ConcurrentHashMap<>();

  ResultFolder(Path folder) {
    this.folder = folder;
  }

  /** The things that made a result, and the SHA-256 of its content. */
  private record Note(Map<String, String> madeOf, String content) {}

  private interface Form<T> {
    T read(Path file) throws IOException;

    void write(T value, Path file) throws IOException;
  }

  private static final Form<Weights> WEIGHTS =
      new Form<>() {
        @Override
        public Weights read(Path file) throws IOException {
          return Weights.read(file);
        }

        @Override
        public void write(Weights value, Path file) throws IOException {
          value.write(file);
        }
      };

  private static final Form<Measured> MEASURED =
      new Form<>() {
        @Override
        public Measured read(Path file) throws IOException {
          return Measured.fromJson(Files.readString(file));
        }

        @Override
        public void write(Measured value, Path file) throws IOException {
          WholeFile.write(file, value.toJson().getBytes(StandardCharsets.UTF_8));
        }
      };

  /**
   * The weights that a training ended with.
   *
   * @param madeOf all that makes the training
   * @param training is given a folder for its checkpoints
   */
  Weights weights(Map<String, String> madeOf, Function<Path, Weights> training) {
    return kept("training", madeOf, "weights.safetensors", WEIGHTS, training);
  }

  /** The results of a measurement. */
  Measured measured(Map<String, String> madeOf, Supplier<Measured> measurement) {
    return kept("measurement", madeOf, "measured.json", MEASURED, checkpoints -> measurement.get());
  }

  /** The folder for the features of a data set, which note themselves what they are made of. */
  Path features(Map<String, String> madeOf) {
    return place("features", madeOf);
  }

  private <T> T kept(
      String kind, Map<String, String> madeOf, String name, Form<T> form, Function<Path, T> work) {
    Path place = place(kind, madeOf);
    synchronized (locks.computeIfAbsent(place, each -> new Object())) {
      try {
        if (Files.exists(place.resolve(NOTE))) {
          return read(place, new TreeMap<>(madeOf), name, form);
        }
        Path checkpoints = place.resolve(CHECKPOINTS);
        T value = work.apply(checkpoints);
        Files.createDirectories(place);
        form.write(value, place.resolve(name));
        Note note = new Note(new TreeMap<>(madeOf), hash(place.resolve(name)));
        WholeFile.write(place.resolve(NOTE), GSON.toJson(note).getBytes(StandardCharsets.UTF_8));
        if (Files.exists(checkpoints)) {
          MoreFiles.deleteRecursively(checkpoints, RecursiveDeleteOption.ALLOW_INSECURE);
        }
        return value;
      } catch (IOException e) {
        throw new UncheckedIOException("results cannot be kept in " + place + ": " + e, e);
      }
    }
  }

  private static <T> T read(Path place, Map<String, String> madeOf, String name, Form<T> form)
      throws IOException {
    Note note;
    try {
      note = GSON.fromJson(Files.readString(place.resolve(NOTE)), Note.class);
    } catch (JsonParseException e) {
      throw new IllegalStateException(
          place.resolve(NOTE) + " is damaged: delete " + place + " to do its work again", e);
    }
    if (note == null || !madeOf.equals(note.madeOf())) {
      throw new IllegalStateException(
          place
              + " holds another result: it is made of "
              + (note == null ? "nothing" : note.madeOf())
              + ", wanted is one of "
              + madeOf
              + "; delete it to do the work again");
    }
    boolean present = Files.exists(place.resolve(name));
    if (!present || !hash(place.resolve(name)).equals(note.content())) {
      throw new IllegalStateException(
          place.resolve(name)
              + (present ? " has changed since it was written" : " is missing")
              + ": delete "
              + place
              + " to do its work again");
    }
    return form.read(place.resolve(name));
  }

  private Path place(String kind, Map<String, String> madeOf) {
    String text = GSON.toJson(new TreeMap<>(madeOf));
    return folder
        .resolve(kind)
        .resolve(Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString());
  }

  private static String hash(Path file) throws IOException {
    return MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
  }
}
