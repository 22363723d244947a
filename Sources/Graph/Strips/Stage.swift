import Tensors

/// Whether nodes run in strips of rows rather than on whole activations.
package enum StripUse: Hashable, Sendable {
  /// Every activation exists in full.
  case never
  /// Where the fullest moment of the arena or the time falls.
  case whereUseful
  /// In the longest chains there are, for tests.
  case wherePossible
}

/// One thing that a body does at a time: a node on whole activations, or a chain in strips.
package struct Stage: Hashable, Sendable {
  /// The nodes, by their place in the body.
  package let nodes: Range<Int>
  /// How they run if they are several.
  package let chain: Chain?
}

/// What a stage reads and writes in full, by activation.
struct StageUse {
  let inputs: [Int]
  let output: Int
  /// Inputs whose bytes the result may take, if nothing reads them afterwards.
  let overwritable: [Int]
  /// Bytes that it needs beside them while it runs.
  let ringByteCount: Int

  /// The use of `stage` of the nodes of `wiring`.
  init(_ stage: Stage, _ wiring: Wiring, overwritesLarger: Bool) {
    let (first, last) = (stage.nodes.lowerBound, stage.nodes.upperBound - 1)
    output = last + 1
    let count = wiring.extents[output].count
    guard let chain = stage.chain else {
      inputs = wiring.inputs[first]
      overwritable =
        wiring.nodes[first].operation.canRunInPlace
        ? inputs.filter { wiring.extents[$0].count == count } : []
      ringByteCount = 0
      return
    }
    inputs = wiring.inputs(of: stage.nodes)
    overwritable = chain.overwritable.filter {
      overwritesLarger || wiring.extents[$0].count == count
    }
    ringByteCount = chain.byteCount
  }
}

extension Wiring {
  /// What `nodes` read and do not make, in the order in which it is read, once each.
  func inputs(of nodes: Range<Int>) -> [Int] {
    var found: [Int] = []
    for node in nodes {
      for input in inputs[node] where input <= nodes.lowerBound && !found.contains(input) {
        found.append(input)
      }
    }
    return found
  }
}
