"""What is compared: for each case the inputs, our work, and each peer's."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Side:
    """One program and its settings; `once` keeps a slow peer from being run again."""

    label: str
    work: str
    settings: dict = field(default_factory=dict)
    once: bool = False


@dataclass(frozen=True)
class Case:
    """`tolerance` is the relative difference, in the Euclidean norm, up to which results agree."""

    name: str
    title: str
    kind: str
    inputs: dict
    ours: Side
    peers: list
    tolerance: float
    unit: str = ""
    amount: int = 0


POT = Side("POT ot.emd, numItermax 10^9", "transport.pot_emd")
ORTOOLS = Side("OR-Tools min-cost flow (Python), all arcs", "transport.ortools_dense")
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
    )


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
            Side("torch.cdist float64", "transport.torch_cdist", {"precision": "float64"}),
            Side("torch.cdist float32", "transport.torch_cdist", {"precision": "float32"}),
            Side("SciPy cdist", "transport.scipy_cdist"),
        ],
        1e-4,
    )


CASES = [
    emd(200, 200, [POT, ORTOOLS]),
    emd(1000, 100, [POT, ORTOOLS]),
    emd(5089, 200, [POT, ORTOOLS]),
    emd(6089, 555, [POT, ORTOOLS]),
    emd(5000, 5000, [POT]),
    emd(10000, 10000, [POT]),
    streamed(1000, 1000, 64),
    streamed(5000, 5000, 64),
    distance(6089, 555, 2048),
]
