package dev.fgvc.nets.train;

import dev.fgvc.file.WholeFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Writes a row for each update to a CSV file: step, epoch, learning rate, total loss and its parts.
 * A run that is resumed goes on in the same file; rows of steps that are made again are dropped.
 */
public final class CsvMetrics implements TrainingListener, AutoCloseable {

  private static final String HEADER =
      "step,epoch,learning_rate,loss,cross_entropy,auxiliary,weight_decay";

  private final Path file;
  private BufferedWriter writer;

  private CsvMetrics(Path file, BufferedWriter writer) {
    this.file = file;
    this.writer = writer;
  }

  /**
   * Opens the file, keeping the rows it has.
   *
   * @param file in a folder that exists
   * @return the listener; the caller closes it
   * @throws IOException if the file is not such a table or cannot be written
   */
  public static CsvMetrics to(Path file) throws IOException {
    if (!Files.exists(file)) {
      write(file, List.of(HEADER));
    }
    List<String> rows = Files.readAllLines(file);
    if (rows.isEmpty() || !rows.get(0).equals(HEADER)) {
      throw new IOException(file + " does not start with the line " + HEADER);
    }
    return new CsvMetrics(file, appending(file));
  }

  private static BufferedWriter appending(Path file) throws IOException {
    return Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
  }

  private static void write(Path file, List<String> rows) throws IOException {
    String text = String.join("\n", rows) + "\n";
    WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Keeps what is older than the checkpoint; a row that was cut off by the end is not whole. */
  @Override
  public void resumed(long step, String state) {
    try {
      writer.close();
      List<String> kept = new ArrayList<>(List.of(HEADER));
      for (String row : Files.readAllLines(file)) {
        String[] cells = row.split(",", -1);
        if (cells.length == 7
            && cells[0].matches("\\d{1,18}")
            && Long.parseLong(cells[0]) <= step) {
          kept.add(row);
        }
      }
      write(file, kept);
      writer = appending(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void step(TrainingStep step) {
    try {
      writer.write(
          String.format(
              Locale.ROOT,
              "%d,%d,%s,%s,%s,%s,%s%n",
              step.step(),
              step.epoch(),
              step.learningRate(),
              step.loss().total(),
              step.loss().crossEntropy(),
              step.loss().auxiliary(),
              step.loss().weightDecay()));
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
