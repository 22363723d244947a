import FoundationEssentials
import Testing

@testable import DeviceRuntime

@Suite struct ConfigurationTemplateTests {
  private var repository: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
  }

  @Test("is what Firmware/loam.yaml holds; `loam config keys --yaml` prints it")
  func same() throws {
    let file = repository.appending(path: "Firmware/loam.yaml")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(text == ConfigurationTemplate.text, "run: loam config keys --yaml > Firmware/loam.yaml")
  }

  @Test("says nothing as it is but where the store lies, and has every key")
  func commented() {
    let file = ConfigurationFile(text: ConfigurationTemplate.text, name: "f")
    #expect(file.problems.isEmpty)
    #expect(file.entries.map(\.key) == ["store"])
  }

  @Test("is the defaults with every key that has one uncommented")
  func uncommented() throws {
    let lines = ConfigurationTemplate.text.split(separator: "\n").map { line in
      guard let mark = line.firstIndex(of: "#"), line[mark...].dropFirst().first != " ",
        line[..<mark].allSatisfy({ $0 == " " })
      else { return String(line) }
      return String(line[..<mark]) + String(line[line.index(after: mark)...])
    }
    let file = ConfigurationFile(text: lines.joined(separator: "\n"), name: "f")
    #expect(file.problems.isEmpty)
    let names = Set(ConfigurationKey.all.map(\.name))
    #expect(file.entries.allSatisfy { names.contains($0.key) })
    var configuration = DeviceConfiguration()
    for entry in file.entries where entry.key != "store" {
      let key = try #require(ConfigurationKey.all.first { $0.name == entry.key })
      try key.apply(&configuration, entry.written)
    }
    #expect(configuration == DeviceConfiguration())
  }

  @Test("has no two keys of one name or variable, each explained")
  func unique() {
    let keys = ConfigurationKey.all
    #expect(Set(keys.map(\.name)).count == keys.count)
    #expect(Set(keys.map(\.variable)).count == keys.count)
    #expect(keys.allSatisfy { $0.explanation.hasSuffix(".") && !$0.form.isEmpty })
  }
}
