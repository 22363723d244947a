/// What an operator asks for that Loam does not have.
struct Unsupported: Error {
  let why: String
}

/// One operator of the file, with its attributes by name.
struct Step {
  /// The operator's type; with its domain in front if that is not ONNX's own.
  let type: String
  /// The node's name in the file, else that of what it writes.
  let name: String
  /// Names of what it reads; an omitted optional input is empty.
  let inputs: [String]
  let outputs: [String]
  /// What the file calls the operator, for messages.
  let label: String
  /// What its result has the type of where nothing else states it: something that the operator reads whose part it is.
  let alike: String?
  private let attributes: [String: ONNXAttribute]

  /// The step that `node` states; throws if one of its names is longer than any network's.
  init(_ node: ONNXOperator) throws(Unsupported) {
    for given in [node.name, node.opType, node.domain] + node.input + node.output {
      let count = given.utf8.count
      guard count <= ReadingBudget.longestName else {
        let start = String(decoding: given.utf8.prefix(40), as: UTF8.self)
        throw Unsupported(
          why: "'\(start)…' is a name of \(count) B, at most "
            + "\(ReadingBudget.longestName) are read")
      }
    }
    let isStandard = node.domain.isEmpty || node.domain == "ai.onnx"
    type = isStandard ? node.opType : "\(node.domain).\(node.opType)"
    let output = node.output.first { !$0.isEmpty } ?? ""
    name = node.name.isEmpty ? output : node.name
    label = type
    alike = nil
    inputs = node.input
    outputs = node.output
    attributes = Dictionary(
      node.attribute.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
  }

  /// A step that does a part of what `whole` does: an operator of `type`, with the attributes of `whole` that
  /// are named, whose result has the type of `alike` where nothing else states it.
  init(
    _ type: String, _ inputs: [String], to output: String, of whole: Step,
    keeping kept: Set<String> = [], adding added: [ONNXAttribute] = [], alike: String? = nil
  ) {
    self.type = type
    self.inputs = inputs
    outputs = [output]
    name = whole.name
    label = whole.label
    self.alike = alike
    attributes = whole.attributes.filter { kept.contains($0.key) }.merging(
      added.map { ($0.name, $0) }, uniquingKeysWith: { _, own in own })
  }

  /// Names of the attributes that are given.
  var attributeNames: Set<String> { Set(attributes.keys) }

  /// The result's name, empty if there is none.
  var output: String { outputs.first ?? "" }

  /// Whether the input at `index` is given.
  func has(_ index: Int) -> Bool { inputs.indices.contains(index) && !inputs[index].isEmpty }

  /// Whether the attribute is given.
  func has(attribute name: String) -> Bool { attributes[name] != nil }

  /// Throws if an attribute is given that is not in `known`.
  func allow(_ known: Set<String>) throws(Unsupported) {
    for name in attributes.keys.sorted() where !known.contains(name) {
      throw Unsupported(why: "attribute '\(name)'")
    }
  }

  /// The integer attribute `name`, or `standard` if it is not given.
  func int(_ name: String, default standard: Int) throws(Unsupported) -> Int {
    guard let attribute = attributes[name] else { return standard }
    guard attribute.type == .int else {
      throw Unsupported(why: "attribute '\(name)' is no integer")
    }
    return Int(attribute.i)
  }

  /// The integers of attribute `name`, `nil` if it is not given.
  func ints(_ name: String) throws(Unsupported) -> [Int]? {
    guard let attribute = attributes[name] else { return nil }
    guard attribute.type == .ints else { throw Unsupported(why: "attribute '\(name)' is no list") }
    return attribute.ints.map(Int.init)
  }

  /// The number of attribute `name`, `nil` if it is not given.
  func float(_ name: String) throws(Unsupported) -> Float? {
    guard let attribute = attributes[name] else { return nil }
    guard attribute.type == .float else {
      throw Unsupported(why: "attribute '\(name)' is no number")
    }
    return attribute.f
  }

  /// The text of attribute `name`, or `standard` if it is not given.
  func text(_ name: String, default standard: String) throws(Unsupported) -> String {
    guard let attribute = attributes[name] else { return standard }
    guard attribute.type == .string else {
      throw Unsupported(why: "attribute '\(name)' is no text")
    }
    return String(decoding: attribute.s, as: UTF8.self)
  }

  /// The constant of a `Constant` step.
  func constant() throws(Unsupported) -> Constant {
    if let value = attributes["value"], value.type == .tensor { return try Self.constant(value.t) }
    if let value = try float("value_float") {
      return Constant(dims: [], elements: .floats([value]))
    }
    if has(attribute: "value_int") {
      return Constant(dims: [], elements: .integers([Int64(try int("value_int", default: 0))]))
    }
    if let values = try ints("value_ints") { return .integers(values) }
    if let values = attributes["value_floats"], values.type == .floats {
      return Constant(dims: [values.floats.count], elements: .floats(values.floats))
    }
    throw Unsupported(why: "attribute '\(attributes.keys.sorted().first ?? "value")'")
  }

  /// The tensor attribute `name`, `nil` if it is not given.
  func tensor(_ name: String) throws(Unsupported) -> Constant? {
    guard let value = attributes[name] else { return nil }
    guard value.type == .tensor else { throw Unsupported(why: "attribute '\(name)' is no tensor") }
    return try Self.constant(value.t)
  }

  private static func constant(_ tensor: ONNXTensor) throws(Unsupported) -> Constant {
    do throws(ConstantError) {
      return try Constant(tensor)
    } catch {
      throw Unsupported(why: "its tensor is not readable: \(error.why)")
    }
  }
}
