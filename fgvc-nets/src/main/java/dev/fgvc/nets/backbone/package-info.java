/**
 * Feature extractors that are not this library's own networks.
 *
 * <p>{@link dev.fgvc.nets.backbone.OnnxBackbone} runs any network that was exported to ONNX; it
 * takes the place of a compiled network wherever a {@link dev.fgvc.nets.engine.Backbone} is asked
 * for. {@link dev.fgvc.nets.backbone.BackboneTransform} is how such a network wants its images, and
 * {@link dev.fgvc.nets.backbone.OnnxSettings} the record beside a model that tells this and which
 * output the features are.
 */
@NullMarked
package dev.fgvc.nets.backbone;

import org.jspecify.annotations.NullMarked;
