#!/usr/bin/env bash
# jHDF 0.13.0: HDF5's bfloat16 is decoded as IEEE half; 1 becomes 1.875.
#
# The file says where sign, exponent and fraction lie; h5py reads the same values by that. Only the size
# of two bytes is looked at.
# Guess before the run: an exception for a float type that is not IEEE's.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in io.jhdf:jhdf:0.13.0 org.slf4j:slf4j-nop:2.0.17; do
    IFS=: read -r group name version classifier <<<"$artifact"
    echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version>"
    [ -z "$classifier" ] || echo "<classifier>$classifier</classifier>"
    echo '</dependency>'
  done
  echo '</dependencies></project>'
} > pom.xml
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.9.0
mvn -B -ntp -q $plugin:build-classpath -Dmdep.outputFile=classpath > mvn.log || { cat mvn.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q h5py==3.16.0 numpy==2.2.6
venv/bin/python - <<'PYTHON'
import h5py
import numpy as np

bfloat16 = h5py.h5t.IEEE_F32LE.copy()
bfloat16.set_fields(15, 7, 8, 0, 7)
bfloat16.set_size(2)
bfloat16.set_ebias(127)
with h5py.File("weights.h5", "w") as file:
    space = h5py.h5s.create_simple((3,))
    values = h5py.h5d.create(file.id, b"values", bfloat16, space)
    values.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2, 3], np.float32))
with h5py.File("weights.h5") as file:
    print("h5py", file["values"][:].tolist())
PYTHON

cat > Probe.java <<'JAVA'
import io.jhdf.HdfFile;
import java.nio.file.Path;
import java.util.Arrays;

class Probe {
  public static void main(String[] none) {
    try (HdfFile file = new HdfFile(Path.of("weights.h5"))) {
      System.out.println(Arrays.toString((float[]) file.getDatasetByPath("values").getData()));
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
[1.875, 2.0, 2.125]
EXPECTED
echo "unchanged: io.jhdf:jhdf:0.13.0 org.slf4j:slf4j-nop:2.0.17"
