/// Reads JSON (RFC 8259) a value at a time, straight into what it is for.
///
/// The header of a `.loam` file is read by it: a decoder that finds its way by types takes longer than packing
/// the weights, and memory for what nobody asked for. Nesting is bounded, strings are valid UTF-8, numbers
/// fit what they are read into; a name that stands twice in an object and a required one that is missing
/// are errors.
@safe
struct JSONReader: ~Copyable {
  /// Values nested deeper than this are refused.
  static let greatestDepth = 64

  /// What is read; it outlives the reader.
  let bytes: UnsafeBufferPointer<UInt8>
  /// Bytes that are read.
  var place = 0
  private var depth = 0
  /// Names that `name` has read, and their numbers.
  var names: NameTable
  /// The names so far of the objects that are being read, each object's after those of the one around it.
  private var keys: [JSONKey] = []

  private init(_ bytes: UnsafeBufferPointer<UInt8>, names: consuming NameTable) {
    unsafe self.bytes = bytes
    self.names = names
  }

  /// What `read` makes of the one value that `bytes` hold.
  static func read<Value>(
    _ bytes: [UInt8], _ read: (inout JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    var names = NameTable()
    return try Self.read(bytes.span, names: &names, read)
  }

  /// The same, with `names` that are known, and that get to know more.
  static func read<Value>(
    _ bytes: Span<UInt8>, names: inout NameTable,
    _ read: (inout JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
      var reader = unsafe JSONReader(bytes, names: names)
      let value = try read(&reader)
      guard reader.next == nil else { throw reader.error("something follows its end") }
      names = reader.names
      return value
    }
  }

  /// Reads an object; `member` reads the value of each name, or skips it.
  ///
  /// A member that is null counts as absent. With `comparesNames` being false `member` gets those, too, and sees to
  /// it that no name stands there twice.
  mutating func object(
    required: [JSONKey] = [], comparesNames: Bool = true,
    _ member: (inout JSONReader, JSONKey) throws(JSONError) -> Void
  ) throws(JSONError) {
    try open(UInt8(ascii: "{"), "an object")
    var members = JSONMembers(first: keys.count, missing: required)
    var isFirst = true
    while next != UInt8(ascii: "}") {
      if !isFirst { try take(UInt8(ascii: ","), "',' or '}'") }
      isFirst = false
      let key = try key()
      if comparesNames, !members.insert(key, to: &keys) { throw twice(key) }
      try take(UInt8(ascii: ":"), "':'")
      if next == UInt8(ascii: "n"), comparesNames {
        try take(literal: "null")
        continue
      }
      members.note(key)
      do throws(JSONError) {
        try member(&self, key)
      } catch {
        throw error.inside("\(key)")
      }
    }
    close()
    keys.removeSubrange(members.first...)
    if let name = members.missing { throw error("'\(name)' is missing") }
  }

  /// Reads an array; `element` reads each of its values.
  mutating func array<Element>(
    _ element: (inout JSONReader) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element] {
    try open(UInt8(ascii: "["), "an array")
    var elements: [Element] = []
    while next != UInt8(ascii: "]") {
      if !elements.isEmpty { try take(UInt8(ascii: ","), "',' or ']'") }
      do throws(JSONError) {
        elements.append(try element(&self))
      } catch {
        throw error.inside("\(elements.count)")
      }
    }
    close()
    return elements
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
    default: _ = try unsafe number()
    }
  }

  /// The byte at `place`; `nil` at the end.
  var byte: UInt8? { unsafe place < bytes.count ? unsafe bytes[place] : nil }

  /// The first byte that is not white space, which is passed over; `nil` at the end.
  var next: UInt8? {
    mutating get {
      while let byte {
        guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
        place += 1
      }
      return nil
    }
  }

  private mutating func open(_ mark: UInt8, _ what: StaticString) throws(JSONError) {
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
  mutating func take(_ mark: UInt8, _ what: StaticString) throws(JSONError) {
    guard next == mark else { throw error("\(what) is expected") }
    place += 1
  }

  private mutating func take(literal: JSONKey) throws(JSONError) {
    let end = place + literal.count
    guard unsafe end <= bytes.count, unsafe literal == JSONKey(bytes.extracting(place..<end)) else {
      throw error("a value is expected")
    }
    place = end
  }

  /// Passes over `byte` if it is the next one; whether it was.
  @discardableResult
  mutating func skip(_ byte: UInt8) -> Bool {
    guard self.byte == byte else { return false }
    place += 1
    return true
  }

  /// The error that `key` stands in an object twice.
  func twice(_ key: JSONKey) -> JSONError { error("'\(key)' stands there twice") }

  /// An error at this place.
  func error(_ what: String) -> JSONError { JSONError(what: what, place: place) }
}
