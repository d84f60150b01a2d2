#!/usr/bin/env bash
# OR-Tools 9.15.6755: a minimum cost flow whose cost overflows is called OPTIMAL, with the largest long.
#
# The flow is right; only its sum is not, and no status says so.
# Guess before the run: BAD_COST_RANGE, as there is a status of that name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q ortools==9.15.6755
cd "$work"

venv/bin/python - > seen <<'PYTHON'
from ortools.graph.python import min_cost_flow

flow = min_cost_flow.SimpleMinCostFlow()
flow.add_arc_with_capacity_and_unit_cost(0, 1, 2**40, 2**30)
flow.set_node_supply(0, 2**40)
flow.set_node_supply(1, -(2**40))
print(flow.solve().name, flow.optimal_cost() == 2**63 - 1, flow.flow(0) == 2**40)
PYTHON

diff - seen <<'EXPECTED'
OPTIMAL True True
EXPECTED
echo "unchanged: ortools==9.15.6755"
