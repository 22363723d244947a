import Crypto
import Tensors

/// The SHA-256 that identifies a body: whatever changes a feature changes it.
///
/// Every field goes in with its length or as bits, so that no text format has a say.
struct BodyDigest {
  private var hash = SHA256()

  /// Lower-case hexadecimal digest of all that features depend on.
  static func sha256(
    input: String, inputShape: Shape, nodes: ArraySlice<Node>, cut: String,
    quantisation: [String: Quantisation], preprocessing: Preprocessing,
    tensors: [String: StoredTensor]
  ) -> String {
    var digest = BodyDigest()
    digest.add("loam body 1")
    digest.add(input)
    digest.add(inputShape.dimensions)
    digest.add(cut)
    digest.add(preprocessing.fit.rawValue)
    digest.add(preprocessing.mean)
    digest.add(preprocessing.deviation)
    for node in nodes { digest.add(node) }
    for (name, value) in quantisation.sorted(by: { $0.key < $1.key }) {
      digest.add(name)
      digest.add([value.scale])
      digest.add([value.zeroPoint])
    }
    for name in tensorNames(of: nodes) {
      guard let tensor = tensors[name] else { continue }
      digest.add(name)
      digest.add(tensor.type.rawValue)
      digest.add(tensor.shape)
      let bytes = tensor.bytes
      unsafe bytes.withUnsafeBytes { unsafe digest.hash.update(bufferPointer: $0) }
    }
    return hexadecimal(digest.hash.finalize())
  }

  /// Names of the constants of `nodes` with their scales, sorted, once each.
  static func tensorNames(of nodes: ArraySlice<Node>) -> [String] {
    var names: Set<String> = []
    for node in nodes {
      names.formUnion(node.parameters)
      if let weights = node.parameters.first {
        names.formUnion([Network.scaleName(weights), Network.zeroName(weights)])
      }
    }
    return names.sorted()
  }

  /// `digest` in lower-case hexadecimal.
  static func hexadecimal(_ digest: SHA256Digest) -> String {
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  private mutating func add(_ node: Node) {
    add(node.name)
    add(node.operation.label)
    switch node.operation {
    case .convolution(let window, let groups):
      add(Self.numbers(window) + [groups])
    case .pad(let padding):
      add(Self.numbers(padding))
    case .batchNormalisation(let epsilon):
      add([epsilon])
    case .fullyConnected, .add, .clamp, .globalAveragePool, .flatten, .softmax, .multiply,
      .concatenate:
      break
    case .maxPool(let window):
      add(Self.numbers(window))
    case .averagePool(let window, let counted):
      add(Self.numbers(window) + Self.numbers(counted))
    case .slice(let start, let count):
      add([start, count])
    case .channelShuffle(let groups):
      add([groups])
    case .localResponseNormalisation(let response):
      add([response.size])
      add([response.alpha, response.beta, response.bias])
    case .activation(let function):
      add(function.attributes)
    }
    for names in [node.inputs, node.parameters, [node.output]] {
      add([names.count])
      for name in names { add(name) }
    }
    for limit in [node.clamp.low, node.clamp.high] { add(limit.map { [$0] } ?? []) }
  }

  private static func numbers(_ window: Window) -> [Int] {
    [
      window.height, window.width, window.strideY, window.strideX, window.dilationY,
      window.dilationX,
    ] + numbers(window.padding)
  }

  private static func numbers(_ padding: Padding) -> [Int] {
    [padding.top, padding.left, padding.bottom, padding.right]
  }

  private mutating func add(_ text: String) {
    let bytes = Array(text.utf8)
    add([bytes.count])
    hash.update(data: bytes)
  }

  private mutating func add(_ numbers: [Float]) {
    add([numbers.count] + numbers.map { Int($0.bitPattern) })
  }

  private mutating func add(_ numbers: [Int]) {
    var bytes: [UInt8] = []
    for number in numbers {
      let bits = UInt64(bitPattern: Int64(number))
      for shift in 0..<UInt64(8) { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * shift))) }
    }
    hash.update(data: bytes)
  }
}
