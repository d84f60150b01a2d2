plugins {
  java
}

repositories {
  mavenCentral()
  mavenLocal() // for fgvc's snapshot
}

dependencies {
  implementation(platform("dev.fgvc:fgvc-bom:0.1.0-SNAPSHOT")) // the versions that belong together
  implementation("dev.fgvc:fgvc-nets")
  implementation("dev.fgvc:fgvc-emd")
  implementation("org.bytedeco:opencv")
  implementation("org.bytedeco:pytorch")
  listOf("javacpp", "openblas", "opencv", "pytorch")
    .forEach { runtimeOnly("org.bytedeco:$it::linux-x86_64") } // or macosx-arm64, windows-x86_64
}
