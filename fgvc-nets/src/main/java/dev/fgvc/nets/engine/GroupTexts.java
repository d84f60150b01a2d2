package dev.fgvc.nets.engine;

import com.google.common.collect.Sets;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Texts that the processes of a group send each other, and what they are compared for. */
final class GroupTexts {

  private GroupTexts() {}

  static List<String> gather(ProcessGroup group, String own) {
    int size = group.size();
    byte[] bytes = own.getBytes(StandardCharsets.UTF_8);
    ByteBuffer lengths = ByteBuffer.allocateDirect(Integer.BYTES * size);
    group.allGather(ByteBuffer.allocateDirect(Integer.BYTES).putInt(0, bytes.length), lengths);
    int longest =
        IntStream.range(0, size).map(i -> lengths.getInt(Integer.BYTES * i)).max().orElseThrow();
    if (longest == 0) {
      return IntStream.range(0, size).mapToObj(i -> "").toList();
    }
    ByteBuffer all = ByteBuffer.allocateDirect(Math.multiplyExact(longest, size));
    group.allGather(ByteBuffer.allocateDirect(longest).put(0, bytes), all);
    List<String> texts = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      byte[] text = new byte[lengths.getInt(Integer.BYTES * rank)];
      all.get(longest * rank, text);
      texts.add(new String(text, StandardCharsets.UTF_8));
    }
    return texts;
  }

  static void requireSame(ProcessGroup group, Map<String, String> settings) {
    List<Map<String, String>> all =
        gather(group, new Gson().toJson(settings)).stream().map(GroupTexts::parsed).toList();
    for (int rank = 1; rank < all.size(); rank++) {
      String differences = differences(all.get(0), all.get(rank));
      if (!differences.isEmpty()) {
        throw new IllegalArgumentException(
            "all processes of a group have to train the same; rank 0 and rank "
                + rank
                + " differ in "
                + differences);
      }
    }
  }

  private static Map<String, String> parsed(String json) {
    Map<String, String> settings = new LinkedHashMap<>();
    JsonObject object =
        json.isEmpty() ? new JsonObject() : JsonParser.parseString(json).getAsJsonObject();
    object.entrySet().forEach(each -> settings.put(each.getKey(), each.getValue().getAsString()));
    return settings;
  }

  private static String differences(Map<String, String> first, Map<String, String> other) {
    return Sets.union(first.keySet(), other.keySet()).stream()
        .filter(name -> !text(first, name).equals(text(other, name)))
        .map(name -> name + ": " + text(first, name) + " and " + text(other, name))
        .collect(Collectors.joining("; "));
  }

  private static String text(Map<String, String> settings, String name) {
    return settings.getOrDefault(name, "nothing");
  }
}
