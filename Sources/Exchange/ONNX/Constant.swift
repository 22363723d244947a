/// A tensor whose elements are known while a model is read: a weight, or a number that shapes are
/// computed from.
struct Constant {
  /// Elements by kind; ONNX's many types are widened to these two.
  enum Elements {
    case floats([Float])
    case integers([Int64])
  }

  /// Extents as ONNX states them, outermost first; none for a scalar.
  var dims: [Int]
  var elements: Elements
  /// The file's type of the elements, if it states one.
  var type: ONNXElementType?
  /// The bytes that the elements were, if they are quantised ones turned back.
  var bytes: ByteConstant?

  /// Greatest product of extents, those of 0 left out: no network of a camera comes near it.
  static let greatestCount = 1 << 31

  /// The product of `dims`, `nil` if one is negative or they are too many elements.
  static func count(of dims: [Int]) -> Int? {
    var product = 1
    for extent in dims {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflow, next <= greatestCount else { return nil }
      product = next
    }
    return dims.contains(0) ? 0 : product
  }

  /// Number of elements.
  var count: Int {
    switch elements {
    case .floats(let values): values.count
    case .integers(let values): values.count
    }
  }

  /// What messages call the elements' type.
  var typeName: String {
    if let type { return "\(type)" }
    if case .floats = elements { return "float" }
    return "int64"
  }

  /// Whether the elements are integers.
  var isIntegers: Bool {
    if case .integers = elements { true } else { false }
  }

  /// The elements as fp32; integers are converted.
  var floats: [Float] {
    switch elements {
    case .floats(let values): values
    case .integers(let values): values.map(Float.init)
    }
  }

  /// The elements as machine integers, `nil` if they are not integers or do not fit.
  var integers: [Int]? {
    guard case .integers(let values) = elements else { return nil }
    return values.map(Int.init)
  }

  /// The only element as fp32, `nil` if there is not exactly one.
  var scalar: Float? {
    guard count == 1 else { return nil }
    return floats[0]
  }

  /// A vector of integers.
  static func integers(_ values: [Int]) -> Constant {
    Constant(dims: [values.count], elements: .integers(values.map(Int64.init)))
  }

  /// The elements at `indices`, in that order, in the extents `dims`; traps on an index outside.
  func gathering(_ indices: [Int], dims: [Int]) -> Constant {
    switch elements {
    case .floats(let values):
      Constant(dims: dims, elements: .floats(indices.map { values[$0] }), type: type)
    case .integers(let values):
      Constant(dims: dims, elements: .integers(indices.map { values[$0] }), type: type)
    }
  }

  /// The same elements in other extents of the same product.
  func reshaped(_ dims: [Int]) -> Constant {
    Constant(dims: dims, elements: elements, type: type)
  }

  /// Axes in the order `axes`, as `numpy.transpose`.
  func transposed(_ axes: [Int]) -> Constant {
    let strides = Self.strides(dims)
    let extents = axes.map { dims[$0] }
    let steps = axes.map { strides[$0] }
    let indices = Self.offsets(extents: extents, steps: steps)
    var result = gathering(indices, dims: extents)
    if let axis = bytes.flatMap({ axes.firstIndex(of: $0.axis) }) {
      result.bytes = bytes?.gathering(indices, axis: axis)
    }
    return result
  }

  /// Row-major strides of `dims`.
  static func strides(_ dims: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: dims.count)
    for axis in dims.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * dims[axis + 1]
    }
    return strides
  }

  /// Where each element of a view lies: row-major over `extents`, `steps` apart along each axis.
  static func offsets(extents: [Int], steps: [Int], start: Int = 0) -> [Int] {
    if extents.contains(0) { return [] }
    var offsets = [start]
    for (extent, step) in zip(extents, steps) {
      var next: [Int] = []
      next.reserveCapacity(offsets.count * extent)
      for offset in offsets {
        for index in 0..<extent { next.append(offset + index * step) }
      }
      offsets = next
    }
    return offsets
  }
}
