#!/usr/bin/env bash
# jHDF 0.13.0: a data set of an opaque type cannot be opened where its tag has 8 characters.
#
# With 7 or 9 it can. A tag is padded to a multiple of 8 bytes; where nothing is to be padded, 8 bytes
# too many are skipped.
# Guess before the run: all tags, or no opaque type at all.
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

for length in (7, 8, 9):
    opaque = h5py.h5t.create(h5py.h5t.OPAQUE, 2)
    opaque.set_tag(b"x" * length)
    with h5py.File(f"tag{length}.h5", "w") as file:
        values = h5py.h5d.create(file.id, b"values", opaque, h5py.h5s.create_simple((3,)))
        values.write(h5py.h5s.ALL, h5py.h5s.ALL, np.zeros(3, "V2"), opaque)
    with h5py.File(f"tag{length}.h5") as file:
        print("h5py", length, file["values"].shape)
PYTHON

cat > Probe.java <<'JAVA'
import io.jhdf.HdfFile;
import java.nio.file.Path;

class Probe {
  public static void main(String[] none) {
    for (int length : new int[] {7, 8, 9}) {
      try (HdfFile file = new HdfFile(Path.of("tag" + length + ".h5"))) {
        file.getDatasetByPath("values");
        System.out.println(length + " opened");
      } catch (RuntimeException refused) {
        System.out.println(length + " " + refused.getClass().getSimpleName());
      }
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
7 opened
8 HdfException
9 opened
EXPECTED
echo "unchanged: io.jhdf:jhdf:0.13.0 org.slf4j:slf4j-nop:2.0.17"
