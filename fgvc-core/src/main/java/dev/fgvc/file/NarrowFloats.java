package dev.fgvc.file;

/** Floating-point numbers of 16 bits, as files hold them. */
public final class NarrowFloats {

  private NarrowFloats() {}

  /**
   * The value of an IEEE 754 binary16; {@code Float.float16ToFloat} came only with Java 20.
   *
   * @param bits sign, 5 bits of exponent, 10 of fraction
   * @return the same value; NaN for any NaN
   */
  public static float fromHalf(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1f ? 0xff : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  /**
   * The value of a bfloat16, the upper half of a binary32.
   *
   * @param bits sign, 8 bits of exponent, 7 of fraction
   * @return the same value
   */
  public static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
