/**
 * Which source domain should a network be trained on first? {@link
 * dev.fgvc.nets.advisor.SourceAdvisor} answers in one call, from folders of photos or kept
 * features: it extracts features once, compares every candidate with the target, ranks classes, and
 * weighs the number of images against closeness. {@link dev.fgvc.nets.advisor.SourceAdvice} holds
 * the answer as records and writes it as text, HTML, JSON and CSV.
 */
@NullMarked
package dev.fgvc.nets.advisor;

import org.jspecify.annotations.NullMarked;
