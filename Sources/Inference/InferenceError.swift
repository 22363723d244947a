/// Why a network cannot be run here.
package enum InferenceError: Error, Equatable {
  /// The processor level asked for cannot be had.
  case processor(String)
  /// A scale or a weight leaves what it is computed in, or a layer lacks something or has no integer form.
  case arithmetic(node: String, what: String)
  /// A layer is larger than the kernels take.
  case tooDeep(node: String, depth: Int, greatest: Int)
  /// The arena passes the limit.
  case arenaTooLarge(needed: Int, limit: Int, peak: String)
  /// The graph cannot be run in fp32.
  case graph(String)
  /// The tail is not a single classifier.
  case notALinearHead(String)
  /// Nothing to calibrate on.
  case noPhotos
}

extension InferenceError: CustomStringConvertible {
  /// One sentence: what, where, what was expected and what to do.
  package var description: String {
    switch self {
    case .processor(let complaint):
      complaint
    case .arithmetic(let node, let what):
      "layer '\(node)': \(what); import the network again"
    case .tooDeep(let node, let depth, let greatest):
      "layer '\(node)' sums \(depth) products, at most \(greatest) are possible; "
        + "put the cut before it"
    case .arenaTooLarge(let needed, let limit, let peak):
      "layer '\(peak)' needs an arena of \(needed) B, at most \(limit) B are allowed; "
        + "import the network for a smaller input"
        + (limit < Body.greatestArena ? ", or give a larger budget" : "")
    case .graph(let what):
      "the network cannot be run: \(what)"
    case .notALinearHead(let what):
      "the tail is not one linear classifier: \(what)"
    case .noPhotos:
      "there is no photo to calibrate on; name a folder with at least two"
    }
  }
}
