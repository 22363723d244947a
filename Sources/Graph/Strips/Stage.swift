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

/// What a stage reads and writes in full.
struct StageUse {
  let name: String
  let inputs: [String]
  let output: String
  /// Inputs whose bytes the result may take, if nothing reads them afterwards.
  let overwritable: [String]
  /// Bytes that it needs beside them while it runs.
  let ringByteCount: Int

  /// The use of `stage` of `nodes`, whose indices begin at 0.
  init(_ stage: Stage, nodes: [Node], shapes: [String: Shape], overwritesLarger: Bool) {
    let first = nodes[stage.nodes.lowerBound]
    let last = nodes[stage.nodes.upperBound - 1]
    output = last.output
    let count = shapes[last.output]?.count
    if let chain = stage.chain {
      name = "\(first.name) … \(last.name)"
      let inner = Set(chain.rings.map(\.name))
      var seen: Set<String> = []
      inputs = nodes[stage.nodes].flatMap(\.inputs).filter {
        !inner.contains($0) && seen.insert($0).inserted
      }
      overwritable = chain.overwritable.filter {
        overwritesLarger || shapes[$0]?.count == count
      }
      ringByteCount = chain.byteCount
    } else {
      name = first.name
      inputs = first.inputs
      overwritable =
        first.operation.canRunInPlace ? first.inputs.filter { shapes[$0]?.count == count } : []
      ringByteCount = 0
    }
  }
}
