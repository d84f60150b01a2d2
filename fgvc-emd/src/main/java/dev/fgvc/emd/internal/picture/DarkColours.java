package dev.fgvc.emd.internal.picture;

import java.awt.Color;
import java.util.Locale;
import java.util.Map;

/** Gives an SVG document other colours on dark pages, as the reader's system asks for them. */
public final class DarkColours {

  private DarkColours() {}

  /**
   * Adds a style sheet to a document.
   *
   * @param svg as VectorGraphics2D writes it, with each colour in the style of its element
   * @param colours of fills and strokes by those on light pages
   */
  public static String add(String svg, Map<Color, Color> colours) {
    StringBuilder style = new StringBuilder("<style>@media (prefers-color-scheme: dark) {\n");
    colours.forEach(
        (light, dark) -> {
          for (String kind : new String[] {"fill", "stroke"}) {
            style.append(
                String.format(
                    Locale.ROOT,
                    "[style*=\"%s:%s\"] { %s: %s !important; }\n",
                    kind,
                    css(light),
                    kind,
                    css(dark)));
          }
        });
    int start = svg.indexOf('>', svg.indexOf("<svg")) + 1;
    return svg.substring(0, start) + style.append("}</style>") + svg.substring(start);
  }

  private static String css(Color colour) {
    return String.format(
        Locale.ROOT, "rgb(%d,%d,%d)", colour.getRed(), colour.getGreen(), colour.getBlue());
  }
}
