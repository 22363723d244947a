import Graph

/// Why a foreign model file could not be read, translated or written.
package enum ExchangeError: Error, Equatable {
  /// The file cannot be opened or read.
  case unreadable(path: String, why: String)
  /// The file is larger than any that is read.
  case tooLarge(path: String, found: Int, limit: Int)
  /// The bytes are not an ONNX model.
  case notONNX(path: String, found: String)
  /// The bytes are not a TensorFlow Lite model.
  case notTFLite(path: String, found: String)
  /// The model's operator set is one that is not known here.
  case opset(path: String, found: String)
  /// Weights lie in another file.
  case externalData(path: String, tensor: String, location: String)
  /// A constant's type, extents and bytes do not belong together.
  case tensor(path: String, name: String, why: String)
  /// The model's input or output is not one image in, one tensor out.
  case interface(path: String, why: String)
  /// Operators or attributes that Loam does not have; all of them, each with its node.
  case unsupported(path: String, problems: [String])
  /// The translated network contradicts itself.
  case inconsistent(path: String, why: String)
  /// The network holds something that the foreign format has no word for.
  case inexpressible(node: String, why: String)
  /// The file cannot be written; what was there before is still there.
  case unwritable(path: String, step: String, why: String)
}

extension ExchangeError {
  /// What is wrong with the network of the file at `path`: it contradicts itself, or is none that a camera can use.
  init(_ error: GraphError, path: String) {
    switch error {
    case .missingScale, .photoChannels: self = .interface(path: path, why: error.description)
    default: self = .inconsistent(path: path, why: error.description)
    }
  }
}

extension ExchangeError: CustomStringConvertible {
  /// Which file, what was found, what was expected and what to do.
  package var description: String {
    switch self {
    case .unreadable(let path, let why):
      "cannot read '\(path)': \(why); give the path of a file that this user may read"
    case .tooLarge(let path, let found, let limit):
      "model '\(path)' has \(found) B, at most \(limit) B are read"
    case .notONNX(let path, let found):
      "'\(path)' is not an ONNX model: \(found); export the network again"
    case .notTFLite(let path, let found):
      "'\(path)' is not a TensorFlow Lite model that can be read: \(found); convert the network again"
    case .opset(let path, let found):
      "model '\(path)' \(found), expected 9 to 21; export it with opset_version=17"
    case .externalData(let path, let tensor, let location):
      "model '\(path)' keeps the weights '\(tensor)' in another file ('\(location)'), which is not "
        + "followed; save it as one file, e.g. onnx.save(onnx.load(A), B) or external_data=False"
    case .tensor(let path, let name, let why):
      "model '\(path)', constant '\(name)': \(why); export the network again"
    case .interface(let path, let why):
      "model '\(path)': \(why)"
    case .unsupported(let path, let problems):
      "model '\(path)' uses what Loam does not have:\n"
        + problems.map { "  " + $0 }.joined(separator: "\n")
        + "\nReplace these layers, or cut the network before them and export it again"
    case .inconsistent(let path, let why):
      "model '\(path)' contradicts itself: \(why)"
    case .inexpressible(let node, let why):
      "node '\(node)' cannot be written as ONNX: \(why)"
    case .unwritable(let path, let step, let why):
      "cannot write '\(path)' (\(step)): \(why); nothing was changed"
    }
  }
}
