import Exchange
import Graph
import Tensors
import Testing

/// Small ONNX files that ask for much: each is refused, or read, in bounded time and memory.
@Suite("ONNX import, files that ask for much")
struct ImporterBombTests {
  private func refusal(
    _ model: HandmadeONNX, _ mark: String, location: SourceLocation = #_sourceLocation
  ) {
    do throws(ExchangeError) {
      _ = try ONNXImporter.read(model.bytes, path: "bomb.onnx")
      Issue.record("read", sourceLocation: location)
    } catch {
      #expect(
        error.description.contains(mark), "\(error.description.prefix(300))",
        sourceLocation: location)
    }
  }

  @Test("reads what is written by hand")
  func honest() throws {
    var model = HandmadeONNX()
    model.store("c", [1], floats: [3])
    model.add("Mul", ["x", "c"], to: ["y"])
    let graph = try ONNXImporter.read(model.bytes, path: "honest.onnx").graph
    #expect(graph.nodes.count == 1)
    #expect(graph.constants.values.contains { $0.elements == [3] })
  }

  @Test(
    "a constant without elements has no places to go through, however long its other extents",
    arguments: ["Transpose", "Concat", "Gather", "Slice", "Reshape"])
  func empty(type: String) {
    var model = HandmadeONNX()
    model.store("c", [2_147_483_647, 0], [])
    model.store("none", [0], [])
    model.store("two", [2], [0, 0])
    switch type {
    case "Transpose": model.add(type, ["c"], to: ["d"])
    case "Concat": model.add(type, ["c", "c"], to: ["d"], numbers: ["axis": 1])
    case "Gather": model.add(type, ["c", "none"], to: ["d"], numbers: ["axis": 1])
    case "Slice": model.add(type, ["c", "two", "two"], to: ["d"])
    default: model.add(type, ["c", "two"], to: ["d"])
    }
    model.add("Add", ["x", "d"], to: ["y"])
    refusal(model, "one number per channel")
  }

  @Test("a slice names an axis once")
  func repeatedAxes() {
    var model = HandmadeONNX()
    model.store("c", [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
    model.store("ones", [3], [1, 1, 1])
    model.store("twos", [3], [2, 2, 2])
    model.store("axes", [3], [0, 0, 0])
    model.store("steps", [3], [1 << 31, 1 << 31, 1 << 31])
    model.add("Slice", ["c", "ones", "twos", "axes", "steps"], to: ["d"])
    model.add("Add", ["x", "d"], to: ["y"])
    refusal(model, "axes")
  }

  @Test("a constant's number of extents does not double for ever")
  func manyExtents() {
    var model = HandmadeONNX()
    model.store("c0", [1, 1, 1], [0])
    for index in 0..<40 { model.add("Gather", ["c\(index)", "c\(index)"], to: ["c\(index + 1)"]) }
    model.add("Add", ["x", "c40"], to: ["y"])
    refusal(model, "extents")
  }

  @Test("a stored constant has at most eight extents")
  func storedExtents() {
    var model = HandmadeONNX()
    model.store("c", Array(repeating: 1, count: 500), floats: [1])
    model.add("Add", ["x", "c"], to: ["y"])
    refusal(model, "500 extents")
  }

  @Test("a number spread over a vast vector is refused")
  func vastVector() {
    var model = HandmadeONNX(image: [1, 4, 16_384, 16_384])
    model.store("c", [1], floats: [3])
    model.add("Flatten", ["x"], to: ["f"])
    model.add("Mul", ["f", "c"], to: ["y"])
    refusal(model, "elements")
  }

  @Test("constants that are computed are bounded by the file that asks for them")
  func computed() {
    var model = HandmadeONNX()
    model.store("extents", [1], [1 << 23])
    for index in 0..<8 { model.add("ConstantOfShape", ["extents"], to: ["c\(index)"]) }
    model.add("Sum", ["x"] + (0..<8).map { "c\($0)" }, to: ["y"])
    refusal(model, "elements")
  }

  @Test("a constant that is read over and over is refused")
  func readOver() {
    var model = HandmadeONNX()
    model.store("extents", [1], [1 << 20])
    model.add("ConstantOfShape", ["extents"], to: ["c"])
    for index in 0..<200 {
      model.add("PRelu", [index == 0 ? "x" : "x\(index)", "c"], to: ["x\(index + 1)"])
    }
    model.add("Relu", ["x200"], to: ["y"])
    refusal(model, "elements")
  }

  @Test("nodes of one name get short names of their own")
  func oneName() throws {
    var model = HandmadeONNX()
    for index in 0..<400 {
      model.add("Tanh", [index == 0 ? "x" : "x\(index)"], to: ["x\(index + 1)"], name: "n")
    }
    model.add("Relu", ["x400"], to: ["y"], name: "n_2")
    let graph = try ONNXImporter.read(model.bytes, path: "names.onnx").graph
    #expect(Set(graph.nodes.map(\.name)).count == 401)
    #expect(graph.nodes.allSatisfy { $0.name.utf8.count < 8 })
  }

  @Test("more operators than any network has are refused before they are read one by one")
  func manyNodes() {
    var model = HandmadeONNX()
    for index in 0..<16_384 {
      model.add("Tanh", [index == 0 ? "x" : "x\(index)"], to: ["x\(index + 1)"])
    }
    model.add("Relu", ["x16384"], to: ["y"])
    refusal(model, "16385 operators, at most 16384 are read")
  }

  @Test("names are as long as those of networks, so that names made of them take little memory")
  func longNames() throws {
    let (most, more) = (String(repeating: "é", count: 2048), String(repeating: "y", count: 4097))
    var model = HandmadeONNX()
    model.add("Tanh", ["x"], to: [most])
    model.add("Relu", [most], to: ["y"], name: most)
    #expect(try ONNXImporter.read(model.bytes, path: "long.onnx").graph.nodes.count == 2)
    for place in 0..<3 {
      var model = HandmadeONNX()
      model.add("Tanh", ["x"], to: [place == 0 ? more : "z"], name: place == 1 ? more : "")
      model.add("Relu", [place == 0 ? more : "z"] + (place == 2 ? [more] : []), to: ["y"])
      refusal(model, "a name of 4097 B, at most 4096")
    }
  }

  @Test("operators on bytes have as many parts as those of networks")
  func manyParts() {
    for count in [65, 4000] {
      var model = HandmadeONNX()
      let parts = Array(repeating: ["x", "s", "z"], count: count).flatMap { $0 }
      model.add("QLinearConcat", ["s", "z"] + parts, to: ["y"], numbers: ["axis": 1])
      refusal(model, "QLinearConcat (\(count) parts, at most 64 are joined)")
    }
  }

  @Test("what the result does not need is not looked at")
  func unneeded() throws {
    var model = HandmadeONNX()
    model.add("Tanh", ["x"], to: [String(repeating: "z", count: 1 << 16)])
    model.add("Relu", ["x"], to: ["y"])
    #expect(try ONNXImporter.read(model.bytes, path: "short.onnx").graph.nodes.count == 1)
  }

  @Test("a list of extents longer than any tensor has is refused, not printed")
  func longList() {
    var model = HandmadeONNX()
    model.store("list", [5000], Array(repeating: 1, count: 5000))
    model.add("Reshape", ["x", "list"], to: ["y"])
    refusal(model, "5000")
  }
}
