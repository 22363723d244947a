import Tensors
import Testing

@testable import Graph

@Suite("The reader of JSON")
struct JSONReaderTests {
  /// The strings of an array, as `text` has them.
  static func strings(_ text: String) throws(JSONError) -> [String] {
    try JSONReader.read(Array(text.utf8)) { (json) throws(JSONError) in
      try json.array { (json) throws(JSONError) in try json.string() }
    }
  }

  static func number<Value>(
    _ text: String, _ read: (inout JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    try JSONReader.read(Array(text.utf8), read)
  }

  @Test("reads strings with every escape, and characters beyond 16 bits")
  func strings() throws {
    let text = #" [ "a", "", "\"\\\/\b\f\n\r\t", "é\u00e9\uD83D\uDE00😀" ,"x\u0000"] "#
    #expect(
      try Self.strings(text) == ["a", "", "\"\\/\u{8}\u{C}\n\r\t", "éé😀😀", "x\0"])
  }

  @Test(
    "refuses strings that are none",
    arguments: [
      #"["a]"#, "[\"a\nb\"]", #"["\x"]"#, #"["\u12"]"#, #"["\u+123"]"#, #"["\ud800"]"#,
      #"["\ud800\u0041"]"#, #"["\udc00"]"#, #"["\"#, #"["a" "b"]"#, #"["a",]"#, #"[,"a"]"#,
      #"["a"]]"#, #"["a"] x"#, "", "[", #"["a""#,
    ])
  func badStrings(text: String) {
    #expect(throws: JSONError.self) { try Self.strings(text) }
  }

  @Test("refuses bytes that are no UTF-8") func notUTF8() {
    #expect(throws: JSONError.self) {
      try JSONReader.read([0x22, 0xC3, 0x28, 0x22]) { (json) throws(JSONError) in try json.string()
      }
    }
    #expect(throws: JSONError.self) {
      try JSONReader.read([0x22, 0x5C, 0x6E, 0xFF, 0x22]) { (json) throws(JSONError) in
        try json.string()
      }
    }
  }

  @Test("reads whole numbers that fit") func integers() throws {
    #expect(try Self.number("-7") { (json) throws(JSONError) in try json.integer() as Int8 } == -7)
    let greatest = try Self.number("18446744073709551615") { (json) throws(JSONError) in
      try json.integer() as UInt64
    }
    #expect(greatest == .max)
    for text in ["128", "1.0", "1e1", "01", "-", "+1", "", "0x10", "true", "\"1\""] {
      #expect(throws: JSONError.self, "\(text)") {
        try Self.number(text) { (json) throws(JSONError) in try json.integer() as Int8 }
      }
    }
  }

  @Test("reads the nearest fp32") func floats() throws {
    for (text, value): (String, Float) in [
      ("0.1", 0.1), ("-1.5e-3", -1.5e-3), ("3E+2", 300), ("16777217", 16_777_216), ("-0", -0.0),
      ("1e-60", 0),
    ] {
      let read = try Self.number(text) { (json) throws(JSONError) in try json.float() }
      #expect(read.bitPattern == value.bitPattern, "\(text)")
    }
    for text in ["1e39", "nan", "inf", ".5", "5.", "1e", "0.1.2", "--1"] {
      #expect(throws: JSONError.self, "\(text)") {
        try Self.number(text) { (json) throws(JSONError) in try json.float() }
      }
    }
  }

  @Test("reads the least and the greatest of 64 bits, and nothing beyond") func wideIntegers()
    throws
  {
    func read(_ text: String) -> Int64? {
      try? Self.number(text) { (json) throws(JSONError) in try json.integer() }
    }
    #expect(read("-9223372036854775808") == .min && read("9223372036854775807") == .max)
    #expect(read("-9223372036854775809") == nil && read("9223372036854775808") == nil)
    #expect(read("18446744073709551616") == nil && read("-18446744073709551617") == nil)
    #expect(read("-0") == 0)
  }

  @Test("reads the same fp32 as the standard library, of short texts, long ones and half-way ones")
  func nearestFloats() throws {
    var random = SeededRandom(seed: 7)
    func check(_ text: String) throws {
      let expected = try #require(Float(text))
      let read = try? Self.number(text) { (json) throws(JSONError) in try json.float() }
      #expect(read == (expected.isFinite ? expected : nil), "\(text)")
      if let read { #expect(read.sign == expected.sign, "\(text)") }
    }
    for _ in 0..<20_000 {
      let bits = UInt32(truncatingIfNeeded: random.next())
      let value = Float(bitPattern: bits)
      if value.isFinite { try check("\(value)") }
      let digits = (0..<(1 + random.below(18))).map { _ in "\(random.below(10))" }.joined()
      try check("\(1 + random.below(9))\(digits).\(digits)")
      try check("-0.\(String(repeating: "0", count: random.below(30)))\(digits)")
      // Between a number and the next one, and a digit to either side of that.
      let low = Float(1 + random.below(1 << 23)) / 1024
      let middle = (Double(low) + Double(low.nextUp)) / 2
      for text in ["\(middle)", "\(middle)1", "\(middle.nextDown)"] where !text.contains("e") {
        try check(text)
      }
    }
  }

  @Test("finds a name that stands twice among few and among many, escaped or not")
  func twice() {
    func isRead(_ names: [String]) -> Bool {
      let members = names.map { "\"\($0)\":[{\"a\":1,\"b\":2}]" }.joined(separator: ",")
      return
        (try? JSONReader.read(Array("{\(members)}".utf8)) { (json) throws(JSONError) in
          try json.object { (json, _) throws(JSONError) in try json.skip() }
        }) != nil
    }
    for count in [1, 2, 23, 24, 25, 26, 300] {
      let names = (0..<count).map { "name \($0)" }
      #expect(isRead(names))
      for twice in Set([0, count / 2, count - 1]) {
        #expect(!isRead(names + ["name \(twice)"]), "\(twice) of \(count)")
        #expect(!isRead(names + ["n\\u0061me \(twice)"]), "\(twice) of \(count)")
      }
      #expect(isRead(names + ["n\\u0061me"]))
    }
  }

  @Test("says where a member is missing, wrong or twice")
  func objects() {
    func complaint(_ text: String) -> String {
      do throws(JSONError) {
        try JSONReader.read(Array(text.utf8)) { (json) throws(JSONError) in
          try json.object(required: ["a", "b"]) { (json, name) throws(JSONError) in
            if name == "a" {
              _ = try json.array { (json) throws(JSONError) in try json.integer() as Int }
            } else {
              try json.skip()
            }
          }
        }
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(complaint(#"{"a":[1],"b":[{"c":[null,true,false,1.5,"x",{}]}],"d":null}"#) == "none")
    #expect(complaint(#"{"a":[1]}"#).hasPrefix("'b' is missing"))
    #expect(complaint(#"{"a":[1],"b":null}"#).hasPrefix("'b' is missing"))
    #expect(complaint(#"{"a":[1],"b":1,"a":[2]}"#).hasPrefix("'a' stands there twice"))
    #expect(complaint(#"{"a":[1,"x"],"b":1}"#).hasPrefix("at 'a.1': a number is expected"))
    #expect(complaint(#"{"a":[1],"b":nul}"#).hasPrefix("a value is expected"))
    #expect(complaint(#"{"a":[1] "b":1}"#).hasPrefix("',' or '}' is expected"))
    #expect(complaint(#"{"a" [1]}"#).hasPrefix("':' is expected"))
  }

  @Test("refuses deep nesting instead of running out of stack") func deep() {
    for depth in [JSONReader.greatestDepth, JSONReader.greatestDepth + 1, 1_000_000] {
      let text =
        [UInt8](repeating: UInt8(ascii: "["), count: depth)
        + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
      let isRead =
        (try? JSONReader.read(text) { (json) throws(JSONError) in try json.skip() }) != nil
      #expect(isRead == (depth <= JSONReader.greatestDepth))
    }
  }
}
