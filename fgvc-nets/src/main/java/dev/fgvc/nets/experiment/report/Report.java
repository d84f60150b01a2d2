package dev.fgvc.nets.experiment.report;

import dev.fgvc.nets.experiment.Choice;
import dev.fgvc.nets.experiment.Direction;
import dev.fgvc.nets.experiment.ResultTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The experiments that were run and their results, ready to be written.
 *
 * @param title of the whole
 * @param circumstances what a reader needs to judge the numbers, such as data, networks and times,
 *     by name
 * @param sections in the order of the paper
 */
public record Report(String title, Map<String, String> circumstances, List<Section> sections) {

  /** Copies the sections. */
  public Report {
    sections = List.copyOf(sections);
  }

  /**
   * All claims that were looked at.
   *
   * @return the directions of all sections
   */
  public List<Direction> directions() {
    return sections.stream().flatMap(section -> section.directions().stream()).toList();
  }

  /**
   * One experiment.
   *
   * @param heading its name
   * @param text what was done, in plain sentences
   * @param tables what was measured
   * @param figures plots and pictures
   * @param choices hyper-parameters that were chosen
   * @param directions claims that were looked at
   */
  public record Section(
      String heading,
      String text,
      List<ResultTable> tables,
      List<Figure> figures,
      List<Choice> choices,
      List<Direction> directions) {

    /** Copies the lists. */
    public Section {
      tables = List.copyOf(tables);
      figures = List.copyOf(figures);
      choices = List.copyOf(choices);
      directions = List.copyOf(directions);
    }
  }

  /** Something to look at. */
  public sealed interface Figure {

    /**
     * Short and unique, such as {@code figure-5}.
     *
     * @return the name
     */
    String id();

    /**
     * Returns the caption.
     *
     * @return a sentence
     */
    String caption();
  }

  /**
   * A drawing.
   *
   * @param id short and unique
   * @param caption what is to be seen
   * @param svg a whole SVG document
   */
  public record Drawing(String id, String caption, String svg) implements Figure {}

  /**
   * A table as bars, with the intervals of its cells as whiskers: a group for each row, a bar for
   * each column.
   *
   * @param id short and unique
   * @param caption what is to be seen
   * @param table columns of one unit; blank cells are left out
   * @param categories what the rows are, the label of the horizontal axis
   * @param quantity what the columns measure, with its unit, the label of the vertical axis
   */
  public record Bars(
      String id, String caption, ResultTable table, String categories, String quantity)
      implements Figure {

    /** Refuses axes without labels. */
    public Bars {
      if (categories.isBlank() || quantity.isBlank()) {
        throw new IllegalArgumentException("both axes of the bars " + id + " need labels");
      }
    }
  }

  /**
   * Photos in rows.
   *
   * @param id short and unique
   * @param caption what is to be seen
   * @param rows from top to bottom
   */
  public record Pictures(String id, String caption, List<PictureRow> rows) implements Figure {

    /** Copies the rows. */
    public Pictures {
      rows = List.copyOf(rows);
    }
  }

  /**
   * Photos side by side.
   *
   * @param label of the row
   * @param pictures from left to right
   */
  public record PictureRow(String label, List<Picture> pictures) {

    /** Copies the pictures. */
    public PictureRow {
      pictures = List.copyOf(pictures);
    }
  }

  /**
   * A photo.
   *
   * @param file a JPEG or PNG file
   * @param name beneath it
   * @param group which of the colours the name has, from 0; -1 for none
   */
  public record Picture(Path file, String name, int group) {}
}
