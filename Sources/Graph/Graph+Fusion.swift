import Tensors

extension Graph {
  /// The same network with fewer nodes: batch norm, padding, clamps and nodes that change nothing
  /// are folded into their neighbours, and what the result does not need is gone.
  ///
  /// Results differ from the original's by fp32 rounding only. Constants are folded in `Double`.
  package func fused() throws(GraphError) -> Graph {
    let shapes = try shapes()
    var work = FusionWork(graph: self, shapes: shapes)
    work.run()
    let graph = work.graph
    _ = try graph.shapes()
    return graph
  }
}
