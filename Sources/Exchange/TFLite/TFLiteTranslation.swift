import Graph
import Tensors

/// A TensorFlow Lite model on its way to a network: what each tensor stands for, and the nodes so far.
struct TFLiteTranslation {
  /// What a tensor of the file stands for.
  enum Value {
    case activation(TFLiteActivation)
    /// Made from a constant alone.
    case constant(TFLiteConstant)
    /// Written by a step that could not be translated.
    case lost
  }

  let model: TFLiteModel
  /// Whether the body's arithmetic is the file's own, in bytes.
  let isQuantised: Bool
  /// Whether results must have the extents that the file states; not if its input was left open.
  let checksExtents: Bool
  var values: [Int: Value] = [:]
  var nodes: [Node] = []
  /// Constants of an fp32 network, by name.
  var constants: [String: FloatTensor] = [:]
  /// Weights of a quantised one, by the node's name.
  var weights: [String: ByteWeights] = [:]
  /// Of each activation of a quantised network, by name.
  var quantisation: [String: Quantisation] = [:]

  /// What activations are called here, by what the file calls them, where these differ.
  private(set) var fileNames: [String: String] = [:]

  private var refusals = Refusals()
  private var names = UniqueNames()
  private let budget: ReadingBudget

  /// A translation of `model` that has not begun.
  init(_ model: TFLiteModel, isQuantised: Bool, checksExtents: Bool) {
    self.model = model
    budget = ReadingBudget(byteCount: model.file.bytes.count)
    self.isQuantised = isQuantised
    self.checksExtents = checksExtents
  }

  /// What cannot be translated: one line for each kind, with its nodes.
  var problems: [String] { refusals.lines }

  /// Makes the image known, at tensor `index`; returns its name.
  mutating func begin(at index: Int, shape: Shape) -> String {
    let name = uniqueName(ofTensor: index)
    values[index] = .activation(
      TFLiteActivation(name: name, shape: shape, dims: [1] + shape.dimensions))
    if isQuantised, let form = try? form(ofTensor: index) { quantisation[name] = form }
    return name
  }

  /// Translates `steps` in order, and notes what cannot be.
  mutating func translate(_ steps: [TFLiteOperator]) {
    for step in steps {
      do throws(Unsupported) {
        for output in step.outputs where values[output] != nil {
          throw Unsupported(why: "writes '\(model.tensors[output].name)', which is there already")
        }
        guard let kind = TFLiteKind(rawValue: step.code) else { throw Unsupported(why: "") }
        guard try !isLost(step) else {
          lose(step)
          continue
        }
        try translate(step, kind)
      } catch {
        refuse(step, error.why)
        lose(step)
      }
    }
  }

  private mutating func refuse(_ step: TFLiteOperator, _ why: String) {
    refusals.add(why.isEmpty ? step.kindName : "\(step.kindName) (\(why))", at: step.name)
  }

  /// Goes on behind `step`, which could not be translated, with what the file states of its results, so that
  /// everything that cannot be translated is found.
  private mutating func lose(_ step: TFLiteOperator) {
    for output in step.outputs where values[output] == nil {
      values[output] = .lost
      let dims = model.tensors[output].dims
      let extents = dims.count == 4 ? Array(dims[1...]) : dims.suffix(1)
      guard dims.count >= 1, dims.dropLast(extents.count).allSatisfy({ $0 == 1 }),
        let shape = Shape(validating: extents)
      else { continue }
      let name = uniqueName(ofTensor: output)
      if isQuantised { quantisation[name] = try? form(ofTensor: output) }
      values[output] = .activation(TFLiteActivation(name: name, shape: shape, dims: dims))
    }
  }

  /// Whether a step before has failed already to make what `step` reads.
  private func isLost(_ step: TFLiteOperator) throws(Unsupported) -> Bool {
    var isLost = false
    for index in step.inputs where index >= 0 {
      if case .lost = values[index] { isLost = true }
      guard values[index] != nil || model.tensors[index].data != nil else {
        throw Unsupported(
          why: "reads '\(model.tensors[index].name)', which nothing before it writes")
      }
    }
    return isLost
  }

  private mutating func translate(
    _ step: TFLiteOperator, _ kind: TFLiteKind
  ) throws(Unsupported) {
    switch kind {
    case .conv2D: try convolution(step)
    case .depthwiseConv2D: try depthwise(step)
    case .fullyConnected: try fullyConnected(step)
    case .add: try sum(step)
    case .relu: try clamp(step, .relu)
    case .relu6: try clamp(step, .relu6)
    case .reluN1To1: try clamp(step, Clamp(low: -1, high: 1))
    case .averagePool2D: try averagePool(step)
    case .mean: try mean(step)
    case .pad: try pad(step)
    case .reshape, .squeeze: try reshape(step)
    case .softmax: try softmax(step)
    case .quantize, .dequantize: try convert(step)
    case .maxPool2D: try maxPool(step)
    case .multiply: try product(step)
    case .concatenation: try concatenation(step)
    case .split: try split(step)
    case .stridedSlice: try stridedSlice(step)
    case .hardSwish: try function(step, .hardSwish)
    case .logistic: try function(step, .sigmoid)
    case .tanh: try function(step, .tanh)
    case .leakyRelu: try function(step, .leakyReLU(slope: try number(step, 0)))
    case .localResponse: try localResponse(step)
    }
  }

  /// The image's data at input `index` of `step`.
  func activation(_ step: TFLiteOperator, _ index: Int = 0) throws(Unsupported) -> TFLiteActivation
  {
    guard step.inputs.indices.contains(index), step.inputs[index] >= 0 else {
      throw Unsupported(why: "input \(index) is missing")
    }
    guard case .activation(let activation) = values[step.inputs[index]] else {
      throw Unsupported(
        why: "input \(index) ('\(model.tensors[step.inputs[index]].name)') is constant, expected "
          + "the image's data")
    }
    return activation
  }

  /// The constant at input `index` of `step`, `nil` if the input is omitted.
  func optionalConstant(
    _ step: TFLiteOperator, _ index: Int
  ) throws(Unsupported) -> TFLiteConstant? {
    guard step.inputs.indices.contains(index), step.inputs[index] >= 0 else { return nil }
    switch values[step.inputs[index]] {
    case .constant(let constant): return constant
    case nil: return try TFLiteConstant(model.tensors[step.inputs[index]], in: model.file)
    case .activation, .lost:
      throw Unsupported(
        why: "input \(index) ('\(model.tensors[step.inputs[index]].name)') is not constant")
    }
  }

  /// The constant at input `index` of `step`.
  func constant(_ step: TFLiteOperator, _ index: Int) throws(Unsupported) -> TFLiteConstant {
    guard let constant = try optionalConstant(step, index) else {
      throw Unsupported(why: "input \(index) is missing")
    }
    return constant
  }

  /// An integer of the step's options.
  func option<Number: FixedWidthInteger>(
    _ step: TFLiteOperator, _ field: Int, default standard: Number
  ) throws(Unsupported) -> Number {
    do throws(FlatBufferError) {
      return try step.options?.integer(field, default: standard) ?? standard
    } catch {
      throw Unsupported(why: error.description)
    }
  }

  /// The limits that the fused activation in option `field` puts on the result.
  func fusedClamp(_ step: TFLiteOperator, _ field: Int) throws(Unsupported) -> Clamp {
    switch try option(step, field, default: Int8(0)) {
    case 0: return .none
    case 1: return .relu
    case 2: return Clamp(low: -1, high: 1)
    case 3: return .relu6
    case 4: throw Unsupported(why: "fused activation TANH")
    case 5: throw Unsupported(why: "fused activation SIGN_BIT")
    case let other: throw Unsupported(why: "fused activation \(other)")
    }
  }

  /// Lets output 0 of `step` be `activation` seen as `dims`.
  mutating func alias(_ step: TFLiteOperator, to activation: TFLiteActivation, dims: [Int]) {
    var activation = activation
    activation.dims = dims
    if let output = step.outputs.first { values[output] = .activation(activation) }
  }

  /// How the bytes of tensor `index` stand for numbers, unsigned ones less 128; `nil` for fp32.
  func form(ofTensor index: Int) throws(Unsupported) -> Quantisation? {
    let tensor = model.tensors[index]
    guard let type = tensor.type, type == .float32 || type.isByte else {
      throw Unsupported(
        why: "'\(tensor.name)' has elements of type "
          + (tensor.type.map { "\($0)" } ?? "\(tensor.typeNumber)") + ", expected fp32 or 8 bits")
    }
    guard type.isByte else { return nil }
    let shift: Int64 = type == .uint8 ? 128 : 0
    guard let form = tensor.quantisation, form.scales.count == 1, form.zeroPoints.count <= 1 else {
      throw Unsupported(why: "'\(tensor.name)' is not quantised by one scale and zero point")
    }
    let zeroPoint = (form.zeroPoints.first ?? 0).subtractingReportingOverflow(shift).partialValue
    guard form.scales[0].isNormal, form.scales[0] > 0, (-128...127).contains(zeroPoint) else {
      throw Unsupported(
        why: "'\(tensor.name)' has scale \(form.scales[0]) and zero point "
          + "\(form.zeroPoints.first ?? 0), expected a finite scale above 0 and a byte")
    }
    return Quantisation(scale: form.scales[0], zeroPoint: Int(zeroPoint))
  }

  /// Lets output 0 of `step` be `constant`.
  mutating func alias(_ step: TFLiteOperator, to constant: TFLiteConstant) {
    if let output = step.outputs.first { values[output] = .constant(constant) }
  }

  /// Gives the activation `name` a quantisation, where a conversion states it.
  mutating func setForm(of name: String, to form: Quantisation) { quantisation[name] = form }

  /// Counts `count` elements of constants that are made beyond those of the file.
  func charge(_ count: Int) throws(Unsupported) { try budget.charge(count) }

  /// A name for tensor `index` and the node that makes it.
  mutating func uniqueName(ofTensor index: Int) -> String {
    let fileName = model.tensors[index].name
    let name = names.give(TFLiteName.short(fileName))
    if name != fileName { fileNames[fileName] = name }
    return name
  }

  /// `wanted`, or a name like it, for a node and its result.
  mutating func uniqueName(_ wanted: String) -> String { names.give(wanted) }
}
