import Crypto
import Tensors

/// The SHA-256 that identifies a body: whatever changes a feature changes it.
///
/// Every field goes in with its length or as bits, so that no text format has a say.
struct BodyDigest {
  private var hash = SHA256()
  /// What is to be added to it next: it takes much at a time better.
  private var waiting: [UInt8] = []
  private static let mostWaiting = 16 << 10

  init() { waiting.reserveCapacity(2 * Self.mostWaiting) }

  /// Lower-case hexadecimal digest of all that features depend on.
  func sha256(_ body: BodyParts) -> String {
    var digest = self
    digest.add("loam body 1")
    digest.add(body.input)
    digest.add(body.inputShape.dimensions)
    digest.add(body.cut)
    digest.add(body.preprocessing.fit.rawValue)
    digest.add(body.preprocessing.mean)
    digest.add(body.preprocessing.deviation)
    for node in body.nodes { digest.add(node) }
    let forms = body.quantisation
    for index in inOrder(of: forms.count, by: { forms[$0].name < forms[$1].name }) {
      let form = forms[index]
      digest.add(form.name)
      digest.add([form.value.scale])
      digest.add([form.value.zeroPoint])
    }
    for constant in body.sortedConstants {
      digest.add(constant.name)
      digest.add(constant.tensor.type.rawValue)
      digest.add(constant.tensor.shape)
      digest.flush()
      let bytes = constant.tensor.bytes
      unsafe bytes.withUnsafeBytes { unsafe digest.hash.update(bufferPointer: $0) }
    }
    digest.flush()
    return Self.hexadecimal(digest.hash.finalize())
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
      add(window)
      add(groups)
    case .pad(let padding):
      add(padding)
    case .batchNormalisation(let epsilon):
      add([epsilon])
    case .fullyConnected, .add, .clamp, .globalAveragePool, .flatten, .softmax, .multiply,
      .concatenate:
      break
    case .maxPool(let window):
      add(window)
    case .averagePool(let window, let counted):
      add(window)
      add(counted)
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
    add(names: node.inputs)
    add(names: node.parameters)
    add(1)
    add(node.output)
    add(node.clamp.low)
    add(node.clamp.high)
  }

  private mutating func add(_ window: Window) {
    add(window.height)
    add(window.width)
    add(window.strideY)
    add(window.strideX)
    add(window.dilationY)
    add(window.dilationX)
    add(window.padding)
  }

  private mutating func add(_ padding: Padding) {
    add(padding.top)
    add(padding.left)
    add(padding.bottom)
    add(padding.right)
  }

  private mutating func add(names: [String]) {
    add(names.count)
    for name in names { add(name) }
  }

  /// One number or none.
  private mutating func add(_ limit: Float?) {
    add(limit == nil ? 0 : 1)
    if let limit { add(Int(limit.bitPattern)) }
  }

  private mutating func add(_ text: String) {
    add(text.utf8.count)
    let isAdded: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
      unsafe waiting.append(contentsOf: bytes)
    }
    if isAdded == nil { waiting += text.utf8 }
    if waiting.count > Self.mostWaiting { flush() }
  }

  private mutating func add(_ numbers: [Float]) {
    add(numbers.count)
    for number in numbers { add(Int(number.bitPattern)) }
  }

  private mutating func add(_ numbers: [Int]) { for number in numbers { add(number) } }

  private mutating func add(_ number: Int) {
    unsafe withUnsafeBytes(of: Int64(number).littleEndian) { unsafe waiting += $0 }
  }

  private mutating func flush() {
    unsafe waiting.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    waiting.removeAll(keepingCapacity: true)
  }
}

/// What a body's features depend on.
struct BodyParts {
  let input: String
  let inputShape: Shape
  let nodes: ArraySlice<Node>
  let cut: String
  let quantisation: [NamedQuantisation]
  let preprocessing: Preprocessing
  /// The constants of the nodes with their scales and zero points, in any order, perhaps several times.
  let constants: [(name: String, tensor: StoredTensor)]

  /// The constants sorted by name, once each.
  fileprivate var sortedConstants: [(name: String, tensor: StoredTensor)] {
    var found: [(name: String, tensor: StoredTensor)] = []
    found.reserveCapacity(constants.count)
    for index in inOrder(of: constants.count, by: { constants[$0].name < constants[$1].name })
    where found.last?.name != constants[index].name {
      found.append(constants[index])
    }
    return found
  }
}
