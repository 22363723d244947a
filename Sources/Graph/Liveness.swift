import Tensors

/// When each activation is alive; step 0 is the input's arrival, step n the n-th stage's run.
struct Liveness {
  /// One stretch of memory and the activations that use it one after the other.
  struct Block {
    /// Empty for the rings of a stage.
    var activations: [Int]
    var byteCount: Int
    /// First and last step, both included, in which it must not be overwritten.
    var lifetime: ClosedRange<Int>
  }

  private(set) var blocks: [Block] = []
  private let stepCount: Int

  /// The lifetimes of what `uses` read and write; `feature` is not kept, `result` is to the end.
  init(_ wiring: Wiring, _ uses: [StageUse], feature: Int?, result: Int?) {
    stepCount = uses.count + 1
    var lastUse = Array(repeating: 0, count: wiring.shapes.count)
    for (step, use) in zip(1..., uses) {
      for input in use.inputs { lastUse[input] = step }
      lastUse[use.output] = max(lastUse[use.output], step)
    }
    if let result { lastUse[result] = uses.count }
    var blockOf = Array(repeating: -1, count: wiring.shapes.count)
    func add(_ activation: Int, at step: Int, to blocks: inout [Block]) {
      blockOf[activation] = blocks.count
      blocks.append(
        Block(
          activations: [activation], byteCount: wiring.extents[activation].count.aligned,
          lifetime: step...lastUse[activation]))
    }
    add(0, at: 0, to: &blocks)
    for (step, use) in zip(1..., uses) {
      if use.ringByteCount > 0 {
        blocks.append(Block(activations: [], byteCount: use.ringByteCount, lifetime: step...step))
      }
      guard use.output != feature else { continue }
      let reusable = use.overwritable.first {
        lastUse[$0] == step && blockOf[$0] >= 0
          && blocks[blockOf[$0]].lifetime.upperBound == step
      }
      if let reusable {
        let index = blockOf[reusable]
        blockOf[use.output] = index
        blocks[index].activations.append(use.output)
        blocks[index].lifetime = blocks[index].lifetime.lowerBound...lastUse[use.output]
      } else {
        add(use.output, at: step, to: &blocks)
      }
    }
  }

  /// Bytes that are alive in each step.
  var load: [Int] {
    var load = Array(repeating: 0, count: stepCount)
    for block in blocks {
      for step in block.lifetime { load[step] += block.byteCount }
    }
    return load
  }
}
