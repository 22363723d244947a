/// The name of an object's member: bytes where they stand, or decoded ones if there are escapes in them.
///
/// Only for as long as what is read is there.
@safe
struct JSONKey: ExpressibleByStringLiteral, Equatable, CustomStringConvertible {
  private let start: UnsafePointer<UInt8>?
  /// Bytes of the name.
  let count: Int
  private let decoded: [UInt8]

  /// The name that is `bytes`, which must outlive it and be UTF-8.
  @unsafe init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe start = bytes.baseAddress
    count = bytes.count
    decoded = []
  }

  /// A name that was written with escapes.
  init(decoded: [UInt8]) {
    unsafe start = nil
    count = decoded.count
    self.decoded = decoded
  }

  init(stringLiteral text: StaticString) {
    unsafe start = text.utf8Start
    count = text.utf8CodeUnitCount
    decoded = []
  }

  /// What `body` makes of the bytes.
  func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
    if let start = unsafe start {
      return unsafe body(UnsafeBufferPointer(start: start, count: count))
    }
    return unsafe decoded.withUnsafeBufferPointer { unsafe body($0) }
  }

  /// The bytes as an array of their own.
  var bytes: [UInt8] { unsafe start == nil ? decoded : withBytes { unsafe Array($0) } }

  static func == (_ a: JSONKey, _ b: JSONKey) -> Bool {
    unsafe a.count == b.count
      && a.withBytes { a in unsafe b.withBytes { b in unsafe a.isSame(as: b) } }
  }

  var description: String { unsafe withBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}

/// Which members of an object were met.
struct JSONMembers {
  /// Where the object's names begin among all.
  let first: Int
  /// A required one that was not met; `nil` if there is none.
  var missing: JSONKey? { required.min { "\($0)" < "\($1)" } }

  private var required: [JSONKey]
  /// The names once they are more than one looks through.
  private var table: NameTable?

  init(first: Int, missing required: [JSONKey]) {
    self.first = first
    self.required = required
  }

  /// Adds `key` to `keys`; whether it is new in this object.
  mutating func insert(_ key: JSONKey, to keys: inout [JSONKey]) -> Bool {
    keys.append(key)
    let last = keys.count - 1
    guard last - first < 24 else { return insertToTable(keys) }
    for index in first..<last where keys[index] == key { return false }
    return true
  }

  private mutating func insertToTable(_ keys: [JSONKey]) -> Bool {
    var table = table ?? NameTable()
    self.table = nil
    defer { self.table = table }
    for key in keys[(first + table.names.count)...] {
      let count = table.names.count
      // Names are UTF-8: the reader has seen to it.
      let number = unsafe key.withBytes { unsafe table.number(of: $0) }
      if number != count { return false }
    }
    return true
  }

  /// Notes that `key` was met and is not null.
  mutating func note(_ key: JSONKey) {
    if let index = required.firstIndex(of: key) { required.remove(at: index) }
  }
}
