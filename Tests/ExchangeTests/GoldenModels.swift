import Exchange
import FoundationEssentials

/// The small models in Tests/Golden/onnx and what ONNX Runtime computes with them.
enum GoldenModels {
  struct Case: Decodable {
    /// `[height, width, channels]`.
    var shape: [Int]
    /// The image, channels innermost.
    var input: [Float]
    var output: [Float]
  }

  private struct File: Decodable {
    var cases: [String: Case]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/onnx")

  /// Every case by name; empty if the file cannot be read, which a test notices.
  static let cases: [String: Case] = {
    guard let data = try? Data(contentsOf: folder.appending(path: "golden.json")),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else { return [:] }
    return file.cases
  }()

  /// The models of single groups of operators in Tests/Golden/operators.
  static let operatorFolder = folder.deletingLastPathComponent().appending(path: "operators")

  /// Their cases by name; empty if the file cannot be read, which a test notices.
  static let operatorCases: [String: Case] = {
    guard let data = try? Data(contentsOf: operatorFolder.appending(path: "golden.json")),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else { return [:] }
    return file.cases
  }()

  static let names = cases.keys.sorted()

  static func path(_ name: String) -> String {
    folder.appending(path: name + ".onnx").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name + ".onnx")))
  }
}

/// SplitMix64: the same numbers everywhere.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
