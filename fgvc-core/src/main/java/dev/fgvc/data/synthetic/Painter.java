package dev.fgvc.data.synthetic;

import java.util.random.RandomGenerator;

/** Draws one individual of a species, about as large as the square from -1 to 1, y downwards. */
interface Painter {

  /**
   * Draws.
   *
   * @param brush where to
   * @param traits what the species looks like; asked in the same order each time
   * @param individual what differs from one animal to the next
   */
  void paint(Brush brush, Traits traits, RandomGenerator individual);
}
