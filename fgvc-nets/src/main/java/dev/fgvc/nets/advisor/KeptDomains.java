package dev.fgvc.nets.advisor;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.VerificationReport;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.DamagedImages;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ejml.data.FMatrixRMaj;

/**
 * Features of domains, each extracted once and kept below a folder.
 *
 * @param backbone whose features
 * @param transform from an image file to its input
 * @param folder for all domains
 * @param damaged whether images may be left out
 */
record KeptDomains(
    Backbone backbone, ImageTransform transform, Path folder, DamagedImages damaged) {

  /** Images that go through the backbone between two reports. */
  private static final int IMAGES_PER_REPORT = 8;

  KeptDomains withDamagedImages(DamagedImages policy) {
    return new KeptDomains(backbone, transform, folder, policy);
  }

  String described() {
    return backbone.identity().orElse(backbone.toString()) + ", images " + transform;
  }

  /** The features of all, in their order. */
  List<ComparedDomain> extract(List<Candidate> candidates, Progress progress) throws IOException {
    long total = 0;
    long done = 0;
    for (Candidate candidate : candidates) {
      if (candidate instanceof Candidate.Images images) {
        total += images.dataset().size();
        done += shards(images.dataset()).imageCount();
      }
    }
    Count count = new Count(progress, done, Math.max(done, total));
    count.report("");
    List<ComparedDomain> domains = new ArrayList<>();
    for (Candidate candidate : candidates) {
      domains.add(
          candidate instanceof Candidate.Images images
              ? extract(images.dataset(), count)
              : new ComparedDomain(
                  ((Candidate.Kept) candidate).features(), Optional.empty(), Optional.empty()));
      requireDimension(domains.get(domains.size() - 1).features());
    }
    count.finish();
    return domains;
  }

  private void requireDimension(DomainFeatures features) {
    checkArgument(
        features.dimension() == backbone.featureDimension(),
        "%s is not of the %s dimensions of %s",
        features,
        backbone.featureDimension(),
        backbone);
  }

  private ComparedDomain extract(Dataset dataset, Count count) throws IOException {
    Dataset[] used = {dataset};
    count.domain = dataset.name();
    DomainFeatures features =
        FeatureExtraction.with(counting(count), transform)
            .withProgress(count::otherWork)
            .withDamagedImages(
                damaged, (VerificationReport found) -> used[0] = found.withoutFindings())
            .extract(dataset, folderOf(dataset));
    features.writeNpz(folder.resolve(fileName(dataset.name()) + ".npz"));
    return new ComparedDomain(features, Optional.of(used[0]), Optional.of(shards(dataset)));
  }

  private FeatureShards shards(Dataset dataset) throws IOException {
    return FeatureShards.in(folderOf(dataset), backbone.featureDimension());
  }

  private Path folderOf(Dataset dataset) throws IOException {
    Files.createDirectories(folder);
    return folder.resolve(fileName(dataset.name()));
  }

  /** A name that every file system takes. */
  static String fileName(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
    return plain.startsWith(".") || plain.isEmpty() ? "_" + plain : plain;
  }

  /** The backbone, which tells how many images have gone through it. */
  private Backbone counting(Count count) {
    return new Backbone() {
      @Override
      public int featureDimension() {
        return backbone.featureDimension();
      }

      @Override
      public FMatrixRMaj features(ImageBatch images) {
        FMatrixRMaj all = new FMatrixRMaj(images.count(), featureDimension());
        for (int first = 0; first < images.count(); first += IMAGES_PER_REPORT) {
          int size = Math.min(IMAGES_PER_REPORT, images.count() - first);
          FMatrixRMaj part = backbone.features(images.part(first, size));
          System.arraycopy(part.data, 0, all.data, first * part.numCols, part.getNumElements());
          count.add(size);
        }
        return all;
      }

      @Override
      public Optional<String> identity() {
        return backbone.identity();
      }

      @Override
      public String toString() {
        return backbone.toString();
      }
    };
  }

  /** Images of all domains. */
  private static final class Count {

    private static final String TASK = "features of all domains";

    private final Progress progress;
    private final long total;
    private long done;
    private String domain = "";

    Count(Progress progress, long done, long total) {
      this.progress = progress;
      this.done = done;
      this.total = total;
    }

    void add(int images) {
      // The first images of kept features may be computed again, to compare them.
      done = Math.min(total, done + images);
      report(domain);
    }

    void report(String note) {
      progress.report(TASK, done, total, note);
    }

    void finish() {
      if (done < total) {
        done = total;
        report("");
      }
    }

    /** Looking for damaged images; the extraction's own reports are those above. */
    void otherWork(String task, long steps, long of, String note) {
      if (!task.startsWith("features of ")) {
        progress.report(task, steps, of, note);
      }
    }
  }
}
