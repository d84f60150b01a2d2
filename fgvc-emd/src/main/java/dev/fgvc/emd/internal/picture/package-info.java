/**
 * The parts of a picture of a plan: the plane of the classes' two main components, circles and
 * arrows, and the colours of dark pages. It knows neither plans nor domains, only points and
 * masses.
 */
@NullMarked
package dev.fgvc.emd.internal.picture;

import org.jspecify.annotations.NullMarked;
