package dev.fgvc.benchmarks.peers;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.fgvc.benchmarks.Settings;
import dev.fgvc.nets.engine.EngineException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Does one piece of work each time it is told to, and says how long it took. A process of its own,
 * so that its peak memory is its own too.
 *
 * <p>Speaks in lines: it writes {@code {"ready":true}} once everything is prepared; for each line
 * {@code run} that it reads it works once and writes {@code {"seconds":..., "values":[...]}}; any
 * other line, or the end of the input, ends it. Where an engine or a device is not there it writes
 * {@code {"unavailable":"why"}} instead. Only the work itself is timed.
 */
public final class Worker {

  private Worker() {}

  /**
   * Starts the worker.
   *
   * @param arguments the name of the work, then settings as {@code name=value}
   * @throws IOException if an input file cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 0) {
      throw new IllegalArgumentException("name a piece of work: " + Works.names());
    }
    List<String> given = List.of(arguments);
    Settings settings = Settings.parse(given.subList(1, given.size()));
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    answer(arguments[0], settings, commands, answers);
  }

  static void answer(String name, Settings settings, BufferedReader commands, PrintStream answers)
      throws IOException {
    Work prepared;
    try {
      prepared = Works.prepare(name, settings);
    } catch (EngineException e) {
      JsonObject unavailable = new JsonObject();
      unavailable.addProperty("unavailable", e.getMessage());
      answers.println(unavailable);
      return;
    }
    try (Work work = prepared) {
      answer(work, commands, answers);
    }
  }

  private static void answer(Work work, BufferedReader commands, PrintStream answers)
      throws IOException {
    JsonObject ready = new JsonObject();
    ready.addProperty("ready", true);
    answers.println(ready);
    while ("run".equals(commands.readLine())) {
      long start = System.nanoTime();
      double[] values = work.run();
      double seconds = (System.nanoTime() - start) / 1e9;
      JsonArray list = new JsonArray(values.length);
      for (double value : values) {
        list.add(new JsonPrimitive(value));
      }
      JsonObject result = new JsonObject();
      result.addProperty("seconds", seconds);
      result.add("values", list);
      answers.println(result);
    }
  }
}
