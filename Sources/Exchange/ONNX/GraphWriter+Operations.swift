import Graph
import Tensors

/// Operators without weights, as they are in the fp32 tail and in the body around its own arithmetic.
extension GraphWriter {
  /// Appends a function of each element.
  mutating func addFunction(
    _ node: Node, _ function: ActivationFunction, _ input: String, to output: String
  ) {
    switch function {
    case .leakyReLU(let slope):
      add("LeakyRelu", [input], to: output, [.float("alpha", slope)])
    case .sigmoid:
      add("Sigmoid", [input], to: output)
    case .hardSigmoid(let slope, let offset):
      add("HardSigmoid", [input], to: output, [.float("alpha", slope), .float("beta", offset)])
    case .hardSwish:
      // The operator of its own came with operator set 14.
      let bend = unique("\(node.name)/bend")
      add("HardSigmoid", [input], to: bend, [.float("alpha", Float(1) / 6), .float("beta", 0.5)])
      add("Mul", [input, bend], to: output)
    case .silu:
      let bend = unique("\(node.name)/bend")
      add("Sigmoid", [input], to: bend)
      add("Mul", [input, bend], to: output)
    case .tanh:
      add("Tanh", [input], to: output)
    }
  }

  /// Appends a local response normalisation.
  mutating func addResponse(_ response: LocalResponse, _ input: String, to output: String) {
    add(
      "LRN", [input], to: output,
      [
        .int("size", response.size), .float("alpha", response.alpha),
        .float("beta", response.beta), .float("bias", response.bias),
      ])
  }

  /// Appends the mean of each window of the fp32 value `input`: counted padding becomes zeros, the
  /// rest stays out of the mean.
  mutating func addAverage(
    _ node: Node, _ window: Window, counted: Padding, _ input: String, to output: String
  ) {
    var (window, source) = (window, input)
    if counted != .none {
      let pads = store("\(node.name)/pads", integers: Self.pads(counted))
      source = add("Pad", [input, pads], to: unique("\(node.name)/padded"))
      window.padding.top -= counted.top
      window.padding.left -= counted.left
      window.padding.bottom -= counted.bottom
      window.padding.right -= counted.right
    }
    add("AveragePool", [source], to: output, .pool(window))
  }

  /// Appends the channels that a slice takes.
  mutating func addSlice(_ node: Node, start: Int, count: Int, to output: String) {
    let limits = [
      store("\(node.name)/start", integers: [Int64(start)]),
      store("\(node.name)/end", integers: [Int64(start + count)]),
      store("\(node.name)/axis", integers: [1]),
    ]
    add("Slice", [name(of: node.inputs[0])] + limits, to: output)
  }

  /// Appends the three operators of a channel shuffle.
  mutating func addShuffle(_ node: Node, groups: Int, to output: String) {
    let shape = network.shapes[node.inputs[0]] ?? Shape(1)
    let area = shape.dimensions.count == 3 ? [Int64(shape.height), Int64(shape.width)] : []
    let channels = Int64(shape.channels)
    let parts = store(
      "\(node.name)/parts", integers: [0, Int64(groups), channels / Int64(groups)] + area)
    let whole = store("\(node.name)/whole", integers: [0, channels] + area)
    let grouped = add(
      "Reshape", [name(of: node.inputs[0]), parts], to: unique("\(node.name)/grouped"))
    let order = [0, 2, 1] + (area.isEmpty ? [] : [3, 4])
    let turned = add(
      "Transpose", [grouped], to: unique("\(node.name)/turned"), [.ints("perm", order)])
    add("Reshape", [turned, whole], to: output)
  }

  /// Names of the two factors of a product, given as `values`; one for each channel gets the extents
  /// of a map.
  mutating func factors(_ node: Node, _ values: [String]) -> [String] {
    let shapes = node.inputs.map { network.shapes[$0] ?? Shape(1) }
    guard shapes[0].dimensions.count == 3, shapes[1].dimensions.count == 1 else { return values }
    let axes = store("\(node.name)/axes", integers: [2, 3])
    return [
      values[0], add("Unsqueeze", [values[1], axes], to: unique("\(node.name)/factor")),
    ]
  }
}

extension [ONNXAttribute] {
  /// Kernel, strides and padding of a pooling; dilations where there are any.
  static func pool(_ window: Window) -> [ONNXAttribute] {
    let isDense = window.dilationY == 1 && window.dilationX == 1
    return self.window(window, groups: 1).filter {
      $0.name != "group" && ($0.name != "dilations" || !isDense)
    }
  }
}
