/// ONNX files written by hand, field by field: wrong ones too. Field numbers are those of onnx.proto.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// A varint field.
  mutating func integer(_ field: Int, _ value: Int64) {
    varint(UInt64(field) << 3)
    varint(UInt64(bitPattern: value))
  }

  /// A field of bytes: a text, packed numbers or a message.
  mutating func bytes(_ field: Int, _ content: [UInt8]) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(content.count))
    bytes += content
  }

  mutating func text(_ field: Int, _ content: String) { bytes(field, Array(content.utf8)) }

  mutating func message(_ field: Int, _ fill: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    fill(&inner)
    bytes(field, inner.bytes)
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 128 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// A model of one fp32 image, stored constants and operators, in operator set 13 unless another is set.
struct HandmadeONNX {
  private var graph = ProtobufWriter()
  var opset: Int64 = 13

  /// A model whose image `x` has the given extents and whose result is `y`.
  init(image: [Int64] = [1, 1, 2, 2]) {
    Self.value(&graph, 11, "x", image)
    Self.value(&graph, 12, "y", [])
  }

  var bytes: [UInt8] {
    var model = ProtobufWriter()
    model.integer(1, 8)
    model.bytes(7, graph.bytes)
    model.message(8) { $0.integer(2, opset) }
    return model.bytes
  }

  /// Adds an operator with attributes that are numbers or lists.
  mutating func add(
    _ type: String, _ inputs: [String], to outputs: [String], name: String = "",
    numbers: [String: Int64] = [:], lists: [String: [Int64]] = [:]
  ) {
    graph.message(1) { node in
      for input in inputs { node.text(1, input) }
      for output in outputs { node.text(2, output) }
      if !name.isEmpty { node.text(3, name) }
      node.text(4, type)
      for (name, value) in numbers.sorted(by: { $0.key < $1.key }) {
        node.message(5) { attribute in
          attribute.text(1, name)
          attribute.integer(3, value)
          attribute.integer(20, 2)
        }
      }
      for (name, values) in lists.sorted(by: { $0.key < $1.key }) {
        node.message(5) { attribute in
          attribute.text(1, name)
          for value in values { attribute.integer(8, value) }
          attribute.integer(20, 7)
        }
      }
    }
  }

  /// Adds a stored constant of 64-bit integers.
  mutating func store(_ name: String, _ dims: [Int64], _ values: [Int64]) {
    graph.message(5) { tensor in
      for extent in dims { tensor.integer(1, extent) }
      tensor.integer(2, 7)
      for value in values { tensor.integer(7, value) }
      tensor.text(8, name)
    }
  }

  /// Adds a stored constant of fp32 numbers.
  mutating func store(_ name: String, _ dims: [Int64], floats: [Float]) {
    graph.message(5) { tensor in
      for extent in dims { tensor.integer(1, extent) }
      tensor.integer(2, 1)
      tensor.text(8, name)
      tensor.bytes(
        9,
        floats.flatMap { number in
          (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
        })
    }
  }

  private static func value(
    _ graph: inout ProtobufWriter, _ field: Int, _ name: String, _ dims: [Int64]
  ) {
    graph.message(field) { value in
      value.text(1, name)
      value.message(2) { type in
        type.message(1) { tensor in
          tensor.integer(1, 1)
          tensor.message(2) { shape in
            for extent in dims { shape.message(1) { $0.integer(1, extent) } }
          }
        }
      }
    }
  }
}
