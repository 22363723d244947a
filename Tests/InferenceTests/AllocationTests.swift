import CAllocations
import Glibc
import Graph
import Inference
import Kernels
import Support
import Tensors
import Testing

@Suite("Allocations of a body")
struct AllocationTests {
  /// Networks with all operations and with many chains.
  private static func networks(seed: UInt64) throws -> [Network] {
    var graphs = [BodyTests.everything(seed: seed), OperationTests.branches(seed: seed)]
    for other in 0..<8 { graphs.append(StripTests.graph(seed: seed * 8 + UInt64(other))) }
    return try graphs.map { graph in
      let graph = try graph.fused()
      return try TestNetworks.quantised(graph, cut: graph.output)
    }
  }

  @Test("none per inference, in strips or on whole activations", arguments: UInt64(0)..<4)
  func none(seed: UInt64) throws {
    guard allocations_of_thread() >= 0 else {
      print("not run: allocations cannot be counted here")
      return
    }
    let before = allocations_of_thread()
    let networks = try Self.networks(seed: seed)
    #expect(allocations_of_thread() > before, "the counter counts nothing")
    for network in networks {
      let image = BodyTests.image(network.inputShape, seed: seed)
      for use in [StripUse.never, .whereUseful, .wherePossible] {
        let body = try Body(network, strips: use)
        var features = [Float](repeating: 0, count: body.featureShape.count)
        var span = features.mutableSpan
        body.run(image.span, features: &span)
        let before = allocations_of_thread()
        for _ in 0..<3 { body.run(image.span, features: &span) }
        #expect(allocations_of_thread() == before, "\(use), \(body.plan.stages)")
      }
    }
  }

  @Test("none per inference with the tail")
  func noneWithTail() throws {
    guard allocations_of_thread() >= 0 else {
      print("not run: allocations cannot be counted here")
      return
    }
    for type in [Quantiser.TailType.float16, .float32] {
      var maker = GraphMaker(seed: 5)
      let cut = maker.add(.globalAveragePool, [maker.convolution("image", outputs: 20)])
      maker.fullyConnected(cut, outputs: 30)
      let network = try TestNetworks.quantised(maker.graph, cut: cut, tailType: type)
      let image = BodyTests.image(network.inputShape, seed: 6)
      let tail = try Tail(network)
      let body = try Body(network, tail: tail)
      var logits = [Float](repeating: 0, count: tail.outputCount)
      var span = logits.mutableSpan
      body.run(image.span, logits: &span)
      let before = allocations_of_thread()
      for _ in 0..<3 { body.run(image.span, logits: &span) }
      #expect(allocations_of_thread() == before, "\(type)")
    }
  }

  /// In a process of its own, for what other tests allocate at the same time would be counted.
  @Test("none per inference by any of the threads that share it")
  func noneOfThreads() async {
    guard allocations_of_process() >= 0 else {
      print("not run: allocations cannot be counted here")
      return
    }
    await #expect(processExitsWith: .success) {
      try #require(Self.countsHelpers(), "what helpers allocate is not counted")
      for network in try Self.networks(seed: 1) {
        let image = BodyTests.image(network.inputShape, seed: 1)
        for use in [StripUse.never, .whereUseful] {
          let body = try Body(network, strips: use, threads: 3)
          try #require(body.threadCount == 3, "the system gives no threads")
          #expect(Self.allocations(of: body, image) == 0, "\(use), \(body.plan.stages)")
        }
      }
    }
  }

  /// What ten runs allocate once every thread has had work.
  private static func allocations(of body: Body, _ image: [Int8]) -> Int64 {
    var features = [Float](repeating: 0, count: body.featureShape.count)
    var span = features.mutableSpan
    for _ in 0..<20 { body.run(image.span, features: &span) }
    let before = allocations_of_process()
    for _ in 0..<10 { body.run(image.span, features: &span) }
    return allocations_of_process() - before
  }

  /// Whether the counter sees what a helper allocates, and the caller does not.
  private static func countsHelpers() -> Bool {
    let caller = pthread_self()
    let work = Allocating(notBy: caller)
    let team = Team(count: 3, work)
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
      let before = allocations_of_process() - allocations_of_thread()
      team.run()
      if allocations_of_process() - allocations_of_thread() > before { return true }
    }
    return false
  }
}

/// Work whose parts allocate, but for those that the caller does.
private final class Allocating: TeamWork, @unchecked Sendable {
  let phaseCount = 100
  private let caller: pthread_t

  init(notBy caller: pthread_t) { self.caller = caller }

  func partCount(_ index: Int) -> Int { 3 }
  func didEnd(_ index: Int) {}
  func run(_ index: Int, _ part: Share) {
    guard pthread_equal(pthread_self(), caller) == 0 else {
      sched_yield()
      return
    }
    // Of this no optimiser knows that it can be left out.
    var block: UnsafeMutableRawPointer?
    unsafe posix_memalign(&block, 64, 1 << 10)
    unsafe free(block)
  }
}
