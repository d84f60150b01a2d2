/**
 * The paper's experiments in one run, and what came of them as one self-contained HTML file that
 * opens offline, with the same data as JSON and CSV.
 *
 * <p>{@link dev.fgvc.nets.experiment.report.PaperExperiments} runs what {@link
 * dev.fgvc.nets.experiment.report.PaperSettings} say and makes a {@link
 * dev.fgvc.nets.experiment.report.Report}; {@link dev.fgvc.nets.experiment.report.ReportFiles}
 * writes it. Transport plans are drawn by XChart, which whoever runs {@code PaperExperiments} adds.
 */
@NullMarked
package dev.fgvc.nets.experiment.report;

import org.jspecify.annotations.NullMarked;
