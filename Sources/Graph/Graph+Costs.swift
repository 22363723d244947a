import Tensors

extension Graph {
  /// Multiply-accumulates of one run, by node name; nodes that multiply nothing are absent.
  package func macs() throws(GraphError) -> [String: Int] {
    Self.macs(of: nodes, shapes: try shapes())
  }

  /// The same for nodes whose activations have the given shapes.
  static func macs(of nodes: [Node], shapes: [String: Shape]) -> [String: Int] {
    var result: [String: Int] = [:]
    for node in nodes {
      guard let input = node.inputs.first.flatMap({ shapes[$0] }), let output = shapes[node.output]
      else { continue }
      switch node.operation {
      case .convolution(let window, let groups):
        result[node.name] =
          output.count * window.height * window.width * (input.channels / max(1, groups))
      case .fullyConnected:
        result[node.name] = output.count * input.count
      default:
        break
      }
    }
    return result
  }
}
