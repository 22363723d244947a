/// A part of a FlatBuffer written by hand, right or wrong.
indirect enum FlatPart {
  /// A number of at most 32 bits.
  case number(Int)
  /// Bytes with their count in front.
  case bytes([UInt8])
  /// 32-bit numbers with their count in front.
  case numbers([Int])
  case table([Int: FlatPart])
  case tables([FlatPart])

  static func text(_ text: String) -> FlatPart { .bytes(Array(text.utf8)) }
}

/// Writes parts one behind the other, so that all references go forward.
struct FlatPartWriter {
  private(set) var bytes: [UInt8] = [0, 0, 0, 0] + Array("TFL3".utf8)

  /// The file whose root is `root`.
  init(root: [Int: FlatPart]) {
    refer(from: 0, to: .table(root))
  }

  private mutating func number(_ value: Int, _ size: Int = 4) {
    for place in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
  }

  private mutating func set(_ place: Int, _ value: Int) {
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  /// Writes `part` and lets the reference at `place` lead to it.
  private mutating func refer(from place: Int, to part: FlatPart) {
    while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
    switch part {
    case .number:
      break
    case .bytes(let content):
      set(place, bytes.count - place)
      number(content.count)
      bytes += content
    case .numbers(let values):
      set(place, bytes.count - place)
      number(values.count)
      for value in values { number(value) }
    case .tables(let tables):
      set(place, bytes.count - place)
      number(tables.count)
      let first = bytes.count
      for _ in tables { number(0) }
      for (index, table) in tables.enumerated() { refer(from: first + 4 * index, to: table) }
    case .table(let fields):
      let count = (fields.keys.max() ?? -1) + 1
      let present = fields.sorted { $0.key < $1.key }
      let vtable = bytes.count
      number(4 + 2 * count, 2)
      number(4 + 4 * present.count, 2)
      for field in 0..<count {
        let index = present.firstIndex { $0.key == field }
        number(index.map { 4 + 4 * $0 } ?? 0, 2)
      }
      while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
      let start = bytes.count
      set(place, start - place)
      number(start - vtable)
      for (_, value) in present {
        if case .number(let value) = value { number(value) } else { number(0) }
      }
      for (index, field) in present.enumerated() {
        refer(from: start + 4 + 4 * index, to: field.value)
      }
    }
  }
}

/// An fp32 TensorFlow Lite model of one image; tensors and operators as the test asks for.
struct HandmadeTFLite {
  private var tensors: [FlatPart] = []
  private var operators: [FlatPart] = []
  private var codes: [FlatPart] = []
  private var buffers: [FlatPart] = [.table([:])]

  /// Adds a tensor; one with `numbers` or `integers` is a constant of them.
  mutating func tensor(
    _ name: String, _ dims: [Int], numbers: [Float]? = nil, integers: [Int]? = nil
  ) -> Int {
    var fields: [Int: FlatPart] = [0: .numbers(dims), 3: .text(name)]
    if integers != nil { fields[1] = .number(2) }
    if let words = integers ?? numbers.map({ $0.map { Int($0.bitPattern) } }) {
      fields[2] = .number(buffers.count)
      let bytes = words.flatMap { word in
        (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
      }
      buffers.append(.table([0: .bytes(bytes)]))
    }
    tensors.append(.table(fields))
    return tensors.count - 1
  }

  /// Adds an operator by its number in the schema; `options` by their fields.
  mutating func add(
    _ code: Int, _ inputs: [Int], to output: Int, options: [Int: FlatPart] = [:]
  ) {
    operators.append(
      .table([
        0: .number(codes.count), 1: .numbers(inputs), 2: .numbers([output]), 4: .table(options),
      ]))
    codes.append(.table([0: .number(min(code, 127)), 3: .number(code)]))
  }

  /// The file that reads tensor `input` and makes tensor `output`.
  func bytes(input: Int, output: Int) -> [UInt8] {
    let graph: [Int: FlatPart] = [
      0: .tables(tensors), 1: .numbers([input]), 2: .numbers([output]), 3: .tables(operators),
    ]
    return FlatPartWriter(
      root: [
        0: .number(3), 1: .tables(codes), 2: .tables([.table(graph)]), 4: .tables(buffers),
      ]
    ).bytes
  }
}
