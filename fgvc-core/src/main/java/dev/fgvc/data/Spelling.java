package dev.fgvc.data;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Collection;
import java.util.Optional;

/**
 * Names that look alike but consist of other characters, such as an accented letter in one piece
 * (as most systems write it) or as letter and accent (as macOS stores it).
 */
final class Spelling {

  /** The characters to which a name is decoded that the locale cannot express. */
  private static final char REPLACEMENT = '\uFFFD';

  private Spelling() {}

  /** One of some names that looks like a name and is another. */
  static Optional<String> twin(String name, Collection<String> names) {
    String composed = Normalizer.normalize(name, Form.NFC);
    return names.stream()
        .filter(each -> !each.equals(name))
        .filter(each -> Normalizer.normalize(each, Form.NFC).equals(composed))
        .findFirst();
  }

  /** Both spellings, told apart by the numbers of their characters. */
  static String told(String wanted, String found) {
    return wanted
        + " is written as "
        + escaped(wanted)
        + ", but what is there as "
        + escaped(found)
        + ": give both the same characters";
  }

  /** With the numbers of all characters beyond ASCII. */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c >= ' ' && c < 127) {
        escaped.append(c);
      } else {
        String digits = Integer.toHexString(c);
        escaped.append("\\u").append("0".repeat(4 - digits.length())).append(digits);
      }
    }
    return escaped.append('"').toString();
  }

  /** Whether a name that was read from a folder lacks characters of the real one. */
  static boolean isGarbled(String name) {
    return name.indexOf(REPLACEMENT) >= 0;
  }

  /** Why names are garbled or refused by the file system, and what helps. */
  static String localeAdvice() {
    return "file names are read and written in "
        + System.getProperty("sun.jnu.encoding")
        + ", the encoding of this process's locale, which cannot express it: start Java with the"
        + " environment variable LC_ALL=C.UTF-8, or rename the file";
  }
}
