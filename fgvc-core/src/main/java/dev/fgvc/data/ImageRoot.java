package dev.fgvc.data;

import static com.google.common.base.Strings.lenientFormat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The folder that the paths of a list may not leave, be it as an absolute path, through {@code ..}
 * or, unless that is allowed, through a symbolic link. Complaints name the list and the place in
 * it.
 */
final class ImageRoot {

  /** No name is looked for among more than these. */
  private static final int MOST_NAMES = 100_000;

  private final Path root;
  private final Path boundary;
  private final SymbolicLinks links;

  /** Folders that were looked up, and where they really are. */
  private final Map<Path, Path> realFolders = new HashMap<>();

  private ImageRoot(Path root, Path boundary, SymbolicLinks links) {
    this.root = root;
    this.boundary = boundary;
    this.links = links;
  }

  /**
   * A root that exists.
   *
   * @throws NoSuchFileException if it does not
   */
  static ImageRoot of(Path root, SymbolicLinks links) throws IOException {
    return new ImageRoot(root.toAbsolutePath().normalize(), root.toRealPath(), links);
  }

  /**
   * A folder of this root, which paths may not leave in its turn.
   *
   * @throws DatasetFormatException if it is not there, or is a link to elsewhere
   */
  ImageRoot folder(String name) throws IOException {
    Path folder = root.resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new DatasetFormatException(folder, "expected this folder of the layout, found none");
    }
    requireInside(folder, folder.toRealPath(), ListPlace.whole(root));
    return new ImageRoot(folder, boundary, links);
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
      throw place.error(
          "expected a path, found "
              + Spelling.escaped(shorten(text))
              + (text.indexOf(0) >= 0 ? "" : "; " + Spelling.localeAdvice()));
    }
    if (!path.startsWith(root) || path.equals(root) || Path.of(text).isAbsolute()) {
      throw place.error(
          lenientFormat("expected a path below %s, found \"%s\"", root, shorten(text)));
    }
    return path;
  }

  /** Links are rare: only they, and each folder once, pay for the resolution of the real path. */
  void requireFile(Path path, ListPlace place) throws IOException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      requireInside(
          path,
          attributes.isSymbolicLink() ? path.toRealPath() : realFolder(path.getParent()),
          place);
      if (!attributes.isRegularFile() && !Files.isRegularFile(path)) {
        throw place.error("expected a file, found that " + path + " is something else");
      }
    } catch (NoSuchFileException e) {
      throw place.error("expected an image file, found nothing at " + path + otherSpelling(path));
    } catch (FileSystemException e) {
      // Such as a file where the path has a folder, or a name that is too long.
      throw place.error("expected an image file, found: " + e.getMessage());
    }
  }

  private void requireInside(Path path, Path real, ListPlace place) {
    if (links == SymbolicLinks.WITHIN_ROOT && !real.startsWith(boundary)) {
      throw place.error(
          lenientFormat(
              "expected a file below %s, found %s as a link to %s; SymbolicLinks.ANYWHERE allows"
                  + " that",
              boundary, path, real));
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

  /** Tells of a file or folder that is there under a name that looks the same. */
  private String otherSpelling(Path path) throws IOException {
    Path known = root;
    for (Path name : root.relativize(path)) {
      Path next = known.resolve(name);
      if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
        return Spelling.twin(name.toString(), names(known))
            .map(twin -> "; " + Spelling.told(name.toString(), twin))
            .orElse("");
      }
      known = next;
    }
    return "";
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.limit(MOST_NAMES).map(entry -> entry.getFileName().toString()).toList();
    }
  }

  static String shorten(String text) {
    return text.length() <= 120 ? text : text.substring(0, 120) + "...";
  }
}
