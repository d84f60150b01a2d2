/**
 * Products of points, and searches, minima and products of lines by the Vector API of the JDK,
 * {@code jdk.incubator.vector}, for virtual machines that start with {@code --add-modules
 * jdk.incubator.vector}. No class outside may be loaded on others that needs one of these; {@link
 * dev.fgvc.emd.internal.cost} asks before.
 *
 * <p>The package is compiled by itself, as the compiler's warning that the module is an incubating
 * one cannot be switched off, and warnings are errors elsewhere. It knows nothing but the JDK.
 */
@NullMarked
package dev.fgvc.emd.internal.vector;

import org.jspecify.annotations.NullMarked;
