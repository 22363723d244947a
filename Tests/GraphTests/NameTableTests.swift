import Testing

@testable import Graph

@Suite("A table of names")
struct NameTableTests {
  @Test("gives each name one number, in the order in which they come")
  func numbers() {
    var table = NameTable()
    let names = (0..<2000).map { String(repeating: "long ", count: $0 % 40) + "\($0)" }
    for (number, name) in names.enumerated() { #expect(table.number(of: name) == number) }
    for (number, name) in names.enumerated() {
      #expect(table.number(of: name) == number && table.known(name) == number)
      #expect(table.known(name + " ") == nil && table.known(name + "\0") == nil)
    }
    #expect(table.names == names)
  }

  @Test("takes names for the same if their characters are, whatever their bytes")
  func canonical() {
    var table = NameTable()
    // Kelvin's sign is K; an accent may be a character of its own.
    let names = ["K", "e", "\u{e9}", "", "ab"]
    for (number, name) in names.enumerated() { #expect(table.number(of: name) == number) }
    for (other, number) in [("\u{212a}", 0), ("e\u{301}", 2), ("K", 0), ("", 3), ("ab", 4)] {
      #expect(table.number(of: other) == number && table.known(other) == number)
    }
    #expect(table.known("\u{e8}") == nil)
    #expect(table.number(of: "last") == 5)
  }

  @Test("reads names from bytes, and refuses those that are no UTF-8")
  func bytes() {
    var table = NameTable()
    func number(_ bytes: [UInt8]) -> Int? {
      unsafe bytes.withUnsafeBufferPointer { unsafe table.number(of: $0) }
    }
    #expect(number(Array("plain".utf8)) == 0)
    #expect(number([0xFF]) == nil && number([0xC3]) == nil)
    #expect(number([0xC3, 0xA9]) == 1)
    #expect(number(Array("plain".utf8)) == 0)
    #expect(table.names == ["plain", "é"])
  }
}
