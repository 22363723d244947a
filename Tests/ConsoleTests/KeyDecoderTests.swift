import Testing

@testable import DeviceRuntime

@Suite("Keys from bytes")
struct KeyDecoderTests {
  private func decode(_ bytes: [UInt8]) -> [ConsoleKey] {
    var decoder = KeyDecoder()
    return decoder.decode(bytes, at: 0)
  }

  private func characters(_ text: String) -> [ConsoleKey] {
    text.unicodeScalars.map { .character($0) }
  }

  @Test("a line ends once, however the terminal writes it")
  func lineEnds() {
    #expect(decode(Array("a\r".utf8)) == characters("a") + [.enter])
    #expect(decode(Array("a\n".utf8)) == characters("a") + [.enter])
    #expect(
      decode(Array("a\r\nb\r\n".utf8)) == characters("a") + [.enter] + characters("b") + [.enter])
    #expect(decode(Array("\r\r\n\n".utf8)) == [.enter, .enter, .enter])
    var split = KeyDecoder()
    #expect(split.decode([0x0D], at: 0) == [.enter])
    #expect(split.decode([0x0A], at: 1) == [])
    #expect(split.decode([0x0A], at: 2) == [.enter])
  }

  @Test("UTF-8 arrives whole, also one byte at a time")
  func utf8() {
    let text = "Größe 猫 🐈 é"
    #expect(decode(Array(text.utf8)) == characters(text))
    var split = KeyDecoder()
    #expect(text.utf8.flatMap { split.decode([$0], at: 0) } == characters(text))
  }

  @Test(
    "what no key sends is noise and nothing else",
    arguments: [
      [0x00], [0xFF], [0xFE], [0x80], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xC2, 0x9B], [0xE2, 0x80, 0xAE], [0xEF, 0xBB, 0xBF],
      [0x1F],
    ] as [[UInt8]])
  func noise(bytes: [UInt8]) {
    let keys = decode(bytes)
    #expect(!keys.isEmpty && keys.allSatisfy { $0 == .noise })
  }

  @Test("a broken character does not swallow the key behind it")
  func brokenCharacter() {
    #expect(decode([0xE2, 0x82, 0x31]) == [.noise, .character("1")])
    #expect(decode([0xC3, 0x0D]) == [.noise, .enter])
  }

  @Test(
    "the sequences of arrows, function keys, mice and answers of a terminal are one key of no meaning",
    arguments: [
      "\u{1B}[A", "\u{1B}OP", "\u{1B}[15~", "\u{1B}[1;5C", "\u{1B}[[A", "\u{1B}x",
      "\u{1B}]0;1;2;3\u{7}",
      "\u{1B}[<0;12;34M", "\u{1B}(B", "\u{1B}[?25h", "\u{1B}[0c",
    ])
  func sequences(text: String) {
    #expect(decode(Array(text.utf8)) == [.other])
    #expect(decode(Array((text + "1").utf8)) == [.other, .character("1")])
    var split = KeyDecoder()
    #expect(text.utf8.flatMap { split.decode([$0], at: 0) } == [.other])
  }

  @Test(
    "what a terminal says of itself is told apart, however it is split",
    arguments: ["[?62;22c", "P1$r0m", "P>|xterm(390)"])
  func reports(text: String) {
    let bytes = [0x1B] + Array(text.utf8) + (text.hasPrefix("P") ? [0x1B, 0x5C] : [])
    #expect(decode(bytes) == [.report(text)])
    #expect(decode(bytes + [0x31]) == [.report(text), .character("1")])
    for cut in 1..<bytes.count {
      var split = KeyDecoder()
      let first = split.decode(Array(bytes[..<cut]), at: 0)
      #expect(first + split.decode(Array(bytes[cut...]), at: 0.05) == [.report(text)])
    }
  }

  @Test("the rest of an answer to DA1 that comes seconds later is no key")
  func lateReport() {
    var decoder = KeyDecoder()
    #expect(decoder.decode(Array("\u{1B}[?6".utf8), at: 0) == [])
    #expect(decoder.decode(Array("4;1;2c".utf8), at: 2.5) == [.report("[?64;1;2c")])
    decoder.expectsReport = true
    #expect(decoder.decode([0x1B], at: 10) == [])
    #expect(decoder.decode(Array("[?1;2c".utf8), at: 11) == [.report("[?1;2c")])
  }

  @Test("a sequence cut short gives way to the key that cannot belong to it")
  func cutSequence() {
    #expect(decode([0x1B, 0x5B, 0x0D]) == [.enter])
    #expect(decode([0x1B, 0x1B, 0x5B, 0x41, 0x32]) == [.other, .character("2")])
    #expect(decode([0x1B, 0x03]) == [.cancel])
  }

  @Test("Esc alone does not swallow what is typed later")
  func loneEscape() {
    var decoder = KeyDecoder()
    #expect(decoder.decode([0x1B], at: 0) == [])
    #expect(decoder.decode(Array("1".utf8), at: 0.5) == [.character("1")])
    #expect(decoder.decode(Array("\u{1B}]".utf8), at: 1) == [])
    #expect(decoder.decode(Array("2".utf8), at: 2) == [.character("2")])
  }

  @Test("endless sequences end")
  func endless() {
    let control = decode(Array(("\u{1B}[" + String(repeating: "1", count: 100)).utf8))
    #expect(control.contains(.character("1")))
    let string = decode(Array(("\u{1B}]" + String(repeating: "x", count: 1000)).utf8))
    #expect(string.filter { $0 == .noise }.count == 1)
    #expect(string.filter { $0 == .character("x") }.count > 700)
  }
}
