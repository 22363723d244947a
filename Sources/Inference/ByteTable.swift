import Graph
import Tensors

/// Where a step reads and writes, what the bytes there stand for, and what limits its result.
struct BytePlace {
  let source: Range<Int>
  let target: Range<Int>
  let input: Quantisation
  let output: Quantisation
  let clamp: Clamp

  /// What brings the input's bytes to the result's scale and limits, through `function` if there is one.
  func table(_ function: ActivationFunction? = nil) -> ByteTable {
    ByteTable(from: input, to: output, function: function, clamp: clamp)
  }
}

/// What becomes of each of the 256 bytes: dequantised, put through a function, limited and quantised
/// again, each in fp32 as `Quantisation.real`, `ActivationFunction` and `Quantisation.byte` state.
struct ByteTable {
  private let bytes: [Int8]
  /// Whether every byte stays as it is.
  let isIdentity: Bool

  init(
    from input: Quantisation, to output: Quantisation, function: ActivationFunction? = nil,
    clamp: Clamp
  ) {
    let bytes = (-128...127).map { byte in
      let real = input.real(Int8(byte))
      return output.byte(clamp(function.map { $0(real) } ?? real))
    }
    isIdentity = bytes.indices.allSatisfy { Int(bytes[$0]) == $0 - 128 }
    self.bytes = bytes
  }

  /// Bytes it takes.
  var byteCount: Int { bytes.count }

  /// Replaces every element of `range`.
  func apply(to memory: WorkMemory<Int8>, _ range: Range<Int>) {
    if isIdentity { return }
    var out = memory.write(range)
    for index in 0..<out.count { out[index] = bytes[Int(out[index]) + 128] }
  }
}
