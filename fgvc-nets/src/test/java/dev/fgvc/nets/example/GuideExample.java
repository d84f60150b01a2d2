package dev.fgvc.nets.example;

import com.google.common.primitives.Doubles;
import dev.fgvc.data.ClassHistogram;
import dev.fgvc.data.ClassWeights;
import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetFolder;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.DatasetVerification;
import dev.fgvc.data.DuplicateReport;
import dev.fgvc.data.DuplicateSearch;
import dev.fgvc.data.OfficialDataset;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.ImageSimilarity;
import dev.fgvc.emd.Similarity;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.feature.LabeledFeatures;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.RandAugment;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.RandomErasing;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.TwelveCrops;
import dev.fgvc.loader.Mixing;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.advisor.Candidate;
import dev.fgvc.nets.advisor.RankedSourceClass;
import dev.fgvc.nets.advisor.SourceAdvice;
import dev.fgvc.nets.advisor.SourceAdvisor;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.backbone.BackboneTransform;
import dev.fgvc.nets.backbone.OnnxBackbone;
import dev.fgvc.nets.backbone.OnnxSettings;
import dev.fgvc.nets.backbone.Pooling;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.eval.Classifier;
import dev.fgvc.nets.eval.ConfirmedDuplicates;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.eval.LinearProbe;
import dev.fgvc.nets.eval.NearestNeighbors;
import dev.fgvc.nets.train.Checkpoints;
import dev.fgvc.nets.train.EarlyStopping;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.train.TensorBoardMetrics;
import dev.fgvc.nets.train.Trainer;
import dev.fgvc.nets.train.TrainingRun;
import dev.fgvc.nets.train.TwoStage;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.nets.weights.Provenance;
import dev.fgvc.nets.weights.SavedNetwork;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.ConsoleProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The code of docs/guide.md, compiled; {@link DocumentationTest} keeps the two equal. */
final class GuideExample {

  private GuideExample() {}

  static int[] mostSimilarClasses(Path birds, Path cars, Path weightsFile) throws IOException {
    // guide: begin
    DatasetSplits source = DatasetFolder.read(cars);
    DatasetSplits target = DatasetFolder.read(birds);
    NetworkGraph graph = Architecture.INCEPTION_V3.builder().classes(10).build();
    Weights weights = Weights.read(weightsFile).transferTo(graph, 1).weights();
    try (Network network = Engine.best().compile(graph, weights)) {
      var extraction = FeatureExtraction.with(network, Resolution.square(299));
      DomainFeatures s = extraction.extract(source.train());
      DomainFeatures t = extraction.extract(target.train());
      Similarity similarity = DomainSimilarity.create().between(s, t);
      System.out.println(similarity.emd() + ", gap " + similarity.plan().relativeGap());
      return SourceSelection.create().topK(s, t, 10); // the most similar classes of the source
    }
    // guide: end
  }

  static void imageByImage() throws IOException {
    // guide: begin
    ExactEmd solver = ExactEmd.builder().progress(ConsoleProgress.to(System.err)).build();
    ImageSimilarity similarity =
        DomainSimilarity.create()
            .withSolver(solver) // tells images read, and the time left of each pass over the pairs
            .ofImages(
                LabeledFeatures.mapShards("iNat", FeatureShards.in(Path.of("features/iNat"), 2048)),
                LabeledFeatures.mapNpy("CUB-200", Path.of("cub.npy"), Path.of("cub_label.npy")));
    System.out.println(similarity.emd() + " by images, by classes " + similarity.classes().emd());
    // guide: end
  }

  static List<RankedSourceClass> advise(Backbone backbone, Path birds, Path flowers, Path cars)
      throws IOException {
    // guide: begin
    SourceAdvice advice =
        SourceAdvisor.of(backbone, Path.of("features")) // kept there, so each domain is read once
            .withProgress(ConsoleProgress.to(System.err)) // images of all domains, and time left
            .advise(
                Candidate.folder(birds),
                List.of(Candidate.folder(flowers), Candidate.folder(cars)));
    System.out.print(advice.toText());
    advice.write(Path.of("advice")); // report.html with example pictures, and the numbers
    return advice.selection().classes(); // of all sources: as many as stay close
    // guide: end
  }

  static int[] similarToForeignFeatures(Dataset birds, DomainFeatures source) throws IOException {
    // guide: begin
    try (OnnxBackbone backbone = OnnxBackbone.open(Path.of("dinov2/model.onnx"))) {
      FeatureExtraction extraction = FeatureExtraction.with(backbone); // with its own transform
      DomainFeatures features =
          extraction.extract(birds, Path.of("features/birds")); // kept, resumable
      return SourceSelection.create().topK(source, features, 10);
    }
    // guide: end
  }

  static void settle() throws IOException {
    // guide: begin
    OnnxSettings.defaults()
        .withOutput("last_hidden_state")
        .withPooling(Pooling.CLASS_TOKEN) // the first of its tokens
        .withTransform(BackboneTransform.imageNet(Resolution.square(224)))
        .write(Path.of("dinov2/model.onnx")); // dinov2/model.json, which open(...) reads
    // guide: end
  }

  static void readDataSet() throws IOException {
    // guide: begin
    DatasetSplits cub = OfficialDataset.CUB_200_2011.read(Path.of("CUB_200_2011"));
    System.out.println(OfficialDataset.CUB_200_2011.verifyAgainstPaper(cub)); // sizes of table 2
    System.out.println(DatasetVerification.of(cub.train()).run()); // damaged photos, and why
    System.out.println(cub.train().histogram().picture(20, 60)); // the long tail, figure 2
    // guide: end
  }

  static void train(Path folder, NetworkGraph graph, Weights start, DatasetSplits cub)
      throws IOException {
    // guide: begin
    Trainer.of(Engine.torch(), Recipe.preTraining(90)) // the paper's; every field can be changed
        .withSampler(train -> Sampler.natural(train, 1))
        .withCheckpoints(Checkpoints.in(folder).every(500)) // atomic, checksummed, two are kept
        .withListener(TensorBoardMetrics.in(folder))
        .withListener(EarlyStopping.of(epoch -> heldOutError(epoch.averagedWeights().get()), 5))
        .train("birds", graph, start, cub.train(), Resolution.square(448));
    // guide: end
  }

  static void trainTwoStages(
      Engine engine, Path folder, NetworkGraph graph, Weights start, DatasetSplits iNat) {
    // guide: begin
    Resolution size = Resolution.square(448);
    TwoStage stages = TwoStage.capped(size, 90, 50, 5, 1); // 90 epochs; then 5, 50 images a class
    TwoStage.Result result =
        stages.train(
            Trainer.of(engine, stages.first().recipe()).withCheckpoints(Checkpoints.in(folder)),
            "iNat",
            graph,
            start,
            iNat.train());
    TwoStage.Comparison errors = result.evaluate(engine, iNat.validation(), size);
    int[] counts = iNat.train().imageCounts();
    System.out.println(errors.before().headTail(counts, 100).top1()); // as in table 4
    System.out.println(errors.after().headTail(counts, 100).top1());
    // guide: end
  }

  static void trainBilinear(Engine engine, Weights preTrained, DatasetSplits cub) {
    // guide: begin
    NetworkGraph graph =
        Architecture.RESNET_V2_50
            .builder()
            .classes(200)
            .head(Head.compactBilinear(8192, 1))
            .build();
    Weights start = preTrained.transferToNewTask(graph, 1).weights(); // all but the head
    Resolution size = Resolution.square(448);
    TwoStage stages = TwoStage.bilinear(graph, size, 60, 25, 1); // epochs: last layer, then all
    TwoStage.Result result =
        stages.train(
            Trainer.of(engine, stages.first().recipe()), "CUB-200", graph, start, cub.train());
    System.out.println(result.evaluate(engine, cub.validation(), size).after().top1());
    // guide: end
  }

  static void augment(Resolution size, NetworkGraph graph, Weights start, DatasetSplits cub) {
    // guide: begin
    ImageTransform crops = RandomCrop.of(size).withColour(0, 0);
    ImageTransform transform =
        RandomErasing.of(RandAugment.of(crops)).withFill(RandomErasing.Fill.NOISE);
    Trainer.of(Engine.torch(), Recipe.fineTuning(90).withMixing(Mixing.of(0.8, 1)))
        .train("birds", graph, start, cub.train(), transform);
    // guide: end
  }

  static Recipe longTail(NetworkGraph graph, DatasetSplits iNat) {
    // guide: begin
    ClassHistogram counts = iNat.train().histogram();
    TrainingOptions options =
        TrainingOptions.paper().toBuilder()
            .labelMargins(Doubles.asList(ClassWeights.ldamMargins(counts, 0.5)))
            .classWeights(Doubles.asList(ClassWeights.effectiveNumber(counts, 0.9999)))
            .rateFactors(TrainingOptions.layerDecay(graph, 0.8))
            .build();
    Recipe recipe = Recipe.fineTuning(200).withOptions(options).withClassWeightsFrom(160);
    // guide: end
    return recipe;
  }

  static Dataset withoutCopies(
      DatasetSplits cars, DatasetSplits birds, Network network, ImageTransform crops)
      throws IOException {
    // guide: begin
    DuplicateReport alike =
        DuplicateSearch.create().withDistance(12).between(cars.train(), birds.validation());
    DuplicateReport copies = ConfirmedDuplicates.of(alike, network, crops).above(0.95);
    System.out.println(copies); // counts, then a line for each image
    Dataset clean = copies.without(cars.train(), birds.validation());
    // guide: end
    return clean;
  }

  static Errors evaluate(Network inceptionV4, Network inceptionResNetV2, DatasetSplits cub) {
    // guide: begin
    Resolution high = Resolution.square(560);
    Errors errors =
        Evaluation.of(inceptionV4, TwelveCrops.of(high)) // one decoding for its twelve views
            .and(Evaluation.of(inceptionResNetV2, TwelveCrops.of(high)))
            .errors(cub.validation()); // top-1 and top-5; of each class, of head and tail
    // guide: end
    return errors;
  }

  static void probe(Network network, DatasetSplits cub) {
    // guide: begin
    int classes = cub.classCount();
    ImageFeatures train = ImageFeatures.of(network, Resolution.square(299), cub.train());
    ImageFeatures validation = ImageFeatures.of(network, Resolution.square(299), cub.validation());
    LinearProbe probe = LinearProbe.create().tunedOn(train, classes, List.of(0.001, 0.01, 0.1), 3);
    System.out.println(probe.fit(train, classes).errors(validation).top1());
    System.out.println(NearestNeighbors.of(train, classes).errors(validation).top1());
    // guide: end
  }

  static void classify(
      NetworkGraph graph, TrainingRun run, DatasetSplits birds, Dataset heldOut, Path file)
      throws IOException {
    // guide: begin
    Weights trained = run.averagedWeights(); // of Trainer.train
    List<String> names = birds.train().classNames();
    Resolution size = Resolution.square(299);
    Provenance made = new Provenance("birds, train", "fine-tuning, 90 epochs", 1, "fgvc 0.1.0");
    var network = new SavedNetwork(graph, trained, size, Normalization.inception(), names, made);
    try (Classifier plain = Classifier.of(network, Engine.best())) {
      plain.calibrated(heldOut).write(file); // images that training has not seen
    }
    try (Classifier classifier = Classifier.read(file)) {
      System.out.println(classifier.classify(Path.of("bird.jpg"), 5)); // names, probabilities
      classifier.classifyFolder(Path.of("photos"), 1).forEach(System.out::println);
      System.out.println(classifier.calibration(birds.validation())); // calibration error
    }
    // guide: end
  }

  private static double heldOutError(Weights weights) {
    return weights.names().size();
  }
}
