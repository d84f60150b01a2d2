/**
 * The parts of a picture of a plan: the plane of the classes' two main components, and circles and
 * arrows. It knows neither plans nor domains, only points and masses.
 */
@NullMarked
package dev.fgvc.emd.internal.picture;

import org.jspecify.annotations.NullMarked;
