"""What is compared: for each case the inputs, our work, and each peer's."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Side:
    """One program and its settings; `once` keeps a slow peer from being run again."""

    label: str
    work: str
    settings: dict = field(default_factory=dict)
    once: bool = False


@dataclass(frozen=True)
class Case:
    """`tolerance` is the relative difference, in the Euclidean norm, up to which results agree.

    They agree with ours, or with the numbers in the file `expected` among the inputs. `heap` is what our side's Java
    objects may take; more than it needs would count as its memory. `flags` are further ones of our JVM.
    `warm_up_runs` is the least number of runs of every side before the measured ones."""

    name: str
    title: str
    kind: str
    inputs: dict
    ours: Side
    peers: list
    tolerance: float
    unit: str = ""
    amount: int = 0
    expected: str = ""
    heap: str = "4g"
    flags: tuple = ()
    warm_up_runs: int = 2


POT = Side("POT ot.emd, numItermax 10^9", "transport.pot_emd")
ORTOOLS = Side("OR-Tools min-cost flow (Python), all arcs", "transport.ortools_dense")
# docs/native-libraries.md says what it is; without it the results are the same.
VECTOR_API = ("--add-modules", "jdk.incubator.vector")
LAZY = Side("POT ot.emd2_lazy, numItermax 10^9", "transport.pot_emd2_lazy", once=True)


def emd(rows, columns, peers):
    return Case(
        f"emd-{rows}x{columns}",
        f"exact EMD, {rows} x {columns} costs in memory",
        "domains",
        {"rows": rows, "columns": columns, "dimension": 64},
        Side("fgvc ExactEmd.solve", "emd"),
        peers,
        1e-6,
        flags=VECTOR_API,
    )


def streamed(rows, columns, dimension):
    return Case(
        f"emd-streamed-{rows}x{columns}x{dimension}",
        f"exact EMD from features, {rows} x {columns} x {dimension}",
        "domains",
        {"rows": rows, "columns": columns, "dimension": dimension},
        Side("fgvc ExactEmd.solveEuclidean", "emd-streamed"),
        [LAZY],
        1e-6,
        flags=VECTOR_API,
    )


def from_features(rows, columns, dimension):
    """Where all costs fit into memory, which the peer takes and ours is free to."""
    case = streamed(rows, columns, dimension)
    name = f"emd-features-{rows}x{columns}x{dimension}"
    peer = Side("POT ot.dist and ot.emd, numItermax 10^9", "transport.pot_from_features")
    return replace(case, name=name, peers=[peer])


def torch_cdist(precision):
    return Side(f"torch.cdist {precision}", "transport.torch_cdist", {"precision": precision})


def distance(rows, columns, dimension):
    return Case(
        f"distance-{rows}x{columns}x{dimension}",
        f"Euclidean distances, {rows} x {columns} x {dimension}",
        "domains",
        {"rows": rows, "columns": columns, "dimension": dimension},
        Side("fgvc GroundDistances.ejml", "distance"),
        [
            Side("fgvc GroundDistances.nd4j", "distance", {"engine": "nd4j"}),
            Side("scikit-learn euclidean_distances", "transport.sklearn_euclidean"),
            torch_cdist("float64"),
            Side("SciPy cdist", "transport.scipy_cdist"),
        ],
        1e-4,
        flags=VECTOR_API,
    )


def single_distance(rows, columns, dimension):
    case = distance(rows, columns, dimension)
    return replace(
        case,
        name=f"distance-single-{rows}x{columns}x{dimension}",
        title=f"Euclidean distances in single precision, {rows} x {columns} x {dimension}",
        ours=Side("fgvc GroundDistances.singlePrecision", "distance", {"engine": "single"}),
        peers=[torch_cdist("float32")],
    )


# In the Euclidean norm of the logits, of what PyTorch gets in float32; bfloat16 has 8 significant bits.
FP32, BF16 = 1e-4, 3e-2
# Weights stay in their file until they are tensors, which lie outside the heap: objects are small and few.
NETWORK_HEAP = "64m"
# Of the two networks that are trained, whose Java objects are no more than their weights once.
TRAINING_HEAP = "160m"
# The collector that a JVM chooses on two processors cuts its heap into regions, which large arrays leave half empty.
SMALL_HEAP_FLAGS = ("-XX:+UseSerialGC",)


def pytorch(network):
    """timm has the Inceptions; the authors' ResNets are written out in slim_resnet.py."""
    return "PyTorch" if network.startswith("resnet") else "PyTorch + timm"


def inference(network, side, precision, batch=8):
    def torch(label, **settings):
        return Side(f"{pytorch(network)} {label}", "networks.inference", {"precision": precision, **settings})

    return Case(
        f"inference-{network}-{side}-{precision}",
        f"{network}, {batch} images of {side} x {side}, {precision}",
        "network",
        {"network": network, "batch": batch, "side": side, "classes": 1000},
        Side("fgvc Network.logits, torch engine", "inference", {"precision": precision}),
        [torch("eager, channels-last"), torch("torch.compile, channels-last", compile="true")],
        FP32 if precision == "fp32" else BF16,
        unit="images",
        amount=batch,
        expected="expected.json",
        heap=NETWORK_HEAP,
        flags=SMALL_HEAP_FLAGS,
    )


def training(network, side, precision, batch=8):
    label = "eager, channels-last" if precision == "fp32" else "eager, channels-last, autocast"
    settings = {"precision": precision, "rate": 1e-6}
    return Case(
        f"training-{network}-{side}-{precision}",
        f"training step of {network}, {batch} images of {side} x {side}, {precision}",
        "network",
        {"network": network, "batch": batch, "side": side, "classes": 1000},
        Side("fgvc TrainableNetwork.step, torch engine", "training-step", settings),
        [Side(f"{pytorch(network)} {label}", "networks.training_step", settings)],
        FP32 if precision == "fp32" else BF16,
        unit="images",
        amount=batch,
        heap=TRAINING_HEAP,
        flags=SMALL_HEAP_FLAGS,
        # Allocators take some steps to settle, and training takes thousands.
        warm_up_runs=8,
    )


def loading(height, width, side, count=256):
    return Case(
        f"loader-{height}x{width}-{side}",
        f"one epoch of {count} JPEG files of {height} x {width}, central crop to {side} x {side}",
        "photos",
        {"count": count, "height": height, "width": width, "side": side},
        Side("fgvc BatchLoader", "loader"),
        [
            Side("PyTorch DataLoader with Pillow", "loader.epoch", {"library": "pillow"}),
            Side("PyTorch DataLoader with OpenCV", "loader.epoch", {"library": "opencv"}),
        ],
        # Decoders and bilinear filters differ by rounding; Pillow's filter is wider when it shrinks.
        2e-2,
        unit="images",
        amount=count,
    )


# Of the GPU's cases: images enough to fill it.
GPU_BATCH = 64


def on_gpu(case, ours, peers):
    """A case on the first GPU. Images lie in the host's memory and results end there."""

    def there(side):
        return replace(side, settings={**side.settings, "device": "cuda"})

    return replace(
        case, name=f"cuda-{case.name}", ours=there(ours), peers=[there(peer) for peer in peers], heap="4g", flags=()
    )


def gpu_inference(network, side, precision, compiled=False):
    case = inference(network, side, precision, GPU_BATCH)
    settings = {"precision": precision, "images": "bytes"}
    ours = replace(case.ours, settings=settings)
    peers = [replace(peer, settings={**peer.settings, **settings}) for peer in case.peers]
    return on_gpu(case, ours, peers if compiled else peers[:1])


def gpu_training(network, side, precision):
    case = training(network, side, precision, GPU_BATCH)
    return on_gpu(case, case.ours, case.peers)


def gpu_domain(network, side, precision, batches=16):
    case = inference(network, side, precision, GPU_BATCH)
    settings = {"precision": precision, "batches": batches}
    label = f"{pytorch(network)} eager, channels-last, copies on a second stream"
    title = f"class means by {network} of {batches} x {GPU_BATCH} images of {side} x {side} bytes, {precision}"
    case = replace(
        case, name=f"domain-{network}-{side}-{precision}", title=title, amount=batches * GPU_BATCH, expected=""
    )
    ours = Side("fgvc Network.classMeans, torch engine", "class-means", settings)
    return on_gpu(case, ours, [Side(label, "networks.class_means", settings)])


def gpu_distance(rows, columns, dimension):
    case = distance(rows, columns, dimension)
    ours = Side("fgvc TorchDistances", "distance", {"engine": "torch"})
    return on_gpu(case, ours, [torch_cdist("float64"), torch_cdist("float32")])


def foreign(model, side, batch=32):
    return Case(
        f"onnx-{model}-{side}",
        f"features of {model} exported to ONNX, {batch} images of {side} x {side}",
        "onnx",
        {"model": model, "batch": batch, "side": side},
        Side("fgvc OnnxBackbone.features", "onnx"),
        [Side("ONNX Runtime (Python)", "onnx.runtime")],
        FP32,
        unit="images",
        amount=batch,
        expected="expected.json",
        heap="512m",
    )


CASES = [
    emd(200, 200, [POT, ORTOOLS]),
    emd(1000, 100, [POT, ORTOOLS]),
    emd(1000, 1000, [POT, ORTOOLS]),
    emd(5089, 200, [POT, ORTOOLS]),
    emd(6089, 555, [POT, ORTOOLS]),
    emd(5000, 5000, [POT]),
    emd(10000, 10000, [POT]),
    streamed(1000, 1000, 64),
    streamed(5000, 5000, 64),
    from_features(6089, 555, 2048),
    from_features(5000, 5000, 2048),
    distance(6089, 555, 2048),
    single_distance(6089, 555, 2048),
    loading(375, 500, 299),
    loading(800, 600, 299),
    loading(800, 600, 560),
    inference("inception_v3", 299, "fp32"),
    inference("inception_v3", 299, "bf16"),
    inference("inception_v3", 560, "bf16"),
    inference("inception_v4", 299, "fp32"),
    inference("inception_v4", 299, "bf16"),
    inference("inception_resnet_v2", 299, "fp32"),
    inference("inception_resnet_v2", 299, "bf16"),
    inference("resnet_v2_50", 299, "fp32"),
    inference("resnet_v2_50", 299, "bf16"),
    training("inception_v3", 299, "fp32"),
    training("inception_v3", 299, "bf16"),
    training("resnet_v2_50", 299, "fp32"),
    training("resnet_v2_50", 299, "bf16"),
    foreign("resnet50", 224),
    foreign("convnext_tiny", 224),
    foreign("vit_small_patch14_dinov2", 224),
]

GPU_CASES = [
    gpu_domain("inception_v3", 299, "bf16"),
    gpu_domain("inception_v3", 299, "fp32"),
    gpu_domain("resnet_v2_50", 299, "bf16"),
    gpu_inference("inception_v3", 299, "fp32"),
    gpu_inference("inception_v3", 299, "bf16", compiled=True),
    gpu_inference("inception_v3", 560, "bf16"),
    gpu_inference("inception_v4", 299, "bf16"),
    gpu_inference("inception_resnet_v2", 299, "fp32"),
    gpu_inference("inception_resnet_v2", 299, "bf16"),
    gpu_inference("resnet_v2_50", 299, "fp32"),
    gpu_inference("resnet_v2_50", 299, "bf16", compiled=True),
    gpu_training("inception_v3", 299, "fp32"),
    gpu_training("inception_v3", 299, "bf16"),
    gpu_training("resnet_v2_50", 299, "fp32"),
    gpu_training("resnet_v2_50", 299, "bf16"),
    gpu_distance(6089, 555, 2048),
]
