import Graph
import Testing

@testable import Exchange

@Suite("Names of TensorFlow Lite tensors")
struct TFLiteNameTests {
  @Test(
    "become the path of the layer that they are",
    arguments: [
      ("Net/block_1/relu/Relu6;Call/Net/block_1/relu/Relu6;Net/c", "Net/block_1/relu/Relu6"),
      ("a.b.Wrapper/m.Block_15/torch.nn.ReLU6__swish;;x", "Wrapper/Block_15/ReLU6__swish"),
      (";Identity1", "Identity1"),
      ("scale.1/v1.0", "scale.1/v1.0"),
      ("image", "image"), ("", ""), (";", ";"), ("/", "/"),
      (String(repeating: "a/", count: 60) + "b", String(repeating: "a/", count: 39) + "b"),
      (String(repeating: "long", count: 30) + "/b", "b"),
      (String(repeating: "long", count: 30), String(repeating: "long", count: 30)),
    ])
  func short(name: String, expected: String) {
    #expect(TFLiteName.short(name) == expected)
  }

  @Test("are told apart where the short ones are one, and found by the file's")
  func same() throws {
    var file = HandmadeTFLite()
    let image = file.tensor("image;a", [1, 2, 2, 3])
    let names = ["block/Relu;first", "block/Relu;second"]
    let first = file.tensor(names[0], [1, 2, 2, 3])
    let second = file.tensor(names[1], [1, 2, 2, 3])
    file.add(19, [image], to: first)
    file.add(19, [first], to: second)
    guard
      case .real(let imported) = try TFLiteImporter.read(
        file.bytes(input: image, output: second), path: "memory")
    else {
      Issue.record("not fp32")
      return
    }
    #expect(imported.graph.nodes.map(\.output) == ["block/Relu", "block/Relu_2"])
    #expect(names.map { imported.fileNames[$0] } == ["block/Relu", "block/Relu_2"])
    #expect(imported.fileNames["image;a"] == "image")
  }
}
