package dev.fgvc.nets.backbone;

import static com.google.common.base.Strings.lenientFormat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * An object in a JSON file, whose members are asked for by name and kind. A member that is absent
 * or null is empty.
 */
final class JsonSettings {

  private static final int MOST_BYTES = 1 << 20;

  private final Path file;
  private final JsonObject object;

  private JsonSettings(Path file, JsonObject object) {
    this.file = file;
    this.object = object;
  }

  static JsonSettings read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MOST_BYTES) {
      throw new BackboneFormatException(
          file, "expected a JSON file of settings of at most 1 MiB, found " + size + " bytes");
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    try {
      return new JsonSettings(file, JsonParser.parseString(text).getAsJsonObject());
    } catch (JsonParseException | IllegalStateException | StackOverflowError e) {
      throw new BackboneFormatException(file, "expected a JSON object: " + e.getMessage(), e);
    }
  }

  boolean has(String name) {
    return object.has(name) && !object.get(name).isJsonNull();
  }

  void requireNoOthers(Set<String> known) {
    for (String name : object.keySet()) {
      if (!known.contains(name)) {
        throw error("unknown setting '" + name + "'; there are " + known);
      }
    }
  }

  Optional<JsonSettings> object(String name) {
    return member(name, "an object", element -> new JsonSettings(file, element.getAsJsonObject()));
  }

  Optional<String> text(String name) {
    return member(name, "a text", element -> element.getAsJsonPrimitive().getAsString());
  }

  Optional<Boolean> flag(String name) {
    return member(
        name,
        "true or false",
        element -> {
          if (!element.getAsJsonPrimitive().isBoolean()) {
            throw new IllegalStateException();
          }
          return element.getAsBoolean();
        });
  }

  Optional<Double> number(String name) {
    return member(name, "a number", JsonSettings::asNumber);
  }

  Optional<Integer> whole(String name) {
    return member(name, "a whole number", element -> asWhole(asNumber(element)));
  }

  Optional<List<Double>> numbers(String name) {
    return member(
        name,
        "a list of numbers",
        element -> {
          List<Double> numbers = new ArrayList<>();
          element.getAsJsonArray().forEach(each -> numbers.add(asNumber(each)));
          return List.copyOf(numbers);
        });
  }

  /** A constant by its name in any case. */
  <E extends Enum<E>> Optional<E> constant(String name, Class<E> type) {
    return member(
        name,
        "one of " + List.of(type.getEnumConstants()),
        element -> Enum.valueOf(type, element.getAsString().toUpperCase(Locale.ROOT)));
  }

  static int asWhole(double number) {
    if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
      throw new IllegalStateException();
    }
    return (int) number;
  }

  private static double asNumber(JsonElement element) {
    if (!element.getAsJsonPrimitive().isNumber()) {
      throw new IllegalStateException();
    }
    return element.getAsDouble();
  }

  BackboneFormatException error(String problem) {
    return new BackboneFormatException(file, problem);
  }

  private <T> Optional<T> member(String name, String kind, Function<JsonElement, T> reading) {
    if (!has(name)) {
      return Optional.empty();
    }
    JsonElement element = object.get(name);
    try {
      return Optional.of(reading.apply(element));
    } catch (RuntimeException e) { // of another kind, in whatever way the reading noticed
      String found = element.toString();
      throw error(
          lenientFormat(
              "'%s': expected %s, found %s",
              name, kind, found.length() > 100 ? found.substring(0, 100) + "..." : found));
    }
  }

  static JsonArray array(List<Double> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }
}
