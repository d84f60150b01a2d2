package dev.fgvc.feature;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The arrays of an {@code .npz} archive: a zip file with an entry {@code NAME.npy} for each, stored
 * or deflated. An entry whose size is beyond what deflating can reach is refused before memory is
 * taken for it, as is one whose values take memory out of proportion to the archive; its checksum
 * is compared once it has been read.
 */
final class NpzArchive implements AutoCloseable {

  private static final String SUFFIX = ".npy";

  /** The largest expansion of a deflated byte (RFC 1951: 258 bytes for 2 bits). */
  private static final long MOST_INFLATION = 1032;

  private static final int SMALL = 1 << 12;

  /** Memory that any archive may take for what is kept of its values, as for 4 million labels. */
  private static final long ROOM = 128L << 20;

  /** Memory for each byte of a larger archive. */
  private static final int ROOM_PER_BYTE = 64;

  private final Path path;
  private final ZipFile zip;

  private NpzArchive(Path path, ZipFile zip) {
    this.path = path;
    this.zip = zip;
  }

  /**
   * Opens an archive.
   *
   * @throws IOException if there is no file or it cannot be read
   * @throws FeatureFileException if it is no zip file
   */
  static NpzArchive open(Path path) throws IOException {
    try {
      return new NpzArchive(path, new ZipFile(path.toFile()));
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw new FeatureFileException(path, "expected an .npz archive, found damage: " + e);
    }
  }

  /**
   * One array.
   *
   * @param name as {@code numpy.savez} was given it
   * @throws FeatureFileException if there is none, or its description is damaged
   */
  NpyFile array(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name + SUFFIX);
    if (entry == null) {
      throw new FeatureFileException(
          path, "expected an array '" + name + "', found the arrays " + names());
    }
    return NpyFile.open(new Entry(entry, name));
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
      names.add(all.nextElement().getName().replaceFirst("\\.npy$", ""));
      if (names.size() == 20) {
        names.add("...");
        break;
      }
    }
    return names;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  private final class Entry implements NpySource {

    private final ZipEntry entry;
    private final String name;
    private final CRC32 checksum = new CRC32();

    Entry(ZipEntry entry, String name) {
      this.entry = entry;
      this.name = name;
      if (entry.getSize() > MOST_INFLATION * entry.getCompressedSize() + SMALL) {
        throw error(
            entry.getSize() + " bytes cannot come of " + entry.getCompressedSize() + " deflated");
      }
    }

    @Override
    public ReadableByteChannel open() throws IOException {
      checksum.reset();
      try {
        InputStream content = zip.getInputStream(entry);
        return Channels.newChannel(new Damage(new CheckedInputStream(content, checksum)));
      } catch (ZipException e) {
        throw error("damaged: " + e.getMessage());
      }
    }

    @Override
    public long size() {
      return entry.getSize();
    }

    @Override
    public Path path() {
      return path;
    }

    @Override
    public FeatureFileException error(String problem) {
      return new FeatureFileException(path, "array '" + name + "': " + problem);
    }

    @Override
    public void requireRoom(long bytes) {
      long most = Math.max(ROOM, ROOM_PER_BYTE * entry.getCompressedSize());
      if (entry.getMethod() == ZipEntry.DEFLATED && bytes > most) {
        throw error(
            String.format(
                Locale.ROOT,
                "%d bytes, deflated to %d, would take %d bytes of memory: save it by numpy.savez,"
                    + " which does not compress, if it is what it should be",
                entry.getSize(),
                entry.getCompressedSize(),
                bytes));
      }
    }

    @Override
    public void requireEnd(ReadableByteChannel channel) throws IOException {
      if (checksum.getValue() != entry.getCrc()) {
        throw error("damaged: its checksum is not that of the archive");
      }
    }

    /** Tells damage, which the library reports as failed reading, from failed reading. */
    private final class Damage extends FilterInputStream {

      Damage(InputStream in) {
        super(in);
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
          return super.read(bytes, offset, length);
        } catch (ZipException | EOFException e) {
          throw error("damaged: " + e.getMessage());
        }
      }
    }
  }
}
