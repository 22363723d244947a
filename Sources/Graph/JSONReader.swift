/// Reads JSON (RFC 8259) a value at a time, straight into what it is for.
///
/// The header of a `.loam` file is read by it: a decoder that finds its way by types takes longer than packing
/// the weights, and memory for what nobody asked for. Nesting is bounded, strings are valid UTF-8, numbers
/// fit what they are read into; a name that stands twice in an object and a required one that is missing
/// are errors.
struct JSONReader {
  /// Values nested deeper than this are refused.
  static let greatestDepth = 64

  let bytes: [UInt8]
  /// Bytes that are read.
  var place = 0
  private var depth = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What `read` makes of the one value that `bytes` hold.
  static func read<Value>(
    _ bytes: [UInt8], _ read: (inout JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    var reader = JSONReader(bytes)
    let value = try read(&reader)
    guard reader.next == nil else { throw reader.error("something follows its end") }
    return value
  }

  /// Reads an object; `member` reads the value of each name, or skips it.
  ///
  /// A member that is null counts as absent.
  mutating func object(
    required: Set<String> = [],
    _ member: (inout JSONReader, String) throws(JSONError) -> Void
  ) throws(JSONError) {
    try open("{", "an object")
    var names: Set<String> = []
    var missing = required
    while next != UInt8(ascii: "}") {
      if !names.isEmpty { try take(",", "',' or '}'") }
      let name = try string()
      guard names.insert(name).inserted else { throw error("'\(name)' stands there twice") }
      try take(":", "':'")
      if next == UInt8(ascii: "n") {
        try take(literal: "null")
        continue
      }
      missing.remove(name)
      do throws(JSONError) {
        try member(&self, name)
      } catch {
        throw error.inside(name)
      }
    }
    close()
    if let name = missing.min() { throw error("'\(name)' is missing") }
  }

  /// Reads an array; `element` reads each of its values.
  mutating func array<Element>(
    _ element: (inout JSONReader) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element] {
    try open("[", "an array")
    var elements: [Element] = []
    while next != UInt8(ascii: "]") {
      if !elements.isEmpty { try take(",", "',' or ']'") }
      do throws(JSONError) {
        elements.append(try element(&self))
      } catch {
        throw error.inside("\(elements.count)")
      }
    }
    close()
    return elements
  }

  /// Reads a whole number without fraction or exponent.
  mutating func integer<Value: FixedWidthInteger>() throws(JSONError) -> Value {
    let text = try number()
    guard let value = Value(text) else {
      throw error("\(text.prefix(40)) is not a whole number that fits \(Value.bitWidth) bits")
    }
    return value
  }

  /// Reads a number, rounded to the nearest fp32; one that is too large for it is an error.
  mutating func float() throws(JSONError) -> Float {
    let text = try number()
    guard let value = Float(text), value.isFinite else {
      throw error("\(text.prefix(40)) does not fit fp32")
    }
    return value
  }

  /// Passes over a value of any kind.
  mutating func skip() throws(JSONError) {
    switch next {
    case UInt8(ascii: "{"): try object { (json, _) throws(JSONError) in try json.skip() }
    case UInt8(ascii: "["): _ = try array { (json) throws(JSONError) in try json.skip() }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try take(literal: "true")
    case UInt8(ascii: "f"): try take(literal: "false")
    case UInt8(ascii: "n"): try take(literal: "null")
    default: _ = try number()
    }
  }

  /// The first byte that is not white space, which is passed over; `nil` at the end.
  private var next: UInt8? {
    mutating get {
      while place < bytes.count {
        let byte = bytes[place]
        guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
        place += 1
      }
      return nil
    }
  }

  private mutating func open(_ mark: Unicode.Scalar, _ what: String) throws(JSONError) {
    try take(mark, what)
    depth += 1
    if depth > Self.greatestDepth {
      throw error("values are nested deeper than \(Self.greatestDepth)")
    }
  }

  private mutating func close() {
    place += 1
    depth -= 1
  }

  /// Reads `mark` after white space.
  mutating func take(_ mark: Unicode.Scalar, _ what: String) throws(JSONError) {
    guard next == UInt8(ascii: mark) else { throw error("\(what) is expected") }
    place += 1
  }

  private mutating func take(literal: StaticString) throws(JSONError) {
    let end = place + literal.utf8CodeUnitCount
    guard end <= bytes.count, "\(literal)".utf8.elementsEqual(bytes[place..<end]) else {
      throw error("a value is expected")
    }
    place = end
  }

  /// The text of a number, of the grammar's form.
  private mutating func number() throws(JSONError) -> String {
    _ = next
    let start = place
    skip(UInt8(ascii: "-"))
    let first = place
    let whole = skipDigits()
    let hasFraction = skip(UInt8(ascii: "."))
    let fraction = hasFraction ? skipDigits() : 1
    var exponent = 1
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
      exponent = skipDigits()
    }
    guard whole > 0, fraction > 0, exponent > 0, whole == 1 || bytes[first] != UInt8(ascii: "0")
    else {
      throw error("a number is expected")
    }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  /// Passes over `byte` if it is the next one; whether it was.
  @discardableResult
  mutating func skip(_ byte: UInt8) -> Bool {
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private mutating func skipDigits() -> Int {
    let start = place
    while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) {
      place += 1
    }
    return place - start
  }

  /// An error at this place.
  func error(_ what: String) -> JSONError { JSONError(what: what, place: place) }
}
