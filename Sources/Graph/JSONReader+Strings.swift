extension JSONReader {
  /// Reads a string.
  mutating func string() throws(JSONError) -> String {
    try take("\"", "a string")
    let start = place
    while place < bytes.count, bytes[place] != UInt8(ascii: "\""),
      bytes[place] != UInt8(ascii: "\\"),
      bytes[place] >= 0x20
    {
      place += 1
    }
    var decoded: [UInt8]?
    if place < bytes.count, bytes[place] == UInt8(ascii: "\\") {
      decoded = try unescaped(from: start)
    }
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
      throw error("a string has no end, or a control character in it")
    }
    let text =
      if let decoded { String(validating: decoded, as: UTF8.self) } else {
        String(validating: bytes[start..<place], as: UTF8.self)
      }
    place += 1
    guard let text else { throw error("a string is not UTF-8") }
    return text
  }

  /// The bytes of a string that has escapes, up to its closing mark, from `start` on.
  private mutating func unescaped(from start: Int) throws(JSONError) -> [UInt8] {
    var text = Array(bytes[start..<place])
    while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] >= 0x20 {
      guard bytes[place] == UInt8(ascii: "\\") else {
        text.append(bytes[place])
        place += 1
        continue
      }
      guard place + 1 < bytes.count else { throw error("a string has no end") }
      let mark = bytes[place + 1]
      place += 2
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
    guard end <= bytes.count,
      let code = UInt32(String(decoding: bytes[place..<end], as: UTF8.self), radix: 16),
      bytes[place] != UInt8(ascii: "+")
    else { throw error("four hexadecimal digits are expected after \\u") }
    place = end
    return code
  }
}
