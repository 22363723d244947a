internal import SystemPackage
internal import Yams

/// What a YAML file says, as dotted keys, each with its line; nothing is interpreted yet.
///
/// A file is a mapping of names to values, lists of values and further mappings:
/// `camera: {burst: 3}` and `camera.burst: 3` are the same. It has at most `mostBytes` bytes and no
/// anchors, so that a few lines cannot stand for a great many.
struct ConfigurationFile {
  /// One key as it was written.
  struct Entry: Hashable {
    var key: String
    var written: ConfigurationKey.Written
    var line: Int
  }

  static let mostBytes = 64 << 10
  private static let mostDepth = 8
  private static let mostEntries = 1000

  private(set) var entries: [Entry] = []
  /// What is wrong with the file, each with its line.
  private(set) var problems: [String] = []

  /// The file at `path`; what cannot be read is a problem, not an error.
  init(path: String) {
    switch Self.bytes(of: path) {
    case .failure(let problem): self.init(problem: problem.description)
    case .success(let bytes):
      if let text = String(validating: bytes, as: UTF8.self) {
        self.init(text: text, name: path)
      } else {
        self.init(problem: "\(path): is no UTF-8 text; give a YAML file")
      }
    }
  }

  private init(problem: String) { problems = [problem] }

  /// The file with the contents `text`, called `name` in problems.
  init(text: String, name: String) {
    if let (line, what) = Self.refused(text) {
      problems = ["\(name):\(line): \(what)"]
      return
    }
    do {
      guard let root = try Parser(yaml: text).singleRoot() else { return }
      guard let mapping = root.mapping else {
        // A file of comments alone reads as one empty value.
        if Self.isNothing(root) { return }
        problems = [
          "\(name):\(Self.line(root)): found no `name: value` at the top; write for instance `store: /var/lib/loam`"
        ]
        return
      }
      add(mapping, below: [], name: name)
    } catch let error as YamlError {
      problems.append(Self.problem(error, name: name))
    } catch {
      problems.append("\(name): \(error)")
    }
  }

  private mutating func add(_ mapping: Node.Mapping, below: [String], name: String) {
    for (keyNode, value) in mapping {
      let line = Self.line(keyNode)
      guard entries.count < Self.mostEntries else {
        problems.append(
          "\(name):\(line): more than \(Self.mostEntries) values; there are not so many keys")
        return
      }
      guard let scalar = keyNode.scalar else {
        problems.append("\(name):\(line): a key is a list or a mapping; write a name")
        continue
      }
      let path = below + [scalar.string]
      if let inner = value.mapping {
        guard path.count < Self.mostDepth else {
          problems.append("\(name):\(line): nested deeper than any key")
          continue
        }
        add(inner, below: path, name: name)
      } else if let written = Self.written(value) {
        add(Entry(key: path.joined(separator: "."), written: written, line: line), name: name)
      } else if !Self.isNothing(value) {
        problems.append(
          "\(name):\(line): \(shown(path.joined(separator: "."))) has lists in its list; give a list of values"
        )
      }
    }
  }

  private mutating func add(_ entry: Entry, name: String) {
    if let earlier = entries.first(where: { $0.key == entry.key }) {
      problems.append(
        "\(name):\(entry.line): \(shown(entry.key)) stands in line \(earlier.line) already; keep one"
      )
      return
    }
    entries.append(entry)
  }

  /// The value of `node`, or `nil` if it is none or a list of other things than values.
  private static func written(_ node: Node) -> ConfigurationKey.Written? {
    if isNothing(node) { return nil }
    if let scalar = node.scalar { return .text(scalar.string) }
    guard let sequence = node.sequence else { return nil }
    var items: [String] = []
    for item in sequence {
      guard let scalar = item.scalar, items.count < mostEntries else { return nil }
      items.append(scalar.string)
    }
    return .list(items)
  }

  /// Whether `node` is the null of YAML: nothing, `~` or `null`, without quotes.
  private static func isNothing(_ node: Node) -> Bool {
    guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else {
      return false
    }
    return ["", "~", "null"].contains(scalar.string)
  }

  private static func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

  private static func problem(_ error: YamlError, name: String) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "\(name):\(mark.line): is no YAML: \(problem) (column \(mark.column))"
    case .duplicatedKeysInMapping(let duplicates, let context):
      "\(name):\(context.mark.line): \(duplicates.prefix(3).map(shown).joined(separator: ", ")) "
        + "stands twice; keep one"
    case .reader(let problem, _, _, _): "\(name): is no YAML: \(problem)"
    default: "\(name): is no YAML that can be read"
    }
  }

  /// The first line of `text` with what this file may not have although it is YAML, and a sentence
  /// about it: deep nesting, for the parser recurses, and anchors, for few lines stand for many then.
  private static func refused(_ text: String) -> (line: Int, what: String)? {
    var depth = 0
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let bytes = Array(line.utf8)
      guard let first = bytes.firstIndex(where: { $0 != UInt8(ascii: " ") }) else { continue }
      if bytes[first] == UInt8(ascii: "#") { continue }
      var marks = 0
      for (place, byte) in bytes.enumerated() {
        let before = place == 0 ? UInt8(ascii: " ") : bytes[place - 1]
        let starts = " \t[{,:-?!".utf8.contains(before)
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
        case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): marks += starts ? 1 : 0
        case UInt8(ascii: "&"), UInt8(ascii: "*"):
          if starts, place + 1 < bytes.count, bytes[place + 1] != UInt8(ascii: " ") {
            return (
              index + 1, "has a YAML anchor or alias (& or *), which are not taken; write the value"
            )
          }
        default: break
        }
      }
      if depth > 32 || marks > 32 || first > 64 {
        return (index + 1, "nested deeper than any key; write `camera:` and below it `burst: 3`")
      }
    }
    return nil
  }

  private struct Unreadable: Error, CustomStringConvertible { var description: String }

  private static func bytes(of path: String) -> Result<[UInt8], Unreadable> {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      return try file.closeAfter {
        var bytes = [UInt8](repeating: 0, count: mostBytes + 1)
        var count = 0
        while count < bytes.count {
          let read = try unsafe bytes.withUnsafeMutableBytes { buffer in
            try unsafe file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
          }
          if read == 0 { break }
          count += read
        }
        guard count <= mostBytes else {
          return .failure(
            Unreadable(
              description: "\(path): has more than \(mostBytes) bytes; give a configuration file"))
        }
        return .success(Array(bytes[..<count]))
      }
    } catch {
      return .failure(
        Unreadable(
          description:
            "\(path): cannot be read (\(error)); give --config the path of a readable YAML file"))
    }
  }
}

/// `text` as it may be shown in a message: at most 60 characters, none of them a control character.
func shown(_ text: String) -> String {
  let printable = text.unicodeScalars.prefix(60).map { scalar in
    scalar.value < 32 || (127..<160).contains(scalar.value) ? "?" : String(scalar)
  }
  return "'" + printable.joined() + "'"
}
