import Tensors

/// When each activation is alive; step 0 is the input's arrival, step n the n-th stage's run.
struct Liveness {
  /// One stretch of memory and the activations that use it one after the other.
  struct Block {
    /// An activation and its bytes.
    struct Name {
      var name: String
      var byteCount: Int
    }

    /// Empty for the rings of a stage.
    var names: [Name]
    var byteCount: Int
    /// First and last step, both included, in which it must not be overwritten.
    var lifetime: ClosedRange<Int>
  }

  private(set) var blocks: [Block] = []
  /// What is done in each step.
  let stepNames: [String]

  /// The lifetimes of what `uses` read and write; `feature` is not kept, `result` is to the end.
  init(
    input: String, uses: [StageUse], shapes: [String: Shape], feature: String?, result: String?
  ) {
    stepNames = ["(input)"] + uses.map(\.name)
    var lastUse = [input: 0]
    for (step, use) in zip(1..., uses) {
      for name in use.inputs { lastUse[name] = step }
      lastUse[use.output] = max(lastUse[use.output] ?? 0, step)
    }
    if let result { lastUse[result] = uses.count }
    var blockOf: [String: Int] = [:]
    func add(_ name: String, at step: Int, to blocks: inout [Block]) {
      let count = shapes[name]?.count ?? 0
      blockOf[name] = blocks.count
      blocks.append(
        Block(
          names: [Block.Name(name: name, byteCount: count)], byteCount: count.aligned,
          lifetime: step...(lastUse[name] ?? step)))
    }
    add(input, at: 0, to: &blocks)
    for (step, use) in zip(1..., uses) {
      if use.ringByteCount > 0 {
        blocks.append(Block(names: [], byteCount: use.ringByteCount, lifetime: step...step))
      }
      guard use.output != feature else { continue }
      let reusable = use.overwritable.first { name in
        lastUse[name] == step
          && blockOf[name].map { blocks[$0].lifetime.upperBound == step } == true
      }
      if let reusable, let index = blockOf[reusable], let count = shapes[use.output]?.count {
        blockOf[use.output] = index
        blocks[index].names.append(Block.Name(name: use.output, byteCount: count))
        let last = max(step, lastUse[use.output] ?? step)
        blocks[index].lifetime = blocks[index].lifetime.lowerBound...last
      } else {
        add(use.output, at: step, to: &blocks)
      }
    }
  }

  /// Bytes that are alive in each step.
  var load: [Int] {
    var load = Array(repeating: 0, count: stepNames.count)
    for block in blocks {
      for step in block.lifetime { load[step] += block.byteCount }
    }
    return load
  }

  /// The step at which most bytes are alive.
  var peak: (byteCount: Int, node: String) {
    var best = (byteCount: 0, node: stepNames[0])
    for (alive, name) in zip(load, stepNames) where alive > best.byteCount { best = (alive, name) }
    return best
  }
}
