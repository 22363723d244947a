import Tensors

/// Weights, scales and biases of one layer as integers, each output channel by itself.
struct QuantisedRows {
  /// Mean of each input channel, and the groups that the outputs are divided into.
  struct InputMeans {
    var means: [Float]
    var groups: Int
  }

  /// No bias may reach beyond this in units of the accumulator.
  static let greatestBias: Float = 0x1p30

  private(set) var weights: [Int8] = []
  private(set) var scales: [Float] = []
  private(set) var bias: [Int32] = []

  /// Quantises each of the `[outputs, …]` rows of `weights`.
  ///
  /// Weights are rounded to the nearest step. With `inputMeans`, some are then rounded the other way
  /// so that the errors cancel for the mean input, and the bias takes up what remains. That matters
  /// most for depthwise kernels which look for differences: their weights add up to almost nothing,
  /// and with rounded ones brightness would leak through.
  init(weights tensor: FloatTensor, bias real: [Float], inputScale: Float, inputMeans: InputMeans?)
  {
    let outputs = tensor.shape[0]
    let depth = tensor.elements.count / outputs
    let channels = tensor.shape[tensor.shape.count - 1]
    weights.reserveCapacity(tensor.elements.count)
    for output in 0..<outputs {
      let row = tensor.elements[(output * depth)..<((output + 1) * depth)]
      let scale = Self.scale(of: row, bias: real[output], inputScale: inputScale)
      var rounding = RowRounding(row, scale: scale)
      var shift = 0.0
      if let inputMeans {
        let first = output / (outputs / inputMeans.groups) * channels
        let means = (0..<depth).map { Double(inputMeans.means[first + $0 % channels]) }
        rounding.balance(for: means)
        shift = rounding.error(for: means) * Double(scale)
      }
      weights += rounding.bytes.map { Int8($0) }
      scales.append(scale)
      let units = (Double(real[output]) - shift) / (Double(inputScale) * Double(scale))
      let limit = Double(Self.greatestBias)
      bias.append(Int32(max(-limit, min(limit, units.rounded(.toNearestOrEven)))))
    }
  }

  /// `max|w| / 127`, or more where the bias would otherwise not fit; 1 for a row of zeros.
  private static func scale(of row: ArraySlice<Float>, bias: Float, inputScale: Float) -> Float {
    let greatest = row.reduce(0) { max($0, abs($1)) }
    let forBias = abs(bias) / inputScale / greatestBias
    let scale = max(greatest / 127, forBias * 2)
    return scale > 1e-30 ? scale : 1
  }
}

/// One row of weights, rounded to whole steps.
struct RowRounding {
  /// In −127...127.
  private(set) var bytes: [Double]
  /// What rounding added, in steps.
  private var errors: [Double]

  /// Rounds `row` to the nearest steps of `scale`, half to even.
  init(_ row: ArraySlice<Float>, scale: Float) {
    let exact = row.map { Double($0 / scale) }
    bytes = exact.map { max(-127, min(127, $0.rounded(.toNearestOrEven))) }
    errors = zip(bytes, exact).map { $0 - $1 }
  }

  /// What rounding adds to the sum for an input of `means`, in steps.
  func error(for means: [Double]) -> Double {
    zip(errors, means).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Rounds weights the other way, the best one first, as long as the sum's error for an input of
  /// `means` falls by more (squared) than the weight's own error grows for a mean of their size.
  mutating func balance(for means: [Double]) {
    let size = means.reduce(0) { $0 + $1.magnitude } / Double(max(1, means.count))
    var sum = error(for: means)
    for _ in bytes.indices {
      var best = (gain: 0.0, index: -1)
      for index in bytes.indices where errors[index] != 0 {
        let step: Double = errors[index] > 0 ? -1 : 1
        let after = sum + step * means[index]
        guard abs(bytes[index] + step) <= 127, abs(after) < abs(sum) else { continue }
        let cost = (1 - 2 * abs(errors[index])) * size * size
        let gain = sum * sum - after * after - cost
        if gain > best.gain { best = (gain, index) }
      }
      guard best.index >= 0 else { return }
      let step: Double = errors[best.index] > 0 ? -1 : 1
      bytes[best.index] += step
      errors[best.index] += step
      sum += step * means[best.index]
    }
  }
}
