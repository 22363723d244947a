// swift-tools-version: 6.2
import PackageDescription

// Fuzz targets for the parsers of model files; `Tests/fuzz.sh` builds and runs them.
//
// A package of its own, so that no build of Loam's is slowed by it. What it fuzzes are Loam's modules by links
// to their folders: compiled here, in one package with the targets, they show what is `package`.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

let modules: [Target] = [
  .target(name: "Crypto"),
  .target(
    name: "CKernels", path: "Modules/CKernels",
    cSettings: [.unsafeFlags(["-std=c11", "-O3", "-ffp-contract=off"])]),
  .target(
    name: "CXXHash", path: "Modules/CXXHash", cSettings: [.unsafeFlags(["-std=c11", "-O3"])]),
  .target(name: "Tensors", path: "Modules/Tensors"),
  .target(name: "Kernels", dependencies: ["CKernels"], path: "Modules/Kernels"),
  .target(name: "Graph", dependencies: ["CXXHash", "Tensors", "Crypto"], path: "Modules/Graph"),
  .target(
    name: "Inference", dependencies: ["Tensors", "Kernels", "Graph", "Crypto"],
    path: "Modules/Inference"),
  .target(
    name: "Exchange", dependencies: ["Tensors", "Graph", protobuf], path: "Modules/Exchange",
    exclude: ["Protobuf/generate.sh", "Protobuf/onnx.proto"]),
]

let fuzzers: [Target] = [
  .target(name: "FuzzSupport", dependencies: ["Tensors", "Graph", "Inference", "Exchange"]),
  .executableTarget(name: "FuzzLoam", dependencies: ["Graph", "FuzzSupport"]),
  .executableTarget(name: "FuzzONNX", dependencies: ["Exchange", "FuzzSupport"]),
  .executableTarget(name: "FuzzTFLite", dependencies: ["Exchange", "FuzzSupport"]),
]

let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0")
  ],
  targets: modules + fuzzers
)

for target in package.targets where !target.name.hasPrefix("C") {
  target.swiftSettings = (target.swiftSettings ?? []) + settings
}
