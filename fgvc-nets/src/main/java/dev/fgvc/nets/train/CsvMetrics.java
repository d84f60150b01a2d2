package dev.fgvc.nets.train;

import dev.fgvc.file.WholeFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * Writes a row for each update to a CSV file: step, epoch, learning rate, total loss and its parts.
 * The file is of one run. A run that goes on from a checkpoint, or starts again because there is
 * none yet, goes on in the same file; rows of steps that are made again are dropped, so that the
 * table is that of a run that was never interrupted. Rows up to a checkpoint are on the disk before
 * it is.
 */
public final class CsvMetrics extends RunMetrics {

  private static final String HEADER =
      "step,epoch,learning_rate,loss,cross_entropy,auxiliary,weight_decay";
  private static final int COLUMNS = 7;
  private static final String STEP = "\\d{1,18}";

  /** Rows are ASCII; any bytes that a power failure left can be read as this. */
  private static final Charset CHARSET = StandardCharsets.ISO_8859_1;

  private CsvMetrics(Path file, FileChannel rows) {
    super(file, rows);
  }

  /**
   * Opens the file, keeping the rows it has until the run says where it goes on.
   *
   * @param file in a folder that exists
   * @return the listener; the caller closes it
   * @throws IOException if the file is not such a table or cannot be written
   */
  public static CsvMetrics to(Path file) throws IOException {
    WholeFile.deletePartial(file);
    if (!Files.exists(file)) {
      WholeFile.write(file, (HEADER + "\n").getBytes(CHARSET));
    }
    try (BufferedReader reader = Files.newBufferedReader(file, CHARSET)) {
      if (!HEADER.equals(reader.readLine())) {
        throw new IOException(file + " does not start with the line " + HEADER);
      }
    }
    return new CsvMetrics(file, appending(file));
  }

  private static FileChannel appending(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.APPEND);
  }

  @Override
  void dropAfter(long step) throws IOException {
    channel.close();
    WholeFile.write(file, kept -> copyUpTo(step, kept));
    channel = appending(file);
  }

  /** A row that was cut off is not whole, and none is kept twice. */
  private void copyUpTo(long step, FileChannel target) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(file, CHARSET)) {
      reader.readLine();
      WholeFile.writeFully(target, CHARSET.encode(HEADER + "\n"));
      long last = 0;
      for (String row = reader.readLine(); row != null; row = reader.readLine()) {
        String[] cells = row.split(",", -1);
        if (cells.length == COLUMNS && cells[0].matches(STEP)) {
          long made = Long.parseLong(cells[0]);
          if (made > last && made <= step) {
            WholeFile.writeFully(target, CHARSET.encode(row + "\n"));
            last = made;
          }
        }
      }
    }
  }

  @Override
  void write(TrainingStep step) throws IOException {
    String row =
        String.format(
            Locale.ROOT,
            "%d,%d,%s,%s,%s,%s,%s\n",
            step.step(),
            step.epoch(),
            step.learningRate(),
            step.loss().total(),
            step.loss().crossEntropy(),
            step.loss().auxiliary(),
            step.loss().weightDecay());
    WholeFile.writeFully(channel, CHARSET.encode(row));
  }
}
