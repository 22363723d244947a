import Exchange
import FoundationEssentials
import Graph
import Testing

@Suite("ONNX import, bad files")
struct ImporterRefusalTests {
  @Test(
    "names what is wrong",
    arguments: [
      ("external_data", "weights.bin"), ("short_weights", "'w'"), ("huge_extents", "extents"),
      ("old_operators", "operator set 8"), ("open_size", "--input-size"),
      ("batch_of_eight", "8×3×4×4"), ("two_images", "'x2'"), ("unsorted", "'c'"),
      ("written_twice", "there already"), ("vast_constant", "ConstantOfShape"),
      ("wrong_weights", "y_Conv"),
    ])
  func refuses(name: String, mark: String) throws {
    let path = GoldenModels.path("hostile_" + name)
    let error = #expect(throws: ExchangeError.self) { try ONNXImporter.read(path) }
    let text = try #require(error).description
    #expect(text.contains(mark), "\(text)")
    #expect(text.contains(path), "\(text)")
  }

  @Test("lists every operator and attribute that is not supported, each with its node")
  func listsAll() throws {
    let path = GoldenModels.path("hostile_unsupported")
    let error = #expect(throws: ExchangeError.self) { try ONNXImporter.read(path) }
    guard case .unsupported(_, let problems) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problems.count == 3, "\(problems)")
    for part in ["Softplus: 's_Softplus'", "LpPool: 'p_LpPool'", "auto_pad OTHER"] {
      #expect(problems.contains { $0.contains(part) }, "\(part) in \(problems)")
    }
  }

  @Test(
    "refuses an attribute that is an input in the file's operator set, and the other way round",
    arguments: [
      ("Clip", ["min", "max"], 11), ("Slice", ["starts", "ends", "axes"], 10),
      ("Split", ["split"], 13),
      ("Squeeze", ["axes"], 13), ("Unsqueeze", ["axes"], 13), ("Pad", ["pads"], 11),
      ("ReduceMean", ["axes"], 18),
    ])
  func movedAttributes(type: String, names: [String], since: Int64) {
    func refusal(_ model: HandmadeONNX) -> String {
      do throws(ExchangeError) {
        _ = try ONNXImporter.read(model.bytes, path: "moved.onnx")
        return ""
      } catch {
        return error.description
      }
    }
    for name in names {
      var model = HandmadeONNX()
      model.opset = since
      model.add(type, ["x"], to: ["y"], lists: [name: [1]])
      let text = refusal(model)
      #expect(
        text.contains("\(type) (attribute '\(name)', which is an input in operator set \(since))"),
        "\(text)")
    }
    var model = HandmadeONNX()
    model.opset = max(9, since - 1)
    model.store("list", [1], [1])
    model.add(type, ["x", "list"], to: ["y"])
    let text = refusal(model)
    #expect(text.contains("\(type) (2 inputs, attributes in operator set"), "\(text)")
  }

  @Test("a slice states where it starts and ends")
  func sliceWithoutEnds() {
    var model = HandmadeONNX()
    model.store("list", [1], [0])
    model.add("Slice", ["x", "list"], to: ["y"])
    let error = #expect(throws: ExchangeError.self) {
      try ONNXImporter.read(model.bytes, path: "slice.onnx")
    }
    #expect(error?.description.contains("starts or ends are missing") == true)
  }

  @Test("says what a file is that is none", arguments: [[], [1], Array("hello".utf8)] as [[UInt8]])
  func refusesOthers(bytes: [UInt8]) throws {
    let error = #expect(throws: ExchangeError.self) {
      try ONNXImporter.read(bytes, path: "some.onnx")
    }
    #expect(try #require(error).description.contains("some.onnx"))
  }

  @Test("names a file that is not there, and a folder")
  func refusesPaths() throws {
    for path in ["no/such.onnx", GoldenModels.folder.path] {
      let error = #expect(throws: ExchangeError.self) { try ONNXImporter.read(path) }
      guard case .unreadable(path, _) = try #require(error) else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test("refuses a model that is cut anywhere", arguments: ["flattened_map", "computed_shape"])
  func refusesCut(name: String) throws {
    let bytes = try GoldenModels.bytes(name)
    for count in 0..<bytes.count {
      #expect(throws: ExchangeError.self, "cut to \(count) B") {
        try ONNXImporter.read(Array(bytes[..<count]), path: name)
      }
    }
  }

  @Test(
    "reads or refuses a model with changed bytes, and never traps", arguments: GoldenModels.names)
  func survivesChanges(name: String) throws {
    let bytes = try GoldenModels.bytes(name)
    var random = Seeded(state: 11)
    var refused = 0
    for _ in 0..<300 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        changed[place] = UInt8.random(in: 0...255, using: &random)
      }
      do throws(ExchangeError) {
        let graph = try ONNXImporter.read(changed, path: name).graph
        #expect(!graph.nodes.isEmpty)
      } catch {
        refused += 1
        #expect(!error.description.isEmpty)
      }
    }
    #expect(refused > 30)
  }
}
