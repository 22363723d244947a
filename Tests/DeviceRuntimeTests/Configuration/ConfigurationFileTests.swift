import Testing

@testable import DeviceRuntime

@Suite struct ConfigurationFileTests {
  private func problem(_ text: String) -> String {
    ConfigurationFile(text: text, name: "f.yaml").problems.joined(separator: "\n")
  }

  @Test("knows each key's line; comments and keys without a value say nothing")
  func lines() {
    let file = ConfigurationFile(
      text: "# c\n\na: 1 # d\nb:\n  c: [x, 'y z']\n  d:\ne: ~\nf: \"\"\n", name: "f")
    #expect(file.problems.isEmpty)
    #expect(
      file.entries == [
        .init(key: "a", written: .text("1"), line: 3),
        .init(key: "b.c", written: .list(["x", "y z"]), line: 5),
        .init(key: "f", written: .text(""), line: 8),
      ])
  }

  @Test("takes an empty file and one of comments alone", arguments: ["", "\n", "# a\n", "---\n"])
  func nothing(text: String) {
    let file = ConfigurationFile(text: text, name: "f")
    #expect(file.problems.isEmpty && file.entries.isEmpty)
  }

  @Test(
    "names the line of what is no configuration",
    arguments: [
      ("a: 1\nb: [1\n", "f.yaml:3: is no YAML"), ("- a\n", "f.yaml:1: found no `name: value`"),
      ("a: 1\na: 2\n", "twice"), ("a.b: 1\na: {b: 2}\n", "f.yaml:2: 'a.b' stands in line 1"),
      ("a: [[1]]\n", "f.yaml:1: 'a' has lists"), ("a: &x 1\n", "f.yaml:1: has a YAML anchor"),
      ("a: 1\n? *x : 1\n", "f.yaml:2: has a YAML anchor"),
      ("? [a]\n: 1\n", "f.yaml:1: a key is a list"),
      ("a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n", "nested deeper"), ("a: \u{1}\n", "f.yaml"),
      ("a: 1\n---\na: 2\n", "f.yaml"), ("\ta: 1\n", "f.yaml:1"),
    ])
  func places(text: String, said: String) {
    #expect(problem(text).contains(said), "\(problem(text))")
  }

  /// Files that would make a parser recurse or grow without end.
  private static let hostileTexts = [
    String(repeating: "[", count: 60_000), String(repeating: "{a: ", count: 15_000),
    String(repeating: "- ", count: 30_000), String(repeating: "? ", count: 30_000),
    (0..<300).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    (0..<2000).map { "k\($0): 1\n" }.joined(),
    "a: &a {x: 1}\n" + "b: &b {x: *a, y: *a}\nc: {x: *b, y: *b}\n",
  ]

  @Test(
    "refuses what would make a parser recurse or grow without end", arguments: hostileTexts.indices)
  func hostile(index: Int) {
    let said = problem(Self.hostileTexts[index])
    #expect(!said.isEmpty && said.utf8.count < 2000)
  }

  @Test("survives any damage to a file, one byte at a time")
  func damage() {
    let good =
      Array(ConfigurationTemplate.text.utf8).prefix(1500)
      + Array("camera: {burst: 3, trigger: [a, 'b', \"c\"]}\n".utf8)
    var random = SystemRandomNumberGenerator()
    for place in stride(from: 0, to: good.count, by: 7) {
      var bytes = Array(good)
      bytes[place] = UInt8.random(in: 1...127, using: &random)
      // Whatever comes of it must be small; a crash fails the whole run.
      let file = ConfigurationFile(text: String(decoding: bytes, as: UTF8.self), name: "f")
      #expect(file.entries.count + file.problems.count < 100)
    }
  }

  @Test("says why a file cannot be read")
  func unreadable() {
    let missing = ConfigurationFile(path: "/nowhere/loam.yaml").problems
    #expect(missing.count == 1 && missing[0].contains("/nowhere/loam.yaml: cannot be read"))
    #expect(ConfigurationFile(path: "/").problems.count == 1)
    let endless = ConfigurationFile(path: "/dev/zero").problems
    #expect(endless.count == 1 && endless[0].contains("more than 65536 bytes"))
  }
}
