package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists as editors save them, in all readers of text. */
class TextLinesTest {

  @TempDir Path folder;

  /** Whether there is a mark, the encoding, and what ends the lines. */
  static Stream<Arguments> forms() {
    List<Arguments> forms = new ArrayList<>();
    for (String end : List.of("\n", "\r\n", "\r")) {
      forms.add(Arguments.of("", "UTF-8", end));
      for (String charset : List.of("UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE")) {
        forms.add(Arguments.of("\uFEFF", charset, end));
      }
    }
    return forms.stream();
  }

  @ParameterizedTest
  @MethodSource("forms")
  void everyReaderTakesEveryMarkAndLineEnding(String mark, String charset, String end)
      throws IOException {
    Miniature.birds(folder.resolve("birds"));
    Miniature.aircraft(folder.resolve("aircraft"));
    Miniature.food(folder.resolve("food"));
    Miniature.imageNet(folder.resolve("net"));
    Miniature.iNaturalist(folder.resolve("inat"), 3, 3)
        .lines(INaturalist2017.MINIVAL_LIST, "train_val_images/20/2.jpg");
    new Miniature(folder.resolve("pets"))
        .photos("ant/1.jpg", "ant/2.jpg", "b\u00eb/1.jpg")
        .lines("train.txt", "ant/1.jpg: 0", "b\u00eb/1.jpg: 1")
        .lines("val.txt", "ant/2.jpg: 0");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(each -> each.toString().matches(".*\\.(txt|json)")).toList()) {
        String text = Files.readString(file).replace("\n", end);
        Files.write(file, (mark + text).getBytes(Charset.forName(charset)));
      }
    }

    assertThat(sizes(OfficialDataset.CUB_200_2011.read(folder.resolve("birds"))))
        .isEqualTo("2 2 1");
    assertThat(sizes(OfficialDataset.FGVC_AIRCRAFT.read(folder.resolve("aircraft"))))
        .isEqualTo("2 2 1");
    assertThat(sizes(OfficialDataset.FOOD_101.read(folder.resolve("food")))).isEqualTo("2 2 1");
    assertThat(sizes(OfficialDataset.IMAGENET.read(folder.resolve("net")))).isEqualTo("2 3 2");
    assertThat(sizes(OfficialDataset.INATURALIST_2017.read(folder.resolve("inat"))))
        .isEqualTo("2 7 1");
    assertThat(sizes(DatasetFolder.read(folder.resolve("pets")))).isEqualTo("2 2 1");
  }

  private static String sizes(DatasetSplits splits) {
    return splits.classCount() + " " + splits.train().size() + " " + splits.validation().size();
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-16LE, a zero byte",
    "UTF-16BE, a zero byte",
    "ISO-8859-1, other bytes",
    "windows-1252, other bytes"
  })
  void namesTheEncodingThatHasNoMark(String charset, String problem) throws IOException {
    Path list = folder.resolve("list.txt");
    String text = charset.startsWith("UTF-16") ? "a: 0\n" : "a: 0\nb\u00eb: 0\n";
    Files.write(list, text.getBytes(Charset.forName(charset)));

    assertThatThrownBy(() -> TextLines.forEach(list, (line, place) -> {}))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("list.txt")
        .hasMessageContaining("expected UTF-8 text")
        .hasMessageContaining(problem);
  }

  @Test
  void refusesAMarkWithinTheText() throws IOException {
    Path list = Files.writeString(folder.resolve("list.txt"), "\uFEFFa: 0\n\uFEFFb: 1\n");

    assertThatThrownBy(() -> TextLines.forEach(list, (line, place) -> {}))
        .hasMessageContaining("line 2: expected no byte order mark within the text");
  }

  @Test
  void aFileOfOnlyAMarkIsEmpty() throws IOException {
    Path list = Files.write(folder.resolve("l.txt"), "\uFEFF".getBytes(StandardCharsets.UTF_16LE));

    assertThatThrownBy(() -> ListFile.read(list, folder, 1))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("found none");
  }
}
