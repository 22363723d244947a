import Glibc
package import Graph
import Inference
package import Tensors

/// The bytes that libFuzzer gives.
package func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
}

/// Does with a network what the program does: describes, plans, writes and reads it, and runs it if it is small.
///
/// Traps where something does not hold that must.
package func exercise(_ network: Network) {
  _ = (network.rows, network.macCount, network.parameterCount, network.headNode)
  let plan = Plan(network)
  for other in [plan, Plan(network, strips: .never)] {
    precondition(other.byteCount >= other.lowerBound, "a plan below its lower bound")
  }
  rewrite(network)
  keep(network)
  guard plan.byteCount <= 1 << 20, work(network.nodes, network.shapes) <= 1 << 22 else { return }
  do throws(InferenceError) {
    let body = try Body(network)
    let image = [Int8](repeating: 5, count: network.inputShape.count)
    let feature = body.features(image.span)
    precondition(feature.allSatisfy { !$0.isNaN }, "a feature that is no number")
    _ = try Tail(network).logits(feature.span, count: 1)
  } catch {
    _ = error.description
  }
}

/// What was read can be written, and what was written is read as the same network.
private func rewrite(_ network: Network) {
  do throws(LoamFileError) {
    let again = try LoamFile.parse(try LoamFile.serialise(network)).network()
    precondition(
      again.nodes == network.nodes && again.lineage == network.lineage
        && again.quantisation == network.quantisation,
      "a network that is another after it was written")
  } catch {
    preconditionFailure("a network that cannot be written and read: \(error)")
  }
}

/// Writes `network` where `LOAM_FUZZ_SEEDS` says, named by its body, to be a seed of the target for `.loam` files.
private func keep(_ network: Network) {
  guard let folder = unsafe getenv("LOAM_FUZZ_SEEDS") else { return }
  let name = "\(network.lineage.bodySHA256.prefix(12)).loam"
  do throws(LoamFileError) {
    try unsafe LoamFile.write(network, to: "\(String(cString: folder))/\(name)")
  } catch {
    preconditionFailure("\(error)")
  }
}

/// Does with a graph what an import does: folds it, finds its ranges on a grey photo and quantises it.
package func exercise(_ graph: Graph) {
  do {
    let shapes = try graph.shapes()
    let fused = try graph.fused()
    let plan = Plan(fused, shapes: try fused.shapes())
    precondition(plan.byteCount >= plan.lowerBound, "a plan below its lower bound")
    guard plan.byteCount <= 1 << 18, work(graph.nodes, shapes) <= 1 << 20,
      graph.constants.values.reduce(0, { $0 + $1.elements.count }) <= 1 << 18,
      let cut = fused.defaultCut ?? fused.nodes.last?.output
    else { return }
    let grey = [UInt8](repeating: 90, count: graph.inputShape.height * graph.inputShape.width * 3)
    let choice = try QuantisationChoice(
      fused, cut: cut, settings: settings(for: graph.inputShape), photoCount: 1,
      methods: [.minMax]
    ) { _ in grey }
    exercise(choice.network)
  } catch {
    _ = "\(error)"
  }
}

/// What a network is quantised with where nothing is said.
package func settings(for shape: Shape) -> Quantiser.Settings {
  let channels = shape.channels
  return Quantiser.Settings(
    preprocessing: Preprocessing(
      width: shape.width, height: shape.height, mean: Array(repeating: 127, count: channels),
      deviation: Array(repeating: 128, count: channels)),
    lineage: Lineage(source: "fuzz", sourceSHA256: ""))
}

/// Elements that a run looks at, roughly: those that are too many are not run.
private func work(_ nodes: [Node], _ shapes: [String: Shape]) -> Int {
  var sum = 0.0
  for node in nodes {
    let output = Double(shapes[node.output]?.count ?? 0)
    let input = Double(node.inputs.first.flatMap { shapes[$0]?.count } ?? 0)
    let taps: Double =
      switch node.operation {
      case .convolution(let window, let groups):
        Double(window.height) * Double(window.width)
          * Double(node.inputs.first.flatMap { shapes[$0]?.channels } ?? 1) / Double(groups)
      case .maxPool(let window), .averagePool(let window, _):
        Double(window.height) * Double(window.width)
      case .localResponseNormalisation(let response): Double(response.size)
      case .fullyConnected: input
      default: 1
      }
    sum += output * taps + input
  }
  return sum < 1e12 ? Int(sum) : .max
}
