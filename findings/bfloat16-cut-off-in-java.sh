#!/usr/bin/env bash
# JavaCPP 1.5.12 and TensorFlow's ndarray 1.0.0 cut floats off to bfloat16; ONNX Runtime 1.22.0 rounds.
#
# PyTorch and TensorFlow round, too. Cut off, all values move towards 0: the mean of 100,000 between
# 1 and 2 falls by a quarter of a percent. The lines are: as given, rounded, JavaCPP, TensorFlow.
# Guess before the run: rounded to nearest, with a suspicion that some cut off.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in org.bytedeco:javacpp:1.5.12 org.tensorflow:ndarray:1.0.0 com.microsoft.onnxruntime:onnxruntime:1.22.0; do
    IFS=: read -r group name version classifier <<<"$artifact"
    echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version>"
    [ -z "$classifier" ] || echo "<classifier>$classifier</classifier>"
    echo '</dependency>'
  done
  echo '</dependencies></project>'
} > pom.xml
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.9.0
mvn -B -ntp -q $plugin:build-classpath -Dmdep.outputFile=classpath > mvn.log || { cat mvn.log; exit 1; }

cat > Probe.java <<'JAVA'
import ai.onnxruntime.platform.Fp16Conversions;
import java.util.Random;
import org.bytedeco.javacpp.indexer.Bfloat16Indexer;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.layout.DataLayouts;

class Probe {
  public static void main(String[] none) {
    Bfloat16Indexer javacpp = Bfloat16Indexer.create(new short[1]);
    var tensorflow = DataLayouts.BFLOAT16.applyTo(DataBuffers.ofShorts(1));
    double[] sums = new double[4];
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      float value = 1 + random.nextFloat();
      javacpp.put(0, value);
      tensorflow.setFloat(value, 0);
      short rounded = Fp16Conversions.floatToBf16(value);
      sums[0] += value;
      sums[1] += Fp16Conversions.bf16ToFloat(rounded);
      sums[2] += javacpp.get(0);
      sums[3] += tensorflow.getFloat(0);
    }
    for (double sum : sums) {
      System.out.printf("%.4f%n", sum / 100_000);
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
1.5006
1.5006
1.4967
1.4967
EXPECTED
echo "unchanged: org.bytedeco:javacpp:1.5.12 org.tensorflow:ndarray:1.0.0 com.microsoft.onnxruntime:onnxruntime:1.22.0"
