package dev.fgvc.nets.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The name of a file that TensorBoard reads. It reads the files of a folder in the order of their
 * names, so a later one has a greater name, also when the clock was set back or stands still.
 *
 * @param second since 1970
 * @param nano within it
 */
record EventFileName(long second, int nano) {

  private static final String PREFIX = "events.out.tfevents.";
  private static final Pattern OWN = Pattern.compile("(\\d{10})\\.(\\d{9})\\.fgvc");
  private static final Pattern ANY = Pattern.compile("(\\d{10})(?!\\d).*");
  private static final int NANOS = 1_000_000_000;

  /** The name for a file made now, greater than all in the folder. */
  static EventFileName next(Path folder, Instant now) throws IOException {
    EventFileName name = new EventFileName(now.getEpochSecond(), now.getNano());
    List<String> names;
    try (Stream<Path> files = Files.list(folder)) {
      names =
          files
              .map(file -> file.getFileName().toString())
              .filter(each -> each.startsWith(PREFIX))
              .sorted(Comparator.reverseOrder())
              .toList();
    }
    for (String each : names) {
      if (each.compareTo(name.toString()) >= 0) {
        name = after(each.substring(PREFIX.length()), name);
      }
    }
    return name;
  }

  /** The part after the program's name, or the other if that name has no time. */
  private static EventFileName after(String name, EventFileName other) {
    Matcher own = OWN.matcher(name);
    if (own.matches()) {
      return new EventFileName(Long.parseLong(own.group(1)), Integer.parseInt(own.group(2)))
          .following();
    }
    Matcher any = ANY.matcher(name);
    return any.matches() ? new EventFileName(Long.parseLong(any.group(1)) + 1, 0) : other;
  }

  EventFileName following() {
    return nano + 1 < NANOS
        ? new EventFileName(second, nano + 1)
        : new EventFileName(second + 1, 0);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s%010d.%09d.fgvc", PREFIX, second, nano);
  }
}
