package dev.fgvc.benchmarks.peers;

import dev.fgvc.nets.engine.Device;
import java.nio.file.Path;
import java.util.Map;

/**
 * Named settings of a piece of work.
 *
 * @param values by name
 */
record Settings(Map<String, String> values) {

  String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the setting " + name + "=... is missing in " + values);
    }
    return value;
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  int number(String name) {
    return Integer.parseInt(text(name));
  }

  /** The CPU, unless something else is asked for. */
  Device device() {
    return Device.named(text("device", "cpu"));
  }

  Path path(String name) {
    return Path.of(text(name));
  }
}
