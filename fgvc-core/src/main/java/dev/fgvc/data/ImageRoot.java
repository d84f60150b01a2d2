package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/**
 * The folder that the paths of a list may not leave, be it as an absolute path, through {@code ..}
 * or through a symbolic link. Complaints name the list and the place in it.
 */
final class ImageRoot {

  private final Path root;
  private final Path realRoot;

  /** Folders that were looked up, and where they really are. */
  private final Map<Path, Path> realFolders = new HashMap<>();

  /**
   * A root that exists.
   *
   * @throws NoSuchFileException if it does not
   */
  ImageRoot(Path root) throws IOException {
    this.root = root.toAbsolutePath().normalize();
    this.realRoot = this.root.toRealPath();
    realFolders.put(this.root, realRoot);
  }

  /** The root as an absolute path. */
  Path path() {
    return root;
  }

  /** The absolute path of a listed file that is there. */
  Path file(String text, ListPlace place) throws IOException {
    Path path = resolve(text, place);
    requireFile(path, place);
    return path;
  }

  /** The absolute path that a list means; the file may be missing. */
  Path resolve(String text, ListPlace place) {
    Path path;
    try {
      path = root.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw place.error("expected a path, found \"" + shorten(text) + "\"");
    }
    if (!path.startsWith(root) || path.equals(root) || Path.of(text).isAbsolute()) {
      throw place.error("expected a path below " + root + ", found \"" + shorten(text) + "\"");
    }
    return path;
  }

  /** Links are rare: only they, and each folder once, pay for the resolution of the real path. */
  void requireFile(Path path, ListPlace place) throws IOException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Path real = attributes.isSymbolicLink() ? path.toRealPath() : realFolder(path.getParent());
      if (!real.startsWith(realRoot)) {
        throw place.error(
            "expected a file below " + realRoot + ", found " + path + " as a link to " + real);
      }
      if (!attributes.isRegularFile() && !Files.isRegularFile(path)) {
        throw place.error("expected a file, found that " + path + " is something else");
      }
    } catch (NoSuchFileException e) {
      throw place.error("expected an image file, found nothing at " + path);
    } catch (FileSystemException e) {
      // Such as a file where the path has a folder, or a name that is too long.
      throw place.error("expected an image file, found: " + e.getMessage());
    }
  }

  private Path realFolder(Path folder) throws IOException {
    Path real = realFolders.get(folder);
    if (real == null) {
      real = folder.toRealPath();
      realFolders.put(folder, real);
    }
    return real;
  }

  static String shorten(String text) {
    return text.length() <= 120 ? text : text.substring(0, 120) + "...";
  }
}
