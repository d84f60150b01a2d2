"""Exact transport and distance matrices with POT, OR-Tools, SciPy, scikit-learn and PyTorch."""

from pathlib import Path

import numpy as np

SAMPLES = 1000
# OR-Tools takes integers: eleven digits keep the rounding below every tolerance used here.
COST_UNITS = 10**7


def read(settings):
    folder = Path(settings["folder"])
    names = ["source", "target", "source-counts", "target-counts"]
    return [np.load(folder / f"{name}.npy") for name in names]


def costs(source, target):
    from scipy.spatial.distance import cdist

    return cdist(source.astype(np.float64), target.astype(np.float64))


def pot_solver():
    """ot.emd, whose default numItermax would stop it before the optimum."""
    import ot

    def optimum(supply, demand, cost):
        _, log = ot.emd(supply, demand, cost, numItermax=10**9, log=True)
        if log["warning"]:
            raise RuntimeError(log["warning"])
        return [log["cost"]]

    return optimum


def pot_emd(settings):
    """ot.emd on a finished cost matrix."""
    optimum = pot_solver()
    source, target, supply, demand = read(settings)
    cost = costs(source, target)
    supply, demand = supply / supply.sum(), demand / demand.sum()

    return lambda: optimum(supply, demand, cost)


def pot_from_features(settings):
    """ot.dist in float64, as what it computes in float32 would be off by more than is allowed here, and ot.emd."""
    import ot

    optimum = pot_solver()
    source, target, supply, demand = read(settings)
    supply, demand = supply / supply.sum(), demand / demand.sum()

    def work():
        cost = ot.dist(source.astype(np.float64), target.astype(np.float64), metric="euclidean")
        return optimum(supply, demand, cost)

    return work


def pot_emd2_lazy(settings):
    """ot.emd2_lazy, which computes costs as it needs them."""
    import ot

    source, target, supply, demand = read(settings)
    source, target = source.astype(np.float64), target.astype(np.float64)
    supply, demand = supply / supply.sum(), demand / demand.sum()

    def work():
        value = ot.lp.emd2_lazy(
            source, target, supply, demand, metric="euclidean", numItermax=10**9, return_matrix=False
        )
        return [float(value)]

    return work


def ortools_dense(settings):
    """OR-Tools' min-cost flow with every pair as an arc: building the problem is part of the work."""
    from ortools.graph.python import min_cost_flow

    source, target, supply, demand = read(settings)
    cost = costs(source, target)
    rows, columns = cost.shape
    supplies, demands = supply.astype(np.int64), demand.astype(np.int64)
    supply_total, demand_total = int(supplies.sum()), int(demands.sum())
    # Masses n_i * N_T and m_j * N_S are integers of equal sums.
    supplies, demands = supplies * demand_total, demands * supply_total

    def work():
        flow = min_cost_flow.SimpleMinCostFlow()
        tails = np.repeat(np.arange(rows, dtype=np.int32), columns)
        heads = np.tile(np.arange(rows, rows + columns, dtype=np.int32), rows)
        capacities = np.minimum(supplies[:, None], demands[None, :]).ravel()
        units = np.rint(cost * COST_UNITS).astype(np.int64).ravel()
        arcs = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, units)
        flow.set_nodes_supplies(np.arange(rows + columns), np.concatenate([supplies, -demands]))
        status = flow.solve()
        if status != flow.OPTIMAL:
            raise RuntimeError(f"status {status}")
        moved = flow.flows(arcs)
        used = np.flatnonzero(moved)
        return [float(moved[used] @ cost.ravel()[used]) / (supply_total * demand_total)]

    return work


def samples(matrix):
    flat = matrix.ravel()
    return flat[:: max(1, flat.size // SAMPLES)][:SAMPLES]


def scipy_cdist(settings):
    from scipy.spatial.distance import cdist

    source, target, _, _ = read(settings)
    return lambda: samples(cdist(source, target))


def sklearn_euclidean(settings):
    """scikit-learn raises float32 to float64 in blocks, as ours does."""
    from sklearn.metrics.pairwise import euclidean_distances

    source, target, _, _ = read(settings)
    return lambda: samples(euclidean_distances(source, target))


def torch_cdist(settings):
    """In the precision that is asked for; float32 is what users give it, float64 what ours returns."""
    import torch

    torch.set_num_threads(int(settings["threads"]))
    dtype = getattr(torch, settings["precision"])
    source, target, _, _ = read(settings)
    source, target = torch.from_numpy(source).to(dtype), torch.from_numpy(target).to(dtype)
    device = settings.get("device", "cpu")

    @torch.inference_mode()
    def work():
        return samples(torch.cdist(source.to(device), target.to(device)).cpu().numpy())

    return work
