import Tensors

/// The image that a model of a file takes: its name, extents and layout.
struct Entrance {
  let activation: Activation
  /// `[height, width, channels]`.
  let shape: Shape

  /// The only input of `graph` that is not a stored constant.
  ///
  /// The batch may be 1 or open. Height and width may be open if `inputSize` gives them. Channels
  /// lie on the axis that has at most 4 of them, the second if both have.
  init(
    _ graph: ONNXGraph, path: String, inputSize: (height: Int, width: Int)?
  ) throws(ExchangeError) {
    let stored = Set(graph.initializer.map(\.name))
    let inputs = graph.input.filter { !stored.contains($0.name) }
    guard let input = inputs.first, inputs.count == 1 else {
      let names = inputs.map { "'\($0.name)'" }.joined(separator: ", ")
      throw .interface(
        path: path, why: "it has \(inputs.count) inputs \(names), expected one image")
    }
    let tensor = input.type.tensorType
    let type = ONNXElementType(rawValue: tensor.elemType)
    guard type == .float || type == .uint8 || type == .int8 else {
      throw .interface(
        path: path,
        why:
          "input '\(input.name)' has element type \(tensor.elemType), expected 1 (fp32), or 2 or 3 "
          + "(bytes) of a quantised network")
    }
    let extents = tensor.shape.dim.map { extent -> Int? in
      guard case .dimValue(let value) = extent.value, value > 0 else { return nil }
      return Int(value)
    }
    func refuse(_ why: String) -> ExchangeError {
      let found = extents.map { $0.map(String.init) ?? "?" }.joined(separator: "×")
      return .interface(path: path, why: "input '\(input.name)' is \(found); \(why)")
    }
    guard extents.count == 4 else {
      throw refuse("expected batch, channels, height and width")
    }
    guard extents[0] == nil || extents[0] == 1 else {
      throw refuse("expected a batch of 1 or an open one; export it so")
    }
    let layout: Activation.Layout
    if let channels = extents[1], channels <= 4 {
      layout = .channelsFirst
    } else if let channels = extents[3], channels <= 4 {
      layout = .channelsLast
    } else {
      throw refuse("expected 1 to 4 channels on the second or last axis")
    }
    let places = layout == .channelsFirst ? (1, 2, 3) : (3, 1, 2)
    guard let channels = extents[places.0],
      let height = extents[places.1] ?? inputSize?.height,
      let width = extents[places.2] ?? inputSize?.width
    else {
      throw refuse("height and width are open; give them with --input-size")
    }
    if let inputSize, inputSize != (height, width) {
      throw refuse(
        "it cannot become \(inputSize.height)×\(inputSize.width); export it for that size")
    }
    guard height <= 1 << 14, width <= 1 << 14,
      let shape = Shape(validating: [height, width, channels])
    else {
      throw refuse("at most 16384 pixels a side are taken")
    }
    self.shape = shape
    let dims =
      layout == .channelsFirst ? [1, channels, height, width] : [1, height, width, channels]
    activation = Activation(
      name: input.name, dims: dims, layout: layout, byteType: type == .float ? nil : type)
  }

  /// Bytes of the image must be turned back somewhere: a network in fp32 would take them for numbers.
  func requireUse(by steps: [Step], stored: [String], path: String) throws(ExchangeError) {
    guard let type = activation.byteType else { return }
    let stored = Set(stored)
    let isTurnedBack = steps.contains {
      $0.type == "DequantizeLinear" && $0.has(0) && !stored.contains($0.inputs[0])
    }
    guard !isTurnedBack else { return }
    throw .interface(
      path: path,
      why:
        "input '\(activation.name)' has element type \(type.rawValue), expected 1 (fp32): nothing "
        + "turns its bytes back; export it with an input in fp32")
  }
}
