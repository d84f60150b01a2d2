package dev.fgvc.emd.internal.cost;

/**
 * A row of values in an array.
 *
 * @param values the array
 * @param start where in the array the row starts
 */
record Line(float[] values, int start) {}
