extension Step {
  /// What the numbers are called between an operator and the quantisation of its result, behind its name.
  static let realSuffix = "#real"
  /// How many inputs operators on quantised data have; a zero point at the end may be omitted.
  private static let inputCounts: [String: ClosedRange<Int>] = [
    "QLinearConv": 8...9, "QLinearMatMul": 8...8, "QGemm": 6...9, "QLinearAdd": 7...8,
    "QLinearMul": 7...8, "QLinearGlobalAveragePool": 4...5, "QLinearAveragePool": 4...5,
    "QLinearSigmoid": 4...5, "QLinearLeakyRelu": 4...5, "QLinearSoftmax": 4...5,
  ]
  /// More parts than this are not joined by one `QLinearConcat`: names are made for each.
  private static let mostJoined = 64

  /// The operator's type without its domain.
  private var plainType: String { type.split(separator: ".").last.map(String.init) ?? type }

  /// What is wrong with the number of inputs of an operator on quantised data, `nil` if nothing is or it is none.
  var inputComplaint: String? {
    let count = inputs.count
    if plainType == "QLinearConcat" {
      guard count >= 5, count % 3 == 2 else {
        return "\(count) inputs, expected 2 and then 3 for each part"
      }
      let parts = count / 3
      return parts <= Self.mostJoined
        ? nil : "\(parts) parts, at most \(Self.mostJoined) are joined"
    }
    guard let range = Self.inputCounts[plainType], !range.contains(count) else { return nil }
    let (low, high) = (range.lowerBound, range.upperBound)
    let expected =
      low == high ? "\(low)" : high == low + 1 ? "\(low) or \(high)" : "\(low) to \(high)"
    return "\(count) inputs, expected \(expected)"
  }

  /// The parts of an operator on quantised data (`QLinearConv` and others), which are what it stands for: its
  /// inputs turned back, the operator on numbers, its result quantised. Any other operator is its only part.
  var parts: [Step] {
    guard inputComplaint == nil else { return [self] }
    let own = plainType
    switch own {
    case "QLinearConv":
      return linear("Conv", extra: Array(inputs.dropFirst(8)), weightAxis: 0)
    case "QLinearMatMul":
      return linear("MatMul", extra: [], weightAxis: 1)
    case "QGemm":
      let isTransposed = (try? int("transB", default: 0)) == 1
      let (real, result) = (output + Self.realSuffix, has(7))
      var parts = [
        turned(0, 1, 2), turned(3, 4, 5, axis: isTransposed ? 0 : 1),
        Step(
          "Gemm", [output + "#0", output + "#3"] + (has(6) ? [inputs[6]] : []),
          to: result ? real : output, of: self, keeping: attributeNames),
      ]
      if result { parts.append(quantised(real, 7, 8)) }
      return parts
    case "QLinearAdd", "QLinearMul":
      let real = output + Self.realSuffix
      return [
        turned(0, 1, 2), turned(3, 4, 5),
        Step(
          String(own.dropFirst(7)), [output + "#0", output + "#3"], to: real, of: self,
          keeping: attributeNames), quantised(real, 6, 7),
      ]
    case "QLinearGlobalAveragePool":
      let isLast = (try? int("channels_last", default: 0)) == 1
      // The attribute is kept, to be refused by name, where it says something else than usual.
      return single("GlobalAveragePool", keeping: isLast ? attributeNames : [])
    case "QLinearAveragePool":
      let isLast = (try? int("channels_last", default: 0)) == 1
      return single(
        "AveragePool",
        keeping: isLast ? attributeNames : attributeNames.subtracting(["channels_last"]))
    case "QLinearSigmoid": return single("Sigmoid", keeping: attributeNames)
    case "QLinearLeakyRelu":
      return single("LeakyRelu", keeping: attributeNames)
    case "QLinearSoftmax": return single("Softmax", keeping: ["axis"])
    case "QLinearConcat":
      let places = Array(stride(from: 2, to: inputs.count, by: 3))
      let real = output + Self.realSuffix
      return places.map { turned($0, $0 + 1, $0 + 2) } + [
        Step(
          "Concat", places.map { output + "#\($0)" }, to: real, of: self, keeping: attributeNames),
        quantised(real, 0, 1, like: 2),
      ]
    // ONNX Runtime writes these two into a domain of its own; they are ONNX's.
    case "QuantizeLinear" where type.hasPrefix("com.microsoft."),
      "DequantizeLinear" where type.hasPrefix("com.microsoft."):
      return [Step(own, inputs, to: output, of: self, keeping: attributeNames)]
    default: return [self]
    }
  }

  /// The input at `index` as numbers, by the scale and zero point at two others.
  private func turned(_ index: Int, _ scale: Int, _ zero: Int, axis: Int? = nil) -> Step {
    Step(
      "DequantizeLinear", [inputs[index], inputs[scale], has(zero) ? inputs[zero] : ""],
      to: output + "#\(index)", of: self, adding: axis.map { [.int("axis", $0)] } ?? [])
  }

  /// `real` as bytes of the type of the input at `data`.
  private func quantised(_ real: String, _ scale: Int, _ zero: Int, like data: Int = 0) -> Step {
    Step(
      "QuantizeLinear", [real, inputs[scale], has(zero) ? inputs[zero] : ""], to: output, of: self,
      alike: inputs[data])
  }

  /// An operator on the input at 0 and weights at 3, with constants behind them that are integers already.
  private func linear(_ type: String, extra: [String], weightAxis: Int) -> [Step] {
    let real = output + Self.realSuffix
    return [
      turned(0, 1, 2), turned(3, 4, 5, axis: weightAxis),
      Step(
        type, [output + "#0", output + "#3"] + extra, to: real, of: self, keeping: attributeNames),
      quantised(real, 6, 7),
    ]
  }

  private func single(_ type: String, keeping kept: Set<String>) -> [Step] {
    let real = output + Self.realSuffix
    return [
      turned(0, 1, 2), Step(type, [output + "#0"], to: real, of: self, keeping: kept),
      quantised(real, 3, 4),
    ]
  }
}
