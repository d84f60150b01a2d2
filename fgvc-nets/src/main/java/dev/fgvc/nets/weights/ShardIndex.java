package dev.fgvc.nets.weights;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The index of weights that were saved in shards: a JSON file whose {@code weight_map} says in
 * which files beside it a name lies. Hugging Face's ({@code model.safetensors.index.json}) maps a
 * tensor to one file, Keras' ({@code model.weights.json}) a layer to one file or several.
 *
 * @param file the index itself
 * @param shards names of files, by the name of a tensor or layer
 */
record ShardIndex(Path file, Map<String, Set<String>> shards) {

  private static final Pattern SAFETENSORS =
      Pattern.compile("(.+)-\\d{5}-of-(\\d{5})\\.safetensors");
  private static final Pattern KERAS = Pattern.compile("(.+)_\\d{5}\\.weights\\.h5");

  /** A network of ten thousand layers takes about one of these 64 MiB. */
  private static final long MAX_SIZE = 1L << 26;

  static boolean isIndex(Path file) {
    return file.getFileName().toString().endsWith(".json");
  }

  /** The shards, each of which exists, in the order in which the index names them. */
  Map<String, Path> files() throws IOException {
    Map<String, Path> files = new LinkedHashMap<>();
    for (Set<String> names : shards.values()) {
      for (String name : names) {
        Path shard = file.resolveSibling(name);
        if (!files.containsKey(name) && !Files.isRegularFile(shard)) {
          throw new NoSuchFileException(
              shard.toString(), null, "one of the shards that " + file + " names");
        }
        files.put(name, shard);
      }
    }
    return files;
  }

  static ShardIndex read(Path file) throws IOException {
    if (Files.size(file) > MAX_SIZE) {
      throw new WeightsFormatException(
          file, "holds " + Files.size(file) + " bytes; an index of shards has fewer");
    }
    Map<String, Set<String>> shards = new LinkedHashMap<>();
    String json = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    try (JsonReader reader = new JsonReader(new StringReader(json))) {
      reader.beginObject();
      while (reader.hasNext()) {
        if (!reader.nextName().equals("weight_map")) {
          reader.skipValue();
          continue;
        }
        reader.beginObject();
        while (reader.hasNext()) {
          shards.put(reader.nextName(), names(file, reader));
        }
        reader.endObject();
      }
    } catch (EOFException | MalformedJsonException e) {
      throw new WeightsFormatException(file, "is not JSON: " + e.getMessage());
    } catch (IOException | IllegalStateException e) {
      throw new WeightsFormatException(file, "is no index of shards: " + e.getMessage());
    }
    if (shards.isEmpty()) {
      throw new WeightsFormatException(
          file, "names no shards in a 'weight_map', so it is no index of weights");
    }
    return new ShardIndex(file, shards);
  }

  private static Set<String> names(Path file, JsonReader reader) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    if (reader.peek() == JsonToken.BEGIN_ARRAY) {
      reader.beginArray();
      while (reader.hasNext()) {
        names.add(requirePlain(file, reader.nextString()));
      }
      reader.endArray();
    } else {
      names.add(requirePlain(file, reader.nextString()));
    }
    return names;
  }

  /** A shard lies beside its index, and nowhere else. */
  private static String requirePlain(Path file, String name) {
    if (!name.matches("[^/\\\\:\0]+") || name.equals(".") || name.equals("..")) {
      throw new WeightsFormatException(
          file, "names the shard '" + name + "'; shards lie in the folder of their index");
    }
    return name;
  }

  /**
   * Refuses one shard alone, whose layers would seem to be all.
   *
   * @throws IllegalArgumentException naming the index to take instead
   */
  static void requireNoShard(Path file) throws IOException {
    String name = file.getFileName().toString();
    Matcher keras = KERAS.matcher(name);
    if (keras.matches()) {
      // Epochs are numbered alike, so only an index that names the file tells.
      Path index = file.resolveSibling(keras.group(1) + ".weights.json");
      if (Files.isRegularFile(index) && names(index, name)) {
        throw new IllegalArgumentException(
            file + " is one shard of several; give their index " + index);
      }
    }
    Matcher safetensors = SAFETENSORS.matcher(name);
    if (safetensors.matches() && Integer.parseInt(safetensors.group(2)) > 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s is one shard of %d; give their index %s",
              file,
              Integer.parseInt(safetensors.group(2)),
              file.resolveSibling(safetensors.group(1) + ".safetensors.index.json")));
    }
  }

  private static boolean names(Path index, String shard) throws IOException {
    try {
      return read(index).shards().values().stream().anyMatch(shards -> shards.contains(shard));
    } catch (WeightsFormatException e) {
      return false; // some other JSON
    }
  }

  /** Names a few of the index' names that no shard holds. */
  void requireFound(Set<String> found) {
    Set<String> lost =
        shards.keySet().stream()
            .filter(name -> !found.contains(name))
            .limit(3)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    if (!lost.isEmpty()) {
      throw new WeightsFormatException(
          file, "names " + String.join(", ", lost) + ", which its shards do not hold");
    }
  }
}
