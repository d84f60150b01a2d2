#!/usr/bin/env bash
# fastparquet 2026.9.0: features in half precision, as pyarrow writes them, are read as pairs of bytes.
#
# Parquet has had the type FLOAT16 since its format 2.10; pyarrow, DuckDB and Polars read and write it. fastparquet
# gives a column of bytes objects instead, without a warning, and lists of them for lists of features.
# Guess before the run: numbers, or an error that names the type.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q fastparquet==2026.9.0 pandas==3.0.6 pyarrow==25.0.1 numpy==2.4.6
cd "$work"

venv/bin/python - > seen 2> messages <<'PYTHON' || { cat messages; exit 1; }
import fastparquet
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

features = np.array([1.5, -2.0, 0.25, 3.0], np.float16)
column = pa.FixedSizeListArray.from_arrays(pa.array(features), 2)
pq.write_table(pa.table({"half": features[:2], "features": column}), "features.parquet")
print("pyarrow", pq.read_table("features.parquet").to_pydict())
read = fastparquet.ParquetFile("features.parquet").to_pandas()
print("fastparquet", [bytes(value) for value in read["half"]])
print("fastparquet", [[bytes(value) for value in row] for row in read["features"]])
PYTHON

grep -i warn messages && { echo "a warning now"; exit 1; }
diff - seen <<'EXPECTED'
pyarrow {'half': [1.5, -2.0], 'features': [[1.5, -2.0], [0.25, 3.0]]}
fastparquet [b'\x00>', b'\x00\xc0']
fastparquet [[b'\x00>', b'\x00\xc0'], [b'\x004', b'\x00B']]
EXPECTED
echo "unchanged: fastparquet==2026.9.0 pyarrow==25.0.1"
