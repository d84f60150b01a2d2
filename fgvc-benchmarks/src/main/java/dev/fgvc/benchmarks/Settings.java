package dev.fgvc.benchmarks;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.engine.Device;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Named settings of a program or of a piece of work, given as {@code name=value}.
 *
 * @param values by name
 */
public record Settings(Map<String, String> values) {

  private static final Pattern SIZE = Pattern.compile("([0-9]+)x([0-9]+)");

  /**
   * Copies the values.
   *
   * @param values by name
   */
  public Settings {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /**
   * Reads settings of any name.
   *
   * @param arguments each as {@code name=value}
   * @return the settings; of several with one name, the last
   * @throws IllegalArgumentException if an argument has no equals sign
   */
  public static Settings parse(List<String> arguments) {
    Map<String, String> values = new TreeMap<>();
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      if (pair.length != 2) {
        throw new IllegalArgumentException("'" + argument + "' is not NAME=VALUE");
      }
      values.put(pair[0], pair[1]);
    }
    return new Settings(values);
  }

  /**
   * Reads the settings of a program.
   *
   * @param defaults all names that there are, and what holds where an argument is not given
   * @param arguments each as {@code name=value}
   * @return a value for each name
   * @throws IllegalArgumentException if an argument has no equals sign, or another name
   */
  static Settings parse(Map<String, String> defaults, String... arguments) {
    Map<String, String> values = new TreeMap<>(defaults);
    parse(List.of(arguments))
        .values
        .forEach(
            (name, value) -> {
              if (values.put(name, value) == null) {
                throw new IllegalArgumentException(
                    "no setting is called "
                        + name
                        + "; there are "
                        + new TreeMap<>(defaults).keySet());
              }
            });
    return new Settings(values);
  }

  /** The same with one more, for a process that this one starts. */
  Settings with(String name, Object value) {
    Map<String, String> more = new TreeMap<>(values);
    more.put(name, value.toString());
    return new Settings(more);
  }

  /** All settings as {@link #parse(List)} reads them. */
  List<String> arguments() {
    return values.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList();
  }

  /**
   * A setting that must be there.
   *
   * @param name what it is called
   * @return its value
   * @throws IllegalArgumentException if it is missing
   */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the setting " + name + "=... is missing in " + values);
    }
    return value;
  }

  /**
   * A setting that may be missing.
   *
   * @param name what it is called
   * @param otherwise holds if it is missing
   * @return its value
   */
  public String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  /**
   * A whole number that must be there.
   *
   * @param name what it is called
   * @return its value
   * @throws IllegalArgumentException if it is missing or no whole number
   */
  public int number(String name) {
    String value = text(name);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw wrong(name, value, "a whole number, such as 3", e);
    }
  }

  private static IllegalArgumentException wrong(
      String name, String value, String expected, RuntimeException cause) {
    return new IllegalArgumentException(name + "=" + value + ": must be " + expected, cause);
  }

  /** A whole number that must be there, and not be less than some other. */
  int numberFrom(int least, String name) {
    int value = number(name);
    if (value < least) {
      throw new IllegalArgumentException(name + "=" + value + ": at least " + least);
    }
    return value;
  }

  /**
   * A number that must be there.
   *
   * @throws IllegalArgumentException if it is missing or no finite number
   */
  double decimal(String name) {
    String value = text(name);
    try {
      double number = Double.parseDouble(value);
      if (Double.isFinite(number)) {
        return number;
      }
      throw new NumberFormatException("not finite");
    } catch (NumberFormatException e) {
      throw wrong(name, value, "a number, such as 0.25", e);
    }
  }

  /**
   * Height and width that must be there.
   *
   * @throws IllegalArgumentException if they are missing, not of this form or out of range
   */
  Resolution size(String name) {
    String value = text(name);
    Matcher sides = SIZE.matcher(value);
    try {
      if (sides.matches()) {
        return new Resolution(Integer.parseInt(sides.group(1)), Integer.parseInt(sides.group(2)));
      }
      throw new IllegalArgumentException("no size");
    } catch (IllegalArgumentException e) {
      throw wrong(
          name, value, "HEIGHTxWIDTH, such as 375x500, each from 1 to " + Resolution.MAX_SIDE, e);
    }
  }

  /**
   * The height and width, which are the same, of images.
   *
   * @throws IllegalArgumentException if the side is missing, no whole number or out of range
   */
  Resolution square(String name) {
    int side = numberFrom(1, name);
    try {
      return Resolution.square(side);
    } catch (IllegalArgumentException e) {
      throw wrong(name, text(name), "from 1 to " + Resolution.MAX_SIDE, e);
    }
  }

  /**
   * One of the architectures.
   *
   * @throws IllegalArgumentException if it is missing or none of them
   */
  Architecture architecture(String name) {
    String value = text(name);
    try {
      return Architecture.valueOf(value);
    } catch (IllegalArgumentException e) {
      throw wrong(
          name,
          value,
          "one of " + Arrays.stream(Architecture.values()).map(Enum::name).toList(),
          e);
    }
  }

  /**
   * The device to compute on.
   *
   * @return the CPU, unless something else is asked for
   */
  public Device device() {
    return Device.named(text("device", "cpu"));
  }

  /**
   * A path that must be there.
   *
   * @param name what it is called
   * @return its value
   * @throws IllegalArgumentException if it is missing
   */
  public Path path(String name) {
    return Path.of(text(name));
  }
}
