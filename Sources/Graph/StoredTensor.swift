package import Tensors

/// A constant of a `Network` as it lies in the file: type, shape and bytes, often mapped.
///
/// Copies share the bytes.
package struct StoredTensor: Sendable {
  package let type: ElementType
  /// Extents, outermost first, each ≥ 1.
  package let shape: [Int]
  /// Elements: the product of `shape`.
  package let count: Int
  let storage: TensorBytes
  private let offset: Int
  /// Where its bytes lie in `storage`.
  var place: Range<Int> { offset..<(offset + byteCount) }

  /// A view of `storage` from `offset` on; the caller has checked that it fits.
  init(type: ElementType, shape: [Int], storage: TensorBytes, offset: Int) {
    self.type = type
    self.shape = shape
    count = shape.reduce(1, *)
    self.storage = storage
    self.offset = offset
  }

  /// Bytes the elements take.
  package var byteCount: Int { count * type.byteCount }

  /// A tensor of bytes; traps if the count does not fit.
  package init(shape: [Int], int8 elements: [Int8]) {
    self.init(type: .int8, shape: shape, copying: elements.span)
  }

  /// A tensor of 32-bit integers; traps if the count does not fit.
  package init(shape: [Int], int32 elements: [Int32]) {
    self.init(type: .int32, shape: shape, copying: elements.span)
  }

  /// A tensor of fp32 numbers; traps if the count does not fit.
  package init(shape: [Int], float32 elements: [Float]) {
    self.init(type: .float32, shape: shape, copying: elements.span)
  }

  /// A tensor of halves, each nearest to the given number; traps if the count does not fit.
  package init(shape: [Int], roundedToFloat16 elements: [Float]) {
    let bits = elements.map(Half.bits)
    self.init(type: .float16, shape: shape, copying: bits.span)
  }

  private init<Element: BitwiseCopyable>(
    type: ElementType, shape: [Int], copying elements: Span<Element>
  ) {
    precondition(
      shape.reduce(1, *) == elements.count, "\(elements.count) elements do not fill \(shape)")
    self.init(type: type, shape: shape, storage: TensorBytes(copying: elements), offset: 0)
  }

  /// The elements of an `int8` tensor; traps on another type.
  package var int8: Span<Int8> {
    @_lifetime(borrow self)
    get {
      precondition(type == .int8, "an \(type) tensor read as int8")
      return storage.elements(at: offset, count: count, as: Int8.self)
    }
  }

  /// The elements of an `int32` tensor; traps on another type.
  package var int32: Span<Int32> {
    @_lifetime(borrow self)
    get {
      precondition(type == .int32, "an \(type) tensor read as int32")
      return storage.elements(at: offset, count: count, as: Int32.self)
    }
  }

  /// The elements of a `float32` tensor; traps on another type.
  package var float32: Span<Float> {
    @_lifetime(borrow self)
    get {
      precondition(type == .float32, "an \(type) tensor read as float32")
      return storage.elements(at: offset, count: count, as: Float.self)
    }
  }

  /// The bits of the elements of a `float16` tensor; traps on another type.
  package var float16: Span<UInt16> {
    @_lifetime(borrow self)
    get {
      precondition(type == .float16, "an \(type) tensor read as float16")
      return storage.elements(at: offset, count: count, as: UInt16.self)
    }
  }

  /// The raw bytes, little-endian, as the file holds them.
  package var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { storage.elements(at: offset, count: byteCount, as: UInt8.self) }
  }

  /// Whether none of the elements is infinite or not a number.
  /// - Complexity: O(count), no allocation.
  package var isFinite: Bool {
    switch type {
    case .float32:
      isFinite(UInt32.self, exponent: Float.infinity.bitPattern)
    case .float16:
      isFinite(UInt16.self, exponent: Half.infinity)
    case .int8, .int32:
      true
    }
  }

  /// Whether no element, seen as its bits, has all bits of `exponent`.
  private func isFinite<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ type: Bits.Type, exponent: Bits
  ) -> Bool {
    let span = storage.elements(at: offset, count: count, as: Bits.self)
    // Adding one to the exponent carries into the sign, whose bit was masked out, if all its bits are set.
    let (one, sign) = (exponent & (0 &- exponent), Bits(1) << (Bits.bitWidth - 1))
    return unsafe span.withUnsafeBufferPointer { bits in
      var all: Bits = 0
      for index in bits.indices { all |= unsafe (bits[index] & exponent) &+ one }
      return all & sign == 0
    }
  }

  /// The elements in fp32, exactly: halves widened, integers converted (below 2²⁴ exactly).
  /// - Complexity: O(count), one allocation.
  package func floats() -> [Float] {
    switch type {
    case .float32:
      let span = float32
      return unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    case .float16:
      let span = float16
      return unsafe span.withUnsafeBufferPointer { bits in
        unsafe Array(unsafeUninitializedCapacity: bits.count) { floats, count in
          for index in bits.indices {
            unsafe floats.initializeElement(at: index, to: Half.float(bits[index]))
          }
          count = bits.count
        }
      }
    case .int8:
      let span = int8
      return span.indices.map { Float(span[$0]) }
    case .int32:
      let span = int32
      return span.indices.map { Float(span[$0]) }
    }
  }
}

extension Network {
  /// Where the body's constants lie in their file, from the first to the last of them.
  var bodyPlace: Range<Int> {
    var place: Range<Int>?
    for index in 0..<bodyNodeCount {
      let found = constants(of: index)
      for tensor in found.parameters + [found.scale, found.zero].compactMap(\.self) {
        let (low, high) = (tensor.place.lowerBound, tensor.place.upperBound)
        place = min(place?.lowerBound ?? low, low)..<max(place?.upperBound ?? high, high)
      }
    }
    return place ?? 0..<0
  }

  /// Lets go of the memory behind mapped tensors, as when their weights are packed; they are read again
  /// when they are looked at.
  package func releasePages() {
    // Those of a file come one after the other.
    var last: TensorBytes?
    for tensor in allConstants where tensor.storage !== last {
      tensor.storage.releasePages()
      last = tensor.storage
    }
  }
}
