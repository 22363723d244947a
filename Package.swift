// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every Swift target: the language as strict as it goes, and no warning survives.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

/// The same for C. Kernels are optimised in debug builds too: unoptimised intrinsics are a hundred times slower.
let cSettings: [CSetting] = [
  .treatAllWarnings(as: .error),
  .enableWarning("all"),
  .enableWarning("extra"),
  .unsafeFlags(["-std=c11", "-O3", "-ffp-contract=off"]),
]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let configuration = Target.Dependency.product(
  name: "Configuration", package: "swift-configuration")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

/// Modules in their order: each may use only what stands above it (`Tests/check-modules.sh` holds this).
let modules: [Target] = [
  .target(name: "CKernels", cSettings: cSettings),
  .target(name: "CXXHash", cSettings: cSettings),
  .target(name: "CImaging", cSettings: cSettings, linkerSettings: [.linkedLibrary("jpeg")]),
  .target(
    name: "CBoard", cSettings: cSettings,
    linkerSettings: [.linkedLibrary("gpiod"), .linkedLibrary("crypt")]),
  .target(name: "Tensors"),
  .target(name: "Kernels", dependencies: ["CKernels"]),
  .target(name: "Graph", dependencies: ["CXXHash", "Tensors", crypto]),
  .target(name: "Inference", dependencies: ["Tensors", "Kernels", "Graph", crypto]),
  .target(name: "Training", dependencies: ["Tensors", "Kernels", "Graph", "Inference"]),
  .target(name: "ActiveLearning", dependencies: ["Tensors", "Kernels"]),
  .target(name: "Imaging", dependencies: ["CImaging"]),
  .target(name: "SampleStore", dependencies: [grdb]),
  .target(name: "Board", dependencies: ["CBoard"]),
  .target(
    name: "Exchange", dependencies: ["Tensors", "Graph", protobuf],
    exclude: ["Protobuf/generate.sh", "Protobuf/onnx.proto"]),
  .target(name: "Sync", dependencies: ["Graph", crypto, subprocess, system]),
  .target(
    name: "DeviceRuntime",
    dependencies: [
      "Tensors", "Kernels", "Graph", "Inference", "Training", "ActiveLearning", "Imaging",
      "SampleStore", "Board", "Exchange", "Sync", logging, lifecycle, signals, crypto, subprocess,
      system, configuration, yams,
    ]),
  .target(
    name: "Simulation",
    dependencies: [
      "Tensors", "Kernels", "Graph", "Inference", "Training", "ActiveLearning", "Imaging",
      "SampleStore", "DeviceRuntime", crypto,
    ]),
  .executableTarget(
    name: "loam",
    dependencies: [
      "Tensors", "Kernels", "Graph", "Inference", "Training", "ActiveLearning", "Imaging",
      "SampleStore", "Board", "Exchange", "Sync", "DeviceRuntime", "Simulation", arguments,
      logging,
    ]),
]

/// Test targets, one a module, with what they share in `Tests/Support`.
let tests: [Target] = [
  .target(name: "Support", dependencies: ["Tensors", "Graph"], path: "Tests/Support"),
  .target(name: "CAllocations", path: "Tests/CAllocations", cSettings: cSettings),
  .testTarget(name: "KernelsTests", dependencies: ["Kernels"]),
  .testTarget(name: "GraphTests", dependencies: ["Tensors", "Graph", "Support"]),
  .testTarget(
    name: "InferenceTests",
    dependencies: ["Tensors", "Kernels", "Graph", "Inference", "Support", "CAllocations"]),
  .testTarget(
    name: "TrainingTests", dependencies: ["Tensors", "Kernels", "Inference", "Training"]),
  .testTarget(name: "ActiveLearningTests", dependencies: ["Tensors", "ActiveLearning"]),
  .testTarget(name: "ImagingTests", dependencies: ["Imaging"], exclude: ["Fixtures"]),
  .testTarget(name: "SampleStoreTests", dependencies: ["SampleStore", grdb]),
  .testTarget(name: "BoardTests", dependencies: ["Board"]),
  .testTarget(
    name: "ExchangeTests", dependencies: ["Tensors", "Kernels", "Graph", "Inference", "Exchange"]),
  .testTarget(name: "SyncTests", dependencies: ["Graph", "Sync", "Support", crypto]),
  .testTarget(name: "ConsoleTests", dependencies: ["ActiveLearning", "Board", "DeviceRuntime"]),
  .testTarget(
    name: "DeviceRuntimeTests",
    dependencies: [
      "Tensors", "Graph", "Inference", "Training", "ActiveLearning", "Imaging", "SampleStore",
      "Board", "Exchange", "Sync", "DeviceRuntime", "Support", logging,
    ]),
  .testTarget(
    name: "SimulationTests",
    dependencies: [
      "Simulation", "ActiveLearning", "Tensors", "Kernels", "Graph", "Inference", "Training",
      "Imaging", "SampleStore", "DeviceRuntime", "Support",
    ]),
]

let package = Package(
  name: "loam",
  products: [.executable(name: "loam", targets: ["loam"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // Without its traits: the file is read by Yams itself, which knows the line of each key.
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
  ],
  targets: modules + tests
)

for target in package.targets where !target.name.hasPrefix("C") {
  target.swiftSettings = (target.swiftSettings ?? []) + settings
}
