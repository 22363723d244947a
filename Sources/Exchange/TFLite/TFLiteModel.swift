import Tensors

/// How a file quantises a tensor: one scale and zero point, or one for each slice along `axis`.
struct TFLiteQuantisation: Sendable {
  var scales: [Float]
  var zeroPoints: [Int64]
  var axis: Int
}

/// A tensor of a file: an activation, or a constant whose bytes lie at `data`.
struct TFLiteTensor: Sendable {
  var name: String
  /// As the file states them, the batch first; −1 where the file leaves it open.
  var dims: [Int]
  /// `nil` for one that is not known here.
  var type: TFLiteType?
  /// The type's number in the file, for errors.
  var typeNumber: Int8
  /// Where the bytes of a constant lie in the file; `nil` for an activation.
  var data: Range<Int>?
  var quantisation: TFLiteQuantisation?
  /// Whether it outlives an inference, or has its elements in a sparse form: neither is read.
  var isUnusual: Bool
}

/// An operator of a file.
struct TFLiteOperator {
  /// Its number in the schema.
  var code: Int32
  /// The schema's name for it, or that of a custom operator.
  var kindName: String
  /// The tensor it writes first, by which people know it.
  var name: String
  /// Indices of tensors; −1 for an omitted one.
  var inputs: [Int]
  var outputs: [Int]
  var options: FlatTable?
}

/// A TensorFlow Lite file's only network, with every index checked.
struct TFLiteModel {
  /// More operators than this are refused, as Loam's graphs have no more.
  static let mostOperators = 4096
  /// No tensor of the format has more extents.
  static let mostExtents = 8

  let file: FlatBuffer
  let description: String
  let tensors: [TFLiteTensor]
  let operators: [TFLiteOperator]
  let inputs: [Int]
  let outputs: [Int]

  /// Whether `bytes` say of themselves that they are such a file.
  static func claims(_ bytes: [UInt8]) -> Bool { FlatBuffer(bytes).identifier == "TFL3" }

  /// Reads the tables of `bytes`; weights stay where they are.
  /// - Complexity: O(bytes).
  init(_ bytes: [UInt8], path: String) throws(ExchangeError) {
    guard Self.claims(bytes) else {
      throw .notTFLite(path: path, found: "it does not say 'TFL3' at byte 4")
    }
    do throws(FlatBufferError) {
      try self.init(file: FlatBuffer(bytes))
    } catch {
      throw .notTFLite(path: path, found: error.description)
    }
    let version = version
    guard version == 3 else {
      throw .notTFLite(path: path, found: "its schema has version \(version), expected 3")
    }
    guard subgraphCount == 1 else {
      throw .interface(
        path: path, why: "it holds \(subgraphCount) networks, expected one; convert one signature")
    }
    try checkIndices(path)
    for tensor in tensors where tensor.dims.count > Self.mostExtents {
      throw .interface(
        path: path,
        why: "tensor '\(tensor.name)' has \(tensor.dims.count) extents, at most "
          + "\(Self.mostExtents) are read")
    }
  }

  private let version: UInt32
  private let subgraphCount: Int

  private init(file: FlatBuffer) throws(FlatBufferError) {
    let root = try file.root()
    self.file = file
    version = try root.integer(0, default: UInt32(0))
    description = try root.text(3, "its description") ?? ""
    let subgraphs = try root.tables(2, "network")
    subgraphCount = subgraphs.count
    guard version == 3, let graph = subgraphs.first, subgraphs.count == 1 else {
      (tensors, operators, inputs, outputs) = ([], [], [], [])
      return
    }
    let buffers = try root.tables(4, "buffer")
    var extents: [Range<Int>?] = []
    for buffer in buffers { extents.append(try Self.extent(of: buffer, in: file)) }
    var found: [TFLiteTensor] = []
    for (index, table) in try graph.tables(0, "tensor").enumerated() {
      found.append(try Self.tensor(table, index: index, extents: extents))
    }
    tensors = found
    let codes = try root.tables(1, "operator code").map(Self.code)
    var steps: [TFLiteOperator] = []
    for (index, table) in try graph.tables(3, "operator").enumerated() {
      steps.append(try Self.step(table, index: index, codes: codes, tensors: found))
    }
    operators = steps
    inputs = try graph.integers(1, as: Int32.self, "the network's inputs").map(Int.init)
    outputs = try graph.integers(2, as: Int32.self, "the network's outputs").map(Int.init)
  }

  /// Where a buffer's bytes lie: inside its table, or, in files above 2 GiB, at a place it states.
  private static func extent(
    of buffer: FlatTable, in file: FlatBuffer
  ) throws(FlatBufferError) -> Range<Int>? {
    if let inside = try buffer.extent(0, buffer.what), !inside.isEmpty { return inside }
    let offset = try buffer.integer(1, default: UInt64(0))
    let size = try buffer.integer(2, default: UInt64(0))
    guard offset > 1, size > 0 else { return nil }
    return try file.range(Int(clamping: offset), Int(clamping: size), buffer.what)
  }

  private static func tensor(
    _ table: FlatTable, index: Int, extents: [Range<Int>?]
  ) throws(FlatBufferError) -> TFLiteTensor {
    let shape = try table.integers(0, as: Int32.self, "the shape of \(table.what)").map(Int.init)
    let signature = try table.integers(7, as: Int32.self, "the shape of \(table.what)")
      .map(Int.init)
    let typeNumber = try table.integer(1, default: Int8(0))
    let buffer = Int(try table.integer(2, default: UInt32(0)))
    guard extents.indices.contains(buffer) else {
      throw .outside(
        what: "buffer \(buffer) of \(table.what)", offset: 0, byteCount: table.file.bytes.count)
    }
    var quantisation: TFLiteQuantisation?
    if let details = try table.table(4, "the quantisation of \(table.what)") {
      let scales = try details.floats(2, details.what)
      let zeroPoints = try details.integers(3, as: Int64.self, details.what)
      let axis = Int(try details.integer(6, default: Int32(0)))
      if !scales.isEmpty {
        quantisation = TFLiteQuantisation(scales: scales, zeroPoints: zeroPoints, axis: axis)
      }
    }
    let name = try table.text(3, "the name of \(table.what)") ?? ""
    let isVariable = try table.bool(5)
    let isSparse = try table.table(6, "the sparsity of \(table.what)") != nil
    return TFLiteTensor(
      name: name.isEmpty ? "tensor \(index)" : name,
      dims: signature.count == shape.count
        ? zip(shape, signature).map { $1 < 0 ? $1 : $0 } : shape,
      type: TFLiteType(rawValue: typeNumber), typeNumber: typeNumber, data: extents[buffer],
      quantisation: quantisation, isUnusual: isVariable || isSparse)
  }

  private static func code(
    _ table: FlatTable
  ) throws(FlatBufferError) -> (code: Int32, name: String) {
    // Old files have the number in a byte alone; newer ones in both, as far as it fits.
    let byte = Int32(try table.integer(0, default: Int8(0)))
    let code = max(byte, try table.integer(3, default: Int32(0)))
    let custom = try table.text(1, "the name of \(table.what)")
    return (code, code == 32 ? "custom operator \(custom ?? "")" : TFLiteKind.name(of: code))
  }

  private static func step(
    _ table: FlatTable, index: Int, codes: [(code: Int32, name: String)], tensors: [TFLiteTensor]
  ) throws(FlatBufferError) -> TFLiteOperator {
    let code = Int(try table.integer(0, default: UInt32(0)))
    guard codes.indices.contains(code) else {
      throw .outside(
        what: "code \(code) of \(table.what)", offset: 0, byteCount: table.file.bytes.count)
    }
    let inputs = try table.integers(1, as: Int32.self, "the inputs of \(table.what)").map(Int.init)
    let outputs = try table.integers(2, as: Int32.self, "the outputs of \(table.what)")
      .map(Int.init)
    let options = try table.table(4, "the options of \(table.what)")
    let output = outputs.first.flatMap { tensors.indices.contains($0) ? tensors[$0].name : nil }
    return TFLiteOperator(
      code: codes[code].code, kindName: codes[code].name, name: output ?? "operator \(index)",
      inputs: inputs, outputs: outputs, options: options)
  }

  private func checkIndices(_ path: String) throws(ExchangeError) {
    guard operators.count <= Self.mostOperators else {
      throw .interface(
        path: path,
        why: "it has \(operators.count) operators, at most \(Self.mostOperators) are read")
    }
    for step in operators {
      for index in step.inputs where !(-1..<tensors.count).contains(index) {
        throw .inconsistent(
          path: path,
          why: "\(step.kindName) '\(step.name)' reads tensor \(index) of \(tensors.count)")
      }
      for index in step.outputs where !tensors.indices.contains(index) {
        throw .inconsistent(
          path: path,
          why: "\(step.kindName) '\(step.name)' writes tensor \(index) of \(tensors.count)")
      }
    }
    for index in inputs + outputs where !tensors.indices.contains(index) {
      throw .inconsistent(
        path: path, why: "its inputs and outputs name tensor \(index) of \(tensors.count)")
    }
  }
}
