package dev.fgvc.nets.arch;

/** A description of a graph that is damaged or describes no network; the message says where. */
public final class GraphFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  GraphFormatException(String source, String place, String problem) {
    super(source + ", " + place + ": " + problem);
  }
}
