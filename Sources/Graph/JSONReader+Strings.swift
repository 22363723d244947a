extension JSONReader {
  /// Reads a string.
  mutating func string() throws(JSONError) -> String {
    let key = try rawString()
    guard let text = unsafe key.withBytes({ unsafe String(validating: $0, as: UTF8.self) }) else {
      throw error("a string is not UTF-8")
    }
    return text
  }

  /// Reads a string of which there is but one copy, however often it is read.
  mutating func name() throws(JSONError) -> String {
    let number = try nameNumber()
    return names.names[number]
  }

  /// Reads a string; its number in `names`.
  mutating func nameNumber() throws(JSONError) -> Int {
    let key = try rawString()
    guard let number = unsafe key.withBytes({ unsafe names.number(of: $0) }) else {
      throw error("a string is not UTF-8")
    }
    return number
  }

  /// The number of `key` in `names`.
  mutating func number(of key: JSONKey) -> Int {
    // UTF-8, which `key` has seen to.
    unsafe key.withBytes { unsafe names.number(of: $0) } ?? 0
  }

  /// Reads a string that holds a text of its own, whose strings are checked when they are read.
  mutating func text() throws(JSONError) -> [UInt8] {
    let key = try rawString(isLong: true)
    return key.bytes
  }

  /// Reads the name of a member.
  mutating func key() throws(JSONError) -> JSONKey {
    let key = try rawString()
    guard
      unsafe key.withBytes({ unsafe $0.isASCII || String(validating: $0, as: UTF8.self) != nil })
    else { throw error("a string is not UTF-8") }
    return key
  }

  /// Reads a string, which need not be UTF-8; one that is long may take up most of what is left.
  private mutating func rawString(isLong: Bool = false) throws(JSONError) -> JSONKey {
    try take(UInt8(ascii: "\""), "a string")
    let start = place
    unsafe place = bytes.endOfPlain(from: place)
    let decoded = byte == UInt8(ascii: "\\") ? try unescaped(from: start, isLong: isLong) : nil
    guard byte == UInt8(ascii: "\"") else {
      throw error("a string has no end, or a control character in it")
    }
    place += 1
    if let decoded { return JSONKey(decoded: decoded) }
    return unsafe JSONKey(bytes.extracting(start..<(place - 1)))
  }

  /// The bytes of a string that has escapes, up to its closing mark, from `start` on.
  private mutating func unescaped(from start: Int, isLong: Bool) throws(JSONError) -> [UInt8] {
    var text: [UInt8] = []
    if isLong { unsafe text.reserveCapacity(bytes.count - start) }
    unsafe text.append(contentsOf: bytes.extracting(start..<place))
    while skip(UInt8(ascii: "\\")) {
      guard let mark = byte else { throw error("a string has no end") }
      place += 1
      switch mark {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(mark)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"): text.append(contentsOf: Array(String(try scalar()).utf8))
      default: throw error("a string has an unknown escape")
      }
      let end = unsafe bytes.endOfPlain(from: place)
      unsafe text.append(contentsOf: bytes.extracting(place..<end))
      place = end
    }
    return text
  }

  /// The character of `\u` and four digits, or of two of them for one beyond 16 bits.
  private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
    var code = try hexadecimal()
    if code >> 10 == 0xD800 >> 10, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) {
      let low = try hexadecimal()
      guard low >> 10 == 0xDC00 >> 10 else {
        throw error("half a character is escaped in a string")
      }
      code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw error("half a character is escaped in a string")
    }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    let end = place + 4
    guard unsafe end <= bytes.count,
      let code = unsafe UInt32(
        String(decoding: bytes.extracting(place..<end), as: UTF8.self), radix: 16),
      byte != UInt8(ascii: "+")
    else { throw error("four hexadecimal digits are expected after \\u") }
    place = end
    return code
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether no byte is above 127.
  fileprivate var isASCII: Bool {
    let raw = UnsafeRawBufferPointer(self)
    var (all, place) = (UInt64(0), 0)
    while place + 8 <= count {
      all |= unsafe raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      place += 8
    }
    while place < count {
      all |= unsafe UInt64(raw[place])
      place += 1
    }
    return all & 0x8080_8080_8080_8080 == 0
  }

  /// The place from `start` on of the first quotation mark, backslash or control character; the end if there is
  /// none.
  fileprivate func endOfPlain(from start: Int) -> Int {
    let raw = UnsafeRawBufferPointer(self)
    let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    let (quotes, slashes) = (ones * 0x22, ones * 0x5C)
    var place = start
    while place + 8 <= count {
      let word = unsafe raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      // The highest bit of the first byte that is one of them, and perhaps of some behind it.
      let (quote, slash) = (word ^ quotes, word ^ slashes)
      let found =
        ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones * 0x20) & ~word) & high
      if found != 0 { return place + found.trailingZeroBitCount / 8 }
      place += 8
    }
    while place < count {
      let byte = unsafe self[place]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
      place += 1
    }
    return place
  }
}
