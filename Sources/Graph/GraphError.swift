package import Tensors

/// Why a graph cannot be run, fused or quantised.
package enum GraphError: Error, Equatable {
  /// A node reads an activation that nothing before it writes.
  case unknownInput(node: String, input: String)
  /// An activation is written twice, or a node's name is used twice.
  case definedTwice(name: String)
  /// The named result is written by no node.
  case missingOutput(name: String)
  /// A node reads a constant that is not there.
  case missingParameter(node: String, parameter: String)
  /// A node has more or fewer inputs or parameters than its operation takes.
  case wrongCount(node: String, what: String, found: Int, expected: String)
  /// A constant does not have the shape that its node needs.
  case parameterShape(node: String, parameter: String, found: [Int], expected: String)
  /// An activation does not have the shape that its reader needs.
  case inputShape(node: String, input: String, found: Shape, expected: String)
  /// A stride, group count, clamp … is out of range.
  case invalidAttribute(node: String, what: String)
  /// A constant holds a NaN or an infinity.
  case notFinite(parameter: String)
  /// The operation has no integer form and stands before the cut.
  case notQuantisable(node: String, operation: String)
  /// No calibrated range for an activation of the body.
  case missingRange(tensor: String)
  /// An activation of a body that came quantised has no scale.
  case missingScale(tensor: String)
  /// The cut is not an activation, or activations before it are read after it.
  case invalidCut(cut: String, why: String)
  /// The preprocessing does not belong to the input's shape.
  case invalidPreprocessing(why: String)
  /// The input has a number of channels that no photo has.
  case photoChannels(found: Int)
  /// The network does not end in a classifier that can be replaced.
  case noHead(why: String)
  /// The class names do not match the classifier.
  case classCount(names: Int, outputs: Int)
}

extension GraphError: CustomStringConvertible {
  /// One sentence: what, where, what was expected and what to do.
  package var description: String {
    switch self {
    case .unknownInput(let node, let input):
      "node '\(node)' reads '\(input)', which no node before it writes; "
        + "nodes must be in an order in which they can run"
    case .definedTwice(let name):
      "'\(name)' is defined twice; every node and activation needs a name of its own"
    case .missingOutput(let name):
      "the result '\(name)' is written by no node"
    case .missingParameter(let node, let parameter):
      "node '\(node)' reads the constant '\(parameter)', which the file does not hold"
    case .wrongCount(let node, let what, let found, let expected):
      "node '\(node)' has \(found) \(what), its operation takes \(expected)"
    case .parameterShape(let node, let parameter, let found, let expected):
      "constant '\(parameter)' of node '\(node)' has shape \(found), expected \(expected)"
    case .inputShape(let node, let input, let found, let expected):
      "node '\(node)' reads '\(input)' of shape \(found), expected \(expected)"
    case .invalidAttribute(let node, let what):
      "node '\(node)': \(what)"
    case .notFinite(let parameter):
      "constant '\(parameter)' holds a NaN or an infinity; export the network again"
    case .notQuantisable(let node, let operation):
      "node '\(node)' (\(operation)) has no integer form; put the cut before it"
    case .missingRange(let tensor):
      "no calibrated range for activation '\(tensor)'; calibrate on at least one photo"
    case .missingScale(let tensor):
      "activation '\(tensor)' has no scale in the file, expected one, as a QuantizeLinear behind it "
        + "states; quantise it, or put the cut before it"
    case .invalidCut(let cut, let why):
      "cannot cut at '\(cut)': \(why)"
    case .invalidPreprocessing(let why):
      "preprocessing does not fit the network: \(why)"
    case .photoChannels(let found):
      "the input has \(found) channels, a photo has 3, or 1 if it is grey"
    case .noHead(let why):
      "the network has no classifier that can be replaced: \(why)"
    case .classCount(let names, let outputs):
      "\(names) class names for a classifier of \(outputs) outputs; give one name for each output"
    }
  }
}
