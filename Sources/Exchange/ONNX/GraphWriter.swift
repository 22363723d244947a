import FoundationEssentials
import Graph
import Tensors

/// The operators and constants of an ONNX graph as it grows.
///
/// Feature maps are `[N, C, H, W]`, vectors `[N, C]`. Loam's signed bytes are written as unsigned
/// ones, 128 higher, with zero points 128 higher: the numbers they stand for stay the same.
struct GraphWriter {
  let network: Network
  private(set) var graph = ONNXGraph()
  private var taken: Set<String> = ["input", "features", "logits", "probabilities"]
  private var names: [String: String] = [:]

  /// A writer of `network`; its input is called `input`.
  init(_ network: Network) {
    self.network = network
    names[network.input] = "input"
  }

  /// A name like `wanted` that nothing has yet.
  mutating func unique(_ wanted: String) -> String {
    var name = wanted
    while !taken.insert(name).inserted { name += "_" }
    return name
  }

  /// The ONNX name of activation `name`, made at its first use.
  mutating func name(of activation: String) -> String {
    if let name = names[activation] { return name }
    let name = unique(activation)
    names[activation] = name
    return name
  }

  /// Lets activation `activation` go by the name `name` from now on.
  mutating func rename(_ activation: String, to name: String) {
    names[activation] = name
  }

  /// Appends an operator and returns the name of its result.
  @discardableResult
  mutating func add(
    _ type: String, _ inputs: [String], to output: String, _ attributes: [ONNXAttribute] = []
  ) -> String {
    var step = ONNXOperator()
    step.opType = type
    step.input = inputs
    step.output = [output]
    step.name = output
    step.attribute = attributes
    graph.node.append(step)
    return output
  }

  /// Declares an input or output of the whole graph.
  mutating func declare(_ name: String, _ extents: [Int], asInput: Bool = false) {
    var value = ONNXValue()
    value.name = name
    value.type.tensorType.elemType = ONNXElementType.float.rawValue
    var batch = ONNXExtents.Extent()
    batch.dimParam = "N"
    value.type.tensorType.shape.dim = [batch]
    for extent in extents {
      var dimension = ONNXExtents.Extent()
      dimension.dimValue = Int64(extent)
      value.type.tensorType.shape.dim.append(dimension)
    }
    if asInput { graph.input.append(value) } else { graph.output.append(value) }
  }

  /// Declares the activation that goes by `name` as an output.
  mutating func declareOutput(_ name: String, shape: Shape) {
    let dimensions = shape.dimensions
    declare(
      name, dimensions.count == 3 ? [dimensions[2], dimensions[0], dimensions[1]] : dimensions)
  }

  /// Stores fp32 numbers under a name like `wanted`; no extents for a single number.
  mutating func store(_ wanted: String, floats: [Float], dims: [Int] = []) -> String {
    store(wanted, dims, .float, unsafe floats.withUnsafeBytes { unsafe Data($0) })
  }

  /// Stores a number in double precision.
  mutating func store(_ wanted: String, double value: Double) -> String {
    store(wanted, [], .double, unsafe withUnsafeBytes(of: value) { unsafe Data($0) })
  }

  /// Stores unsigned bytes.
  mutating func store(_ wanted: String, bytes: [UInt8], dims: [Int] = []) -> String {
    store(wanted, dims, .uint8, Data(bytes))
  }

  /// Stores 32-bit integers.
  mutating func store(_ wanted: String, int32 values: [Int32]) -> String {
    store(wanted, [values.count], .int32, unsafe values.withUnsafeBytes { unsafe Data($0) })
  }

  /// Stores a list of extents or axes.
  mutating func store(_ wanted: String, integers values: [Int64]) -> String {
    store(wanted, [values.count], .int64, unsafe values.withUnsafeBytes { unsafe Data($0) })
  }

  private mutating func store(
    _ wanted: String, _ dims: [Int], _ type: ONNXElementType, _ data: Data
  ) -> String {
    var tensor = ONNXTensor()
    tensor.name = unique(wanted)
    tensor.dims = dims.map(Int64.init)
    tensor.dataType = type.rawValue
    tensor.rawData = data
    graph.initializer.append(tensor)
    return tensor.name
  }

  /// Weights `[O, H, W, I]` as ONNX's `[O, I, H, W]`.
  static func turned<Element>(
    _ elements: [Element], _ shape: [Int]
  ) -> (elements: [Element], dims: [Int]) {
    guard shape.count == 4 else { return (elements, shape) }
    let (outputs, area, inputs) = (shape[0], shape[1] * shape[2], shape[3])
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    for output in 0..<outputs {
      for input in 0..<inputs {
        for place in 0..<area { result.append(elements[(output * area + place) * inputs + input]) }
      }
    }
    return (result, [outputs, inputs, shape[1], shape[2]])
  }
}

extension ONNXAttribute {
  /// An integer.
  static func int(_ name: String, _ value: Int) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    attribute.name = name
    attribute.type = .int
    attribute.i = Int64(value)
    return attribute
  }

  /// A list of integers.
  static func ints(_ name: String, _ values: [Int]) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    attribute.name = name
    attribute.type = .ints
    attribute.ints = values.map(Int64.init)
    return attribute
  }

  /// A number.
  static func float(_ name: String, _ value: Float) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    attribute.name = name
    attribute.type = .float
    attribute.f = value
    return attribute
  }
}

extension [ONNXAttribute] {
  /// Kernel, strides, dilations, padding and groups of a convolution.
  static func window(_ window: Window, groups: Int) -> [ONNXAttribute] {
    let padding = window.padding
    return [
      .ints("kernel_shape", [window.height, window.width]),
      .ints("strides", [window.strideY, window.strideX]),
      .ints("dilations", [window.dilationY, window.dilationX]),
      .ints("pads", [padding.top, padding.left, padding.bottom, padding.right]),
      .int("group", groups),
    ]
  }
}
