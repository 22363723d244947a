import CAllocations
import Graph
import Inference
import Support
import Tensors
import Testing

@Suite("Allocations of a body")
struct AllocationTests {
  @Test("none per inference, in strips or on whole activations", arguments: UInt64(0)..<4)
  func none(seed: UInt64) throws {
    guard allocations_of_thread() >= 0 else {
      print("not run: allocations cannot be counted here")
      return
    }
    let before = allocations_of_thread()
    var graphs = [BodyTests.everything(seed: seed)]
    for other in 0..<8 { graphs.append(StripTests.graph(seed: seed * 8 + UInt64(other))) }
    #expect(allocations_of_thread() > before, "the counter counts nothing")
    for graph in graphs {
      let graph = try graph.fused()
      let network = try TestNetworks.quantised(graph, cut: graph.output)
      let image = BodyTests.image(network.inputShape, seed: seed)
      for (use, threads) in [
        (StripUse.never, 1), (.whereUseful, 1), (.wherePossible, 1), (.whereUseful, 3),
      ] {
        let body = try Body(network, strips: use, threads: threads)
        var features = [Float](repeating: 0, count: body.featureShape.count)
        var span = features.mutableSpan
        body.run(image.span, features: &span)
        let before = allocations_of_thread()
        for _ in 0..<3 { body.run(image.span, features: &span) }
        #expect(allocations_of_thread() == before, "\(use), \(threads), \(body.plan.stages)")
      }
    }
  }
}
