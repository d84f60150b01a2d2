package dev.fgvc.data;

import dev.fgvc.data.TextRows.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Food-101 (Bossard et al., 2014) as unpacked: {@code images/CLASS/NUMBER.jpg}, {@code
 * meta/classes.txt}, {@code meta/train.txt} and {@code meta/test.txt} with lines {@code
 * CLASS/NUMBER}.
 */
final class Food101 {

  private Food101() {}

  static DatasetSplits read(String name, Path root, SymbolicLinks links) throws IOException {
    ImageRoot images = ImageRoot.of(root, links).folder("images");
    Path meta = root.resolve("meta");
    Path classFile = meta.resolve("classes.txt");
    List<Row> classes = TextRows.read(classFile, 1);
    ClassLabels labels = ClassLabels.of(classes, classFile);

    SplitsBuilder splits = new SplitsBuilder(name, root, TextRows.firstColumn(classes));
    for (String part : List.of("train", "test")) {
      for (Row row : TextRows.read(meta.resolve(part + ".txt"), 1)) {
        String entry = row.text(0);
        int slash = entry.indexOf('/');
        if (slash < 0) {
          throw row.error(
              "expected a class of classes.txt and a slash, found \""
                  + ImageRoot.shorten(entry)
                  + "\"");
        }
        int label = labels.label(entry.substring(0, slash), "a class", row.place());
        Path path = images.file(entry + ".jpg", row.place());
        splits.add(row.place(), part.equals("train"), path, label, Optional.empty());
      }
    }
    return splits.build();
  }
}
