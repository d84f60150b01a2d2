package dev.fgvc.feature;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The content of a {@code .npy} header. It is Python source, a dictionary of three entries, in
 * whatever order and spacing its writer chose; it is matched character by character and never
 * interpreted, so that nothing in it can run.
 *
 * @param descr the type of the elements
 * @param fortran whether the first axis is the fastest
 * @param shape the length of each axis, at least one
 */
record NpyHeader(String descr, boolean fortran, List<Long> shape) {

  /** The lengths of axes that no file can hold would overflow. */
  private static final int MOST_DIGITS = 18;

  private static final int MOST_AXES = 32;

  /** The header of a text; empty if it is none of an array of plain elements. */
  static Optional<NpyHeader> parse(String text) {
    try {
      Map<String, Object> entries = new Scanner(text).dictionary();
      if (entries.size() == 3
          && entries.get("descr") instanceof String descr
          && entries.get("fortran_order") instanceof Boolean fortran
          && entries.get("shape") instanceof Shape shape
          && !shape.sides().isEmpty()
          && !descr.isEmpty()) {
        return Optional.of(new NpyHeader(descr, fortran, shape.sides()));
      }
      return Optional.empty();
    } catch (Unexpected e) {
      return Optional.empty();
    }
  }

  private record Shape(List<Long> sides) {}

  /** A character where the form has another. */
  private static final class Unexpected extends Exception {

    private static final long serialVersionUID = 1L;

    Unexpected() {
      super("", null, false, false);
    }
  }

  private static final class Scanner {

    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    Map<String, Object> dictionary() throws Unexpected {
      Map<String, Object> entries = new HashMap<>();
      require('{');
      while (!accept('}')) {
        String key = quoted();
        require(':');
        if (entries.put(key, value()) != null) {
          throw new Unexpected();
        }
        if (!accept(',')) {
          require('}');
          break;
        }
      }
      skipBlanks();
      if (at < text.length()) {
        throw new Unexpected();
      }
      return entries;
    }

    private Object value() throws Unexpected {
      skipBlanks();
      if (text.startsWith("True", at) || text.startsWith("False", at)) {
        boolean value = text.charAt(at) == 'T';
        at += value ? 4 : 5;
        return value;
      }
      return peek() == '(' ? shape() : quoted();
    }

    private Shape shape() throws Unexpected {
      List<Long> sides = new ArrayList<>();
      require('(');
      while (!accept(')')) {
        sides.add(side());
        if (!accept(',')) {
          require(')');
          break;
        }
      }
      if (sides.size() > MOST_AXES) {
        throw new Unexpected();
      }
      return new Shape(List.copyOf(sides));
    }

    /** Python 2 wrote {@code 6L} on some systems. */
    private long side() throws Unexpected {
      skipBlanks();
      int from = at;
      while (Character.digit(peek(), 10) >= 0 && peek() < 128) {
        at++;
      }
      int to = at;
      if (to == from || to - from > MOST_DIGITS) {
        throw new Unexpected();
      }
      accept('L');
      return Long.parseLong(text.substring(from, to));
    }

    private String quoted() throws Unexpected {
      skipBlanks();
      char quote = peek();
      int end = text.indexOf(quote, at + 1);
      if ((quote != '\'' && quote != '"') || end < 0) {
        throw new Unexpected();
      }
      String content = text.substring(at + 1, end);
      at = end + 1;
      return content;
    }

    private void require(char character) throws Unexpected {
      if (!accept(character)) {
        throw new Unexpected();
      }
    }

    private boolean accept(char character) {
      skipBlanks();
      if (peek() != character) {
        return false;
      }
      at++;
      return true;
    }

    /** Zero, which no caller looks for, at the end. */
    private char peek() {
      return at < text.length() ? text.charAt(at) : 0;
    }

    /** Some writers fill up with zeros. */
    private void skipBlanks() {
      while (at < text.length() && (text.charAt(at) == 0 || text.charAt(at) <= ' ')) {
        at++;
      }
    }
  }
}
