package dev.fgvc.data;

import dev.fgvc.data.TextRows.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Food-101 (Bossard et al., 2014) as unpacked: {@code images/CLASS/NUMBER.jpg}, {@code
 * meta/classes.txt}, {@code meta/train.txt} and {@code meta/test.txt} with lines {@code
 * CLASS/NUMBER}.
 */
final class Food101 {

  private Food101() {}

  static DatasetSplits read(String name, Path root) throws IOException {
    ImageRoot images = new ImageRoot(root.resolve("images"));
    Path meta = root.resolve("meta");
    List<String> names =
        TextRows.read(meta.resolve("classes.txt"), 1).stream().map(row -> row.text(0)).toList();
    Map<String, Integer> labels = new HashMap<>();
    names.forEach(each -> labels.put(each, labels.size()));

    SplitsBuilder splits = new SplitsBuilder(name, root, names);
    for (String part : List.of("train", "test")) {
      for (Row row : TextRows.read(meta.resolve(part + ".txt"), 1)) {
        String entry = row.text(0);
        Integer label = labels.get(entry.substring(0, Math.max(0, entry.indexOf('/'))));
        if (label == null) {
          throw row.error(
              "expected a class of classes.txt and a slash, found \""
                  + ImageRoot.shorten(entry)
                  + "\"");
        }
        Path path = images.file(entry + ".jpg", row.place());
        splits.add(row.place(), part.equals("train"), path, label, Optional.empty());
      }
    }
    return splits.build();
  }
}
