package dev.fgvc.nets.cluster.spark;

import java.io.Serializable;
import java.util.function.Supplier;

/**
 * Makes an object where it is needed: Spark carries the supplier to the executors, not the object.
 * A lambda will do, if it captures nothing but numbers, texts and other serializable values:
 *
 * <pre>{@code
 * SerializableSupplier<ImageTransform> crop = () -> CentralCrop.of(Resolution.square(299));
 * }</pre>
 *
 * @param <T> what is made
 */
@FunctionalInterface
public interface SerializableSupplier<T> extends Supplier<T>, Serializable {}
