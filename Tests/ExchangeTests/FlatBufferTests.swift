import Exchange
import Testing

/// Writes FlatBuffers by hand: vtables first, so that a table refers back to its own, then forward only.
private struct FlatWriter {
  private(set) var bytes: [UInt8] = [0, 0, 0, 0] + Array("TEST".utf8)

  static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  mutating func word(_ value: Int) { bytes += Self.little(value, 4) }
  mutating func put(_ value: Int, at place: Int) {
    bytes.replaceSubrange(place..<(place + 4), with: Self.little(value, 4))
  }
  /// Lets the reference at `place` lead to what is written next.
  mutating func land(_ place: Int) { put(bytes.count - place, at: place) }

  /// A table of `count` words; returns their places.
  mutating func table(words count: Int) -> [Int] {
    let vtable = bytes.count
    bytes += Self.little(4 + 2 * count, 2) + Self.little(4 + 4 * count, 2)
    for field in 0..<count { bytes += Self.little(4 + 4 * field, 2) }
    let start = bytes.count
    word(start - vtable)
    for _ in 0..<count { word(0) }
    return (0..<count).map { start + 4 + 4 * $0 }
  }
}

@Suite("FlatBuffers")
struct FlatBufferTests {
  /// A root of a number, a text, numbers and `references` to one table with a vector of `elements` numbers.
  private static func file(references: Int = 2, elements: Int = 3) -> [UInt8] {
    var writer = FlatWriter()
    // The root's reference must lead to the table, which stands behind its vtable of 12 bytes.
    writer.put(writer.bytes.count + 12, at: 0)
    let fields = writer.table(words: 4)
    writer.put(-5, at: fields[0])
    writer.land(fields[1])
    writer.word(5)
    for letter in "loam!".utf8 { writer.word(Int(letter)) }
    writer.land(fields[2])
    writer.word(2)
    writer.word(7)
    writer.word(-7)
    writer.land(fields[3])
    writer.word(references)
    let places = (0..<references).map { _ in
      writer.word(0)
      return writer.bytes.count - 4
    }
    let end = writer.bytes.count
    for place in places { writer.put(end + 6 - place, at: place) }
    let inner = writer.table(words: 1)
    writer.land(inner[0])
    writer.word(elements)
    for element in 0..<elements { writer.word(element) }
    return writer.bytes
  }

  /// Reads everything that `file` holds.
  private static func readAll(_ bytes: [UInt8]) throws(FlatBufferError) -> [Int32] {
    let root = try FlatBuffer(bytes).root()
    var found = [try root.integer(0, default: Int32(0))]
    _ = try root.text(1, "text")
    found += try root.integers(2, as: Int32.self, "numbers")
    for table in try root.tables(3, "table") {
      found += try table.integers(0, as: Int32.self, "elements")
    }
    return found
  }

  @Test("reads numbers, texts, vectors and tables, and defaults of what is absent")
  func reads() throws {
    let bytes = Self.file()
    #expect(FlatBuffer(bytes).identifier == "TEST")
    let root = try FlatBuffer(bytes).root()
    #expect(try root.text(1, "text")?.utf8.count == 5)
    #expect(try root.integer(9, default: Int16(12)) == 12)
    #expect(try root.table(9, "nothing") == nil)
    #expect(try root.float(9, default: 0.5) == 0.5)
    #expect(try !root.bool(9))
    #expect(try root.tables(9, "nothing").isEmpty)
    #expect(try Self.readAll(bytes) == [-5, 7, -7, 0, 1, 2, 0, 1, 2])
  }

  @Test("refuses a file that is cut anywhere")
  func cut() {
    let bytes = Self.file()
    for count in 0..<bytes.count {
      #expect(throws: FlatBufferError.self, "cut to \(count) B") {
        try Self.readAll(Array(bytes[..<count]))
      }
    }
  }

  @Test("reads or refuses a file with changed bytes, and never traps")
  func changed() {
    let bytes = Self.file()
    var random = Seeded(state: 3)
    var refused = 0
    for _ in 0..<4000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        changed[place] =
          [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
          .randomElement(using: &random) ?? 0
      }
      do throws(FlatBufferError) {
        _ = try Self.readAll(changed)
      } catch {
        refused += 1
        #expect(!error.description.isEmpty)
      }
    }
    #expect(refused > 400)
  }

  @Test("refuses a small file whose parts refer to one another so often that it would take ages")
  func bounded() throws {
    let honest = try Self.readAll(Self.file(references: 2, elements: 2000))
    #expect(honest.count == 4003)
    let error = #expect(throws: FlatBufferError.self) {
      try Self.readAll(Self.file(references: 2000, elements: 2000))
    }
    guard case .tooMuch = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(
    "refuses offsets beyond the file and before it", arguments: [0x7FFF_FFFF, -1, -0x8000_0000])
  func wild(offset: Int) {
    for place in stride(from: 0, to: Self.file().count - 4, by: 4) {
      var bytes = Self.file()
      for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: offset >> (8 * index)) }
      // Numbers may be anything; that nothing traps is the point.
      _ = try? Self.readAll(bytes)
    }
    var bytes = Self.file()
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: offset >> (8 * index)) }
    #expect(throws: FlatBufferError.self) { try Self.readAll(bytes) }
  }
}
