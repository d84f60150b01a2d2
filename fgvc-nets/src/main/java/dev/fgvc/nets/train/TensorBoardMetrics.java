package dev.fgvc.nets.train;

import dev.fgvc.file.MaskedCrc32c;
import dev.fgvc.file.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * Writes losses and learning rates as TensorBoard reads them: a file of TFRecords, each an {@code
 * Event} protocol buffer with scalars. The folder is of one run; each process that runs it, or goes
 * on with it, has a file of its own there, which follows those before in the order of names. It
 * begins with the event by which TensorBoard drops what it has of the steps that are made again.
 * Figures up to a checkpoint are on the disk before it is.
 */
public final class TensorBoardMetrics extends RunMetrics {

  /** Fields of an event and of a session log, in TensorFlow's event.proto. */
  private static final int WALL_TIME = 1;

  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int STATUS = 1;
  private static final int STATUS_START = 1;

  private static final String VERSION = "brain.Event:2";

  private TensorBoardMetrics(Path file, FileChannel channel) {
    super(file, channel);
  }

  /**
   * Starts a new file.
   *
   * @param folder that exists, to be given to TensorBoard's {@code --logdir}
   * @return the listener; the caller closes it
   * @throws IOException if the file cannot be made
   */
  public static TensorBoardMetrics in(Path folder) throws IOException {
    EventFileName name = EventFileName.next(folder, Instant.now());
    while (true) {
      Path file = folder.resolve(name.toString());
      try {
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        TensorBoardMetrics metrics = new TensorBoardMetrics(file, channel);
        metrics.write(new Message().fixed64(WALL_TIME, seconds()).text(FILE_VERSION, VERSION));
        return metrics;
      } catch (FileAlreadyExistsException e) {
        // Another process took the name meanwhile.
        name = name.following();
      }
    }
  }

  private static double seconds() {
    return System.currentTimeMillis() / 1e3;
  }

  /** Makes TensorBoard drop what it has of later steps, as it keeps those below the event's. */
  @Override
  void dropAfter(long step) throws IOException {
    Message session = new Message().number(STATUS, STATUS_START);
    write(
        new Message()
            .fixed64(WALL_TIME, seconds())
            .number(STEP, step + 1)
            .message(SESSION_LOG, session));
  }

  @Override
  void write(TrainingStep step) throws IOException {
    write(
        scalars(
            step.step(),
            new String[] {"loss", "cross_entropy", "auxiliary", "weight_decay", "learning_rate"},
            new double[] {
              step.loss().total(),
              step.loss().crossEntropy(),
              step.loss().auxiliary(),
              step.loss().weightDecay(),
              step.learningRate()
            }));
  }

  @Override
  public Decision epoch(TrainingEpoch epoch) {
    scalar("epoch_loss", epoch.step(), epoch.meanLoss());
    return Decision.CONTINUE;
  }

  /**
   * Writes any other figure, such as an error on held-out images.
   *
   * @param name what TensorBoard calls it
   * @param step where it belongs
   * @param value the figure
   */
  public void scalar(String name, long step, double value) {
    try {
      write(scalars(step, new String[] {name}, new double[] {value}));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message scalars(long step, String[] names, double[] values) {
    Message summary = new Message();
    for (int i = 0; i < names.length; i++) {
      summary.message(1, new Message().text(1, names[i]).fixed32(2, (float) values[i]));
    }
    return new Message().fixed64(WALL_TIME, seconds()).number(STEP, step).message(SUMMARY, summary);
  }

  /** A record: length, its checksum, content, its checksum. */
  private void write(Message event) throws IOException {
    byte[] content = event.bytes();
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(0, content.length);
    ByteBuffer record = ByteBuffer.allocate(content.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.put(length.array()).putInt(MaskedCrc32c.of(length));
    record.put(content).putInt(MaskedCrc32c.of(ByteBuffer.wrap(content))).flip();
    WholeFile.writeFully(channel, record);
  }

  /** A protocol buffer in the making. */
  private static final class Message {

    private static final int NUMBER = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      tag(field, NUMBER);
      varint(value);
      return this;
    }

    Message fixed64(int field, double value) {
      tag(field, FIXED_64);
      ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      out.writeBytes(bytes.putDouble(0, value).array());
      return this;
    }

    Message fixed32(int field, float value) {
      tag(field, FIXED_32);
      ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      out.writeBytes(bytes.putFloat(0, value).array());
      return this;
    }

    Message text(int field, String text) {
      return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message part) {
      return bytes(field, part.bytes());
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private Message bytes(int field, byte[] content) {
      tag(field, BYTES);
      varint(content.length);
      out.writeBytes(content);
      return this;
    }

    private void tag(int field, int wire) {
      varint((long) field << 3 | wire);
    }

    private void varint(long value) {
      long left = value;
      while ((left & ~0x7FL) != 0) {
        out.write((int) (left & 0x7F | 0x80));
        left >>>= 7;
      }
      out.write((int) left);
    }
  }
}
