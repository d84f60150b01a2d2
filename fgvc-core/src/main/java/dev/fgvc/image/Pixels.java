package dev.fgvc.image;

/**
 * Decoded pixels on the heap: rows of blue, green, red bytes without gaps, from OpenCV's order.
 *
 * @param bgr height * width * 3 bytes
 */
record Pixels(byte[] bgr, int height, int width) {}
