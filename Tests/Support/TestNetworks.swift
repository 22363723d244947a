package import Graph
package import Tensors

/// Quantised networks of random weights for tests.
package enum TestNetworks {
  /// Path of the shipped model.
  package static let shipped =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/Models/efficientnet-lite0.loam"

  /// Scales pixels as EfficientNet-Lite does.
  package static func preprocessing(_ shape: Shape) -> Preprocessing {
    let channels = shape.channels
    return Preprocessing(
      width: shape.width, height: shape.height, mean: Array(repeating: 127, count: channels),
      deviation: Array(repeating: 128, count: channels))
  }

  /// `graph` quantised with a range of −4...6 for each activation, or the one in `ranges`.
  package static func quantised(
    _ graph: Graph, cut: String, ranges: [String: ClosedRange<Float>] = [:],
    classes: [String] = [], tailType: Quantiser.TailType = .float16
  ) throws -> Network {
    let preprocessing = preprocessing(graph.inputShape)
    var all: [String: ClosedRange<Float>] = [:]
    for node in graph.nodes { all[node.output] = ranges[node.output] ?? -4...6 }
    return try Quantiser.quantise(
      graph, cut: cut, ranges: all,
      inputQuantisation: Quantiser.inputQuantisation(for: preprocessing),
      settings: Quantiser.Settings(
        preprocessing: preprocessing, classes: classes,
        lineage: Lineage(source: "test", sourceSHA256: String(repeating: "0", count: 64)),
        tailType: tailType))
  }

  /// The tiny classifier, cut before its fully connected layer.
  package static func classifier(
    seed: UInt64, classes: [String] = ["a", "b", "c", "d"],
    tailType: Quantiser.TailType = .float16
  ) throws -> Network {
    let graph = try GraphMaker.classifier(seed: seed, classes: classes.count).fused()
    return try quantised(
      graph, cut: graph.defaultCut ?? "", classes: classes, tailType: tailType)
  }
}
