package dev.fgvc.nets.experiment.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows of named photos as an SVG document that needs no other file, light or dark as the reader.
 */
final class ContactSheet {

  private static final int PICTURE = 96;
  private static final int CELL_WIDTH = 104;
  private static final int CELL_HEIGHT = 144;
  private static final int LABEL_WIDTH = 120;
  private static final int MOST_COLUMNS = 13;
  private static final int MARGIN = 12;
  private static final int LINE = 13;
  private static final int MOST_LINES = 3;

  /** Characters that fit beneath a picture, and beside a row. */
  private static final int CELL_CHARACTERS = 16;

  private static final int LABEL_CHARACTERS = 15;

  private static final String STYLE =
      """
      <style>
      rect { fill: #ffffff; } text { font: 11px sans-serif; fill: #222222; }
      .label { font-size: 13px; font-weight: bold; }
      .group0 { fill: #1f4fbf; } .group1 { fill: #c01f1f; } .group2 { fill: #1f7f3f; }
      @media (prefers-color-scheme: dark) {
        rect { fill: #16181c; } text { fill: #e4e4e4; }
        .group0 { fill: #8fb0ff; } .group1 { fill: #ff9c9c; } .group2 { fill: #86d6a3; }
      }
      </style>
      """;

  private ContactSheet() {}

  /**
   * Draws the sheet.
   *
   * @throws IOException if a photo cannot be read
   */
  static String svg(Report.Pictures pictures, Thumbnails thumbnails) throws IOException {
    int columns =
        pictures.rows().stream()
            .mapToInt(row -> Math.min(MOST_COLUMNS, row.pictures().size()))
            .max()
            .orElse(0);
    int lines = pictures.rows().stream().mapToInt(ContactSheet::lines).sum();
    int width = 2 * MARGIN + LABEL_WIDTH + columns * CELL_WIDTH;
    int height = 2 * MARGIN + lines * CELL_HEIGHT;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\">\n",
            width,
            height,
            width,
            height));
    svg.append("<title>").append(Html.escape(pictures.caption())).append("</title>\n");
    svg.append(STYLE).append("<rect width=\"100%\" height=\"100%\"/>\n");
    int line = 0;
    for (Report.PictureRow row : pictures.rows()) {
      int first = MARGIN + line * CELL_HEIGHT;
      line += lines(row);
      text(svg, row.label(), "label", LABEL_CHARACTERS, MARGIN, first + PICTURE / 2);
      for (int c = 0; c < row.pictures().size(); c++) {
        Report.Picture picture = row.pictures().get(c);
        int left = MARGIN + LABEL_WIDTH + c % MOST_COLUMNS * CELL_WIDTH;
        int top = first + c / MOST_COLUMNS * CELL_HEIGHT;
        svg.append(
            String.format(
                Locale.ROOT,
                "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\""
                    + " preserveAspectRatio=\"xMidYMid slice\" href=\"%s\"/>\n",
                left,
                top,
                PICTURE,
                PICTURE,
                thumbnails.dataUri(picture.file())));
        String style = picture.group() < 0 ? "name" : "group" + picture.group() % 3;
        text(svg, picture.name(), style, CELL_CHARACTERS, left, top + PICTURE + LINE);
      }
    }
    return svg.append("</svg>\n").toString();
  }

  /** A long row goes on below. */
  private static int lines(Report.PictureRow row) {
    return Math.max(1, (row.pictures().size() + MOST_COLUMNS - 1) / MOST_COLUMNS);
  }

  private static void text(
      StringBuilder svg, String text, String style, int characters, int x, int y) {
    List<String> lines = wrapped(text, characters);
    for (int i = 0; i < lines.size(); i++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n",
              style,
              x,
              y + i * LINE,
              Html.escape(lines.get(i))));
    }
  }

  /** Breaks a text after spaces, slashes and underscores where it can. */
  static List<String> wrapped(String text, int characters) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > characters && lines.size() < MOST_LINES - 1) {
      int end = characters;
      for (int i = characters; i > characters / 3; i--) {
        if (" /_".indexOf(rest.charAt(i - 1)) >= 0) {
          end = i;
          break;
        }
      }
      lines.add(rest.substring(0, end).strip());
      rest = rest.substring(end);
    }
    lines.add(rest.length() > characters ? rest.substring(0, characters - 1) + "…" : rest);
    return lines;
  }
}
