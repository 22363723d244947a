import Exchange
import Graph
import Testing

/// Small TensorFlow Lite files that ask for much: each is refused, or read, in bounded time and memory.
@Suite("TensorFlow Lite import, files that ask for much")
struct TFLiteBombTests {
  private static let (add, reshape, tanh) = (0, 22, 28)

  private func refusal(
    _ bytes: [UInt8], _ mark: String, location: SourceLocation = #_sourceLocation
  ) {
    do throws(ExchangeError) {
      _ = try TFLiteImporter.read(bytes, path: "bomb.tflite")
      Issue.record("read", sourceLocation: location)
    } catch {
      #expect(
        error.description.contains(mark), "\(error.description.prefix(300))",
        sourceLocation: location)
    }
  }

  @Test("reads what is written by hand")
  func honest() throws {
    var model = HandmadeTFLite()
    let image = model.tensor("x", [1, 2, 2, 1])
    let result = model.tensor("y", [1, 2, 2, 1])
    model.add(Self.tanh, [image], to: result)
    let bytes = model.bytes(input: image, output: result)
    guard case .real(let imported) = try TFLiteImporter.read(bytes, path: "honest") else {
      Issue.record("not fp32")
      return
    }
    #expect(imported.graph.nodes.map(\.operation) == [.activation(.tanh)])
  }

  @Test(
    "extents whose product is more than a number holds are refused",
    arguments: [
      [-1, 2_147_483_647, 2_147_483_647, 2_147_483_647],
      [2_147_483_647, 2_147_483_647, 2_147_483_647, -1], [-1, -1, 0, 2_147_483_647],
      [65_536, 65_536, 65_536, 65_536],
    ])
  func vastReshape(dims: [Int]) {
    var model = HandmadeTFLite()
    let image = model.tensor("x", [1, 2, 2, 1])
    let result = model.tensor("y", dims)
    model.add(Self.reshape, [image], to: result)
    refusal(model.bytes(input: image, output: result), "RESHAPE")
  }

  @Test("a number spread over a vast vector is refused")
  func vastVector() {
    var model = HandmadeTFLite()
    let image = model.tensor("x", [1, 16_384, 16_384, 4])
    let flat = model.tensor("f", [1, 1 << 30])
    let result = model.tensor("y", [1, 1 << 30])
    let number = model.tensor("c", [1], numbers: [3])
    model.add(Self.reshape, [image], to: flat)
    model.add(Self.add, [flat, number], to: result)
    refusal(model.bytes(input: image, output: result), "ADD")
  }

  @Test("tensors of one name get short names of their own")
  func oneName() throws {
    var model = HandmadeTFLite()
    let image = model.tensor("x", [1, 2, 2, 1])
    var last = image
    for _ in 0..<400 {
      let next = model.tensor("n", [1, 2, 2, 1])
      model.add(Self.tanh, [last], to: next)
      last = next
    }
    let bytes = model.bytes(input: image, output: last)
    guard case .real(let imported) = try TFLiteImporter.read(bytes, path: "names") else {
      Issue.record("not fp32")
      return
    }
    #expect(Set(imported.graph.nodes.map(\.name)).count == 400)
    #expect(imported.graph.nodes.allSatisfy { $0.name.utf8.count < 8 })
  }

  @Test("reads names as long as converters make them when they fuse operators")
  func longNames() throws {
    let name = String(repeating: "fused;", count: 500)
    var model = HandmadeTFLite()
    let image = model.tensor("x", [1, 2, 2, 1])
    let result = model.tensor(name, [1, 2, 2, 1])
    model.add(Self.tanh, [image], to: result)
    let bytes = model.bytes(input: image, output: result)
    guard case .real(let imported) = try TFLiteImporter.read(bytes, path: "long") else {
      Issue.record("not fp32")
      return
    }
    #expect(imported.graph.nodes.map(\.name) == ["fused"])
    #expect(imported.fileNames[name] == "fused")
  }

  @Test("a tensor of more extents than the format has is refused")
  func manyExtents() {
    var model = HandmadeTFLite()
    let image = model.tensor("x", [1, 2, 2, 1])
    let result = model.tensor("y", Array(repeating: 1, count: 3000))
    model.add(Self.reshape, [image], to: result)
    refusal(model.bytes(input: image, output: result), "3000 extents")
  }

  @Test("a result's extents are those that the file states, whatever it says of the batch")
  func statedExtents() throws {
    for (stated, isRight) in [
      ([-1, 2, 3, 1], false), ([-1, -1, 2, 1], true), ([1, 2, 2, 1], true),
    ] {
      var model = HandmadeTFLite()
      let image = model.tensor("x", [-1, 2, 2, 1])
      let result = model.tensor("y", stated)
      model.add(Self.tanh, [image], to: result)
      let bytes = model.bytes(input: image, output: result)
      if isRight {
        _ = try TFLiteImporter.read(bytes, path: "stated")
      } else {
        refusal(bytes, "the file states [-1, 2, 3, 1]")
      }
    }
  }

  @Test("a slice whose ends are distances from its begins is refused, not read as places")
  func offsets() throws {
    for offset in [0, 1] {
      var model = HandmadeTFLite()
      let image = model.tensor("x", [1, 2, 2, 3])
      let lists = [[0, 0, 0, 1], [1, 2, 2, 2], [1, 1, 1, 1]].map {
        model.tensor("list", [4], integers: $0)
      }
      let result = model.tensor("y", [1, 2, 2, 1])
      model.add(45, [image] + lists, to: result, options: [5: .number(offset)])
      let bytes = model.bytes(input: image, output: result)
      if offset == 0 {
        _ = try TFLiteImporter.read(bytes, path: "offsets")
      } else {
        refusal(bytes, "without offset")
      }
    }
  }
}
