import Graph
import Kernels
import Tensors

/// A constant of a layer in fp32: in memory, or as it lies in a model's file.
enum FloatConstant {
  case floats([Float])
  case stored(StoredTensor)

  /// Its numbers in fp32.
  var elements: [Float] {
    switch self {
    case .floats(let elements): elements
    case .stored(let tensor): tensor.floats()
    }
  }
}

/// The weights of a linear layer, `[outputs, depth]`, row-major.
///
/// Those of a file stay there. Of halves some rows are widened at a time, or all on the way if there is but one row to
/// multiply, so that they never exist in fp32 as a whole; the products have the bits that they have with numbers
/// widened before.
final class FloatWeights {
  private let constant: FloatConstant
  private let depth: Int
  /// Rows that are widened at a time, and room for them; 0 if none are.
  private let blockRows: Int
  private let block: WorkMemory<Float>

  /// Numbers that are widened at a time: few enough to stay in the first caches.
  private static let blockCount = 6 << 10

  /// Weights of `depth` numbers an output.
  init(_ constant: FloatConstant, depth: Int) {
    self.constant = constant
    self.depth = depth
    if case .stored(let tensor) = constant, tensor.type == .float16 {
      let fitting = Self.blockCount / depth
      // Whole tiles of the kernels.
      blockRows = fitting >= 4 ? fitting / 4 * 4 : max(1, fitting)
    } else {
      blockRows = 0
    }
    block = WorkMemory(count: blockRows * depth, filledWith: 0)
  }

  /// Writes `a[m] · weights[n] + bias[n]` for `rows` rows of `a` and the outputs n of `outputs` to `out`.
  ///
  /// - Parameters:
  ///   - a: `[rows, depth]`, row-major.
  ///   - bias: `[outputs.count]`, or empty for none.
  ///   - start: Where the first row of the result begins in `out`; the others follow, `outStride` apart.
  func multiply(
    _ a: Span<Float>, rows: Int, outputs: Range<Int>, bias: Span<Float>,
    into out: WorkMemory<Float>, at start: Int, outStride: Int, kernels: KernelSet = .chosen
  ) {
    if rows == 0 || outputs.isEmpty { return }
    func product(_ weights: Span<Float>, _ range: Range<Int>) {
      let first = start + range.lowerBound - outputs.lowerBound
      var result = out.write(first..<(first + (rows - 1) * outStride + range.count))
      let place = (range.lowerBound - outputs.lowerBound)..<(range.upperBound - outputs.lowerBound)
      gemmF32(
        a, rows: rows, weights: weights, outputs: range.count, depth: depth,
        bias: bias.isEmpty ? bias : bias.extracting(place), into: &result, outStride: outStride,
        kernels: kernels)
    }
    switch constant {
    case .stored(let tensor) where tensor.type == .float16 && rows == 1:
      // Read once, they are widened on the way.
      var result = out.write(start..<(start + outputs.count))
      gemvF32(
        a, halves: tensor.float16.extracting(outputs.places(from: 0, of: depth)),
        outputs: outputs.count, depth: depth, bias: bias, into: &result, kernels: kernels)
    case .floats(let elements):
      product(elements.span.extracting(outputs.places(from: 0, of: depth)), outputs)
    case .stored(let tensor) where tensor.type == .float16:
      let (halves, block) = (tensor.float16, block)
      var first = outputs.lowerBound
      while first < outputs.upperBound {
        let range = first..<min(outputs.upperBound, first + blockRows)
        let place = 0..<(range.count * depth)
        var wide = block.write(place)
        widenF16(halves.extracting(range.places(from: 0, of: depth)), into: &wide, kernels: kernels)
        product(block.read(place), range)
        first = range.upperBound
      }
    case .stored(let tensor):
      product(tensor.float32.extracting(outputs.places(from: 0, of: depth)), outputs)
    }
  }
}
