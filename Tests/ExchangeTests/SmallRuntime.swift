@testable import Exchange
import Foundation

/// Runs exported graphs, written from the text of the ONNX standard alone and in the plainest way:
/// what any runtime must compute. Batch 1; the operators that `ONNXExporter` writes.
struct SmallRuntime {
  struct Value {
    var dims: [Int]
    /// Bytes and integers are kept as numbers too: all are exact below 2⁵³.
    var elements: [Double]
    /// Whether the graph says that they are doubles; numbers that are not are rounded to fp32.
    var isDouble = false
  }

  enum Failure: Error {
    case operation(String)
    case missing(String)
  }

  private var values: [String: Value] = [:]

  /// Runs `graph` on one image `[C, H, W]` and returns every value by name.
  static func run(
    _ graph: ONNXGraph, input: [Float], dims: [Int]
  ) throws -> [String: Value] {
    var runtime = SmallRuntime()
    for tensor in graph.initializer {
      let constant = try Constant(tensor)
      runtime.values[tensor.name] = Value(
        dims: constant.dims, elements: constant.floats.map(Double.init))
      if let integers = constant.integers {
        runtime.values[tensor.name]?.elements = integers.map(Double.init)
      }
    }
    runtime.values["input"] = Value(dims: [1] + dims, elements: input.map(Double.init))
    for node in graph.node {
      let inputs = try node.input.map { name throws -> Value in
        if name.isEmpty { return Value(dims: [], elements: []) }
        guard let value = runtime.values[name] else { throw Failure.missing(name) }
        return value
      }
      runtime.values[node.output[0]] = try apply(node, inputs)
    }
    return runtime.values
  }

  private static func apply(_ node: ONNXOperator, _ inputs: [Value]) throws -> Value {
    let x = inputs.first ?? Value(dims: [], elements: [])
    func each(_ transform: (Double) -> Double) -> Value {
      Value(dims: x.dims, elements: x.elements.map(transform))
    }
    func wide(_ transform: (Double) -> Double) -> Value {
      Value(dims: x.dims, elements: x.elements.map(transform), isDouble: true)
    }
    switch node.opType {
    case "QuantizeLinear":
      let (scale, zero) = (inputs[1].elements[0], inputs[2].elements[0])
      return each { saturate(Double(Float($0) / Float(scale)).rounded(.toNearestOrEven) + zero) }
    case "DequantizeLinear":
      let (scale, zero) = (inputs[1].elements[0], inputs[2].elements[0])
      return each { Double(Float($0 - zero) * Float(scale)) }
    case "Cast":
      let isDouble = node.attribute[0].i == 11
      return Value(dims: x.dims, elements: x.elements, isDouble: isDouble)
    case "Add" where x.isDouble:
      let other = inputs[1].elements
      return Value(
        dims: x.dims,
        elements: x.elements.indices.map { x.elements[$0] + other[other.count == 1 ? 0 : $0] },
        isDouble: true)
    case "Sub" where x.isDouble:
      return wide { $0 - inputs[1].elements[0] }
    case "Mul" where x.isDouble:
      return wide { $0 * inputs[1].elements[0] }
    case "Floor" where x.isDouble:
      return wide { $0.rounded(.down) }
    case "Sum", "Add":
      return Value(
        dims: x.dims,
        elements: zip(x.elements, inputs[1].elements).map { Double(Float($0) + Float($1)) })
    case "Mul":
      return each { Double(Float($0) * Float(inputs[1].elements[0])) }
    case "Clip":
      let low = inputs.count > 1 ? inputs[1].elements.first ?? -.infinity : -.infinity
      let high = inputs.count > 2 ? inputs[2].elements.first ?? .infinity : .infinity
      return Value(
        dims: x.dims, elements: x.elements.map { min(max($0, low), high) }, isDouble: x.isDouble)
    case "Identity":
      return x
    case "QLinearConv", "Conv":
      return try convolve(node, inputs)
    case "Pad":
      return pad(
        x, by: inputs[1].elements.map { Int($0) },
        with: inputs.count > 2 ? inputs[2].elements[0] : 0)
    case "Transpose":
      return Value(dims: [1, x.dims[2], x.dims[3], x.dims[1]], elements: channelsLast(x))
    case "Flatten":
      return Value(dims: [1, x.elements.count], elements: x.elements)
    case "Reshape":
      return Value(dims: [1, x.elements.count, 1, 1], elements: x.elements)
    case "ReduceSum", "ReduceMean":
      let area = x.dims[2] * x.dims[3]
      let sums = (0..<x.dims[1]).map { c in x.elements[c * area..<(c + 1) * area].reduce(0, +) }
      let divisor = node.opType == "ReduceMean" ? Double(area) : 1
      return Value(dims: [1, x.dims[1]], elements: sums.map { $0 / divisor })
    case "Gemm":
      let (rows, depth) = (inputs[1].dims[0], inputs[1].dims[1])
      let result = (0..<rows).map { row in
        (0..<depth).reduce(inputs.count > 2 ? inputs[2].elements[row] : 0) {
          $0 + x.elements[$1] * inputs[1].elements[row * depth + $1]
        }
      }
      return Value(dims: [1, rows], elements: result)
    case "BatchNormalization":
      return normalise(x, inputs.dropFirst().map(\.elements), epsilon: node.attribute[0].f)
    case "Softmax":
      return softmax(x)
    default:
      throw Failure.operation(node.opType)
    }
  }

  private static func saturate(_ value: Double) -> Double { min(max(value, 0), 255) }

  /// `[1, C, H, W]` elements as `[H, W, C]`.
  static func channelsLast(_ value: Value) -> [Double] {
    let (channels, area) = (value.dims[1], value.dims[2] * value.dims[3])
    return (0..<area).flatMap { place in
      (0..<channels).map { value.elements[$0 * area + place] }
    }
  }

  private static func normalise(_ x: Value, _ terms: [[Double]], epsilon: Float) -> Value {
    let area = x.elements.count / x.dims[1]
    let elements = x.elements.enumerated().map { index, element in
      let channel = index / area
      let deviation = (terms[3][channel] + Double(epsilon)).squareRoot()
      return (element - terms[2][channel]) / deviation * terms[0][channel] + terms[1][channel]
    }
    return Value(dims: x.dims, elements: elements)
  }

  private static func softmax(_ x: Value) -> Value {
    let area = x.elements.count / x.dims[1]
    var result = x.elements
    for place in 0..<area {
      let row = (0..<x.dims[1]).map { x.elements[$0 * area + place] }
      let greatest = row.max() ?? 0
      let powers = row.map { exp($0 - greatest) }
      let sum = powers.reduce(0, +)
      for (channel, power) in powers.enumerated() { result[channel * area + place] = power / sum }
    }
    return Value(dims: x.dims, elements: result)
  }

  private static func pad(_ x: Value, by pads: [Int], with filler: Double) -> Value {
    let (height, width) = (x.dims[2] + pads[2] + pads[6], x.dims[3] + pads[3] + pads[7])
    var result = [Double](repeating: filler, count: x.dims[1] * height * width)
    for c in 0..<x.dims[1] {
      for y in 0..<x.dims[2] {
        for column in 0..<x.dims[3] {
          result[(c * height + y + pads[2]) * width + column + pads[3]] =
            x.elements[(c * x.dims[2] + y) * x.dims[3] + column]
        }
      }
    }
    return Value(dims: [1, x.dims[1], height, width], elements: result)
  }

  /// `Conv`, and `QLinearConv`, whose weights' zero points must be equal as ONNX Runtime asks.
  private static func convolve(_ node: ONNXOperator, _ inputs: [Value]) throws -> Value {
    let isInteger = node.opType == "QLinearConv"
    let weights = inputs[isInteger ? 3 : 1]
    let bias = inputs.count > (isInteger ? 8 : 2) ? inputs[isInteger ? 8 : 2].elements : []
    let xZero = isInteger ? inputs[2].elements[0] : 0
    let wZeros = isInteger ? inputs[5].elements : Array(repeating: 0, count: weights.dims[0])
    guard Set(wZeros).count == 1, wZeros.count == weights.dims[0] else {
      throw Failure.operation("zero points \(wZeros) of \(weights.dims[0]) outputs")
    }
    func list(_ name: String, _ standard: [Int]) -> [Int] {
      node.attribute.first { $0.name == name }?.ints.map(Int.init) ?? standard
    }
    let (strides, dilations) = (list("strides", [1, 1]), list("dilations", [1, 1]))
    let pads = list("pads", [0, 0, 0, 0])
    let groups = Int(node.attribute.first { $0.name == "group" }?.i ?? 1)
    let x = pad(
      inputs[0], by: [0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]], with: xZero)
    let (outputs, depth) = (weights.dims[0], weights.dims[1])
    let (kernelY, kernelX) = (weights.dims[2], weights.dims[3])
    let height = (x.dims[2] - (kernelY - 1) * dilations[0] - 1) / strides[0] + 1
    let width = (x.dims[3] - (kernelX - 1) * dilations[1] - 1) / strides[1] + 1
    var result: [Double] = []
    for output in 0..<outputs {
      let first = output / (outputs / groups) * depth
      for place in 0..<height * width {
        let (top, left) = (place / width * strides[0], place % width * strides[1])
        var sum = bias.isEmpty ? 0 : bias[output]
        for tap in 0..<depth * kernelY * kernelX {
          let (c, y) = (tap / (kernelY * kernelX), tap / kernelX % kernelY * dilations[0])
          let column = left + tap % kernelX * dilations[1]
          let pixel = x.elements[((first + c) * x.dims[2] + top + y) * x.dims[3] + column]
          sum +=
            (pixel - xZero)
            * (weights.elements[output * depth * kernelY * kernelX + tap] - wZeros[output])
        }
        guard isInteger else {
          result.append(sum)
          continue
        }
        let scale =
          Float(inputs[1].elements[0]) * Float(inputs[4].elements[output])
          / Float(inputs[6].elements[0])
        let steps = Double(Float(sum) * scale).rounded(.toNearestOrEven)
        result.append(saturate(steps + inputs[7].elements[0]))
      }
    }
    return Value(dims: [1, outputs, height, width], elements: result)
  }
}
