package dev.fgvc.data.synthetic;

/** The kinds of things a field guide shows. */
public enum Family {
  /** Perched birds from the side; species differ in bill, cap, eye stripe, wing bars and tail. */
  BIRDS("bird", 25, new BirdPainter()),
  /** Beetles from above; species differ in outline, spots, bands, antennae and mandibles. */
  BEETLES("beetle", 180, new BeetlePainter()),
  /** Single leaves; species differ in width, teeth, veins and margin. */
  LEAVES("leaf", 180, new LeafPainter()),
  /** Cars from the side, in any paint; models differ in roof, windows, wheels, lamps and trim. */
  CARS("car", 9, new CarPainter()),
  /** Fish from the side; species differ in height, fins, bars and eye spots. */
  FISH("fish", 30, new FishPainter()),
  /** Flowers from the front; species differ in petals, rings and stamens. */
  FLOWERS("flower", 180, new FlowerPainter());

  private final String singular;
  private final double tiltDegrees;
  private final Painter painter;

  Family(String singular, double tiltDegrees, Painter painter) {
    this.singular = singular;
    this.tiltDegrees = tiltDegrees;
    this.painter = painter;
  }

  String singular() {
    return singular;
  }

  /** A picture is turned by at most this angle. */
  double tiltDegrees() {
    return tiltDegrees;
  }

  Painter painter() {
    return painter;
  }
}
