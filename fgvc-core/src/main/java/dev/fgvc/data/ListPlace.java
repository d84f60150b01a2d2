package dev.fgvc.data;

import java.nio.file.Path;

/**
 * Where a list names an image, so that a complaint sends its reader there.
 *
 * @param within the line or entry, empty where the whole file is meant
 */
record ListPlace(Path list, String within) {

  /** The whole of a file or folder. */
  static ListPlace whole(Path list) {
    return new ListPlace(list, "");
  }

  /**
   * A line of a text.
   *
   * @param number counted from 1
   */
  static ListPlace line(Path list, int number) {
    return new ListPlace(list, ", line " + number);
  }

  /**
   * An element of an array in a file that has no lines.
   *
   * @param index counted from 0, told from 1
   */
  static ListPlace entry(Path list, int index) {
    return new ListPlace(list, ", entry " + (index + 1));
  }

  DatasetFormatException error(String problem) {
    return new DatasetFormatException(this, problem);
  }

  @Override
  public String toString() {
    return list + within;
  }
}
