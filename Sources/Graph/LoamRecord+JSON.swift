import Tensors

extension LoamRecord {
  /// The record that `json` holds.
  init(_ json: inout JSONReader) throws(JSONError) {
    self.init()
    try json.object(required: [
      "format", "input", "inputShape", "nodes", "output", "cut", "quantisation", "classes",
      "preprocessing", "lineage",
    ]) { (json, name) throws(JSONError) in
      switch name {
      case "format": format = try json.integer()
      case "input": input = try json.name()
      case "inputShape": inputShape = try Shape(&json)
      case "nodes": nodes = try json.array(NodeRecord.init)
      case "output": output = try json.name()
      case "cut": cut = try json.name()
      case "quantisation":
        var isKnown: [Bool] = []
        try json.object(comparesNames: false) { (json, key) throws(JSONError) in
          let number = json.number(of: key)
          while isKnown.count <= number { isKnown.append(false) }
          if isKnown[number] { throw json.twice(key) }
          isKnown[number] = true
          let name = json.names.names[number]
          quantisation.list.append(NamedQuantisation(name: name, value: try Quantisation(&json)))
        }
      case "classes": classes = try json.array { (json) throws(JSONError) in try json.string() }
      case "preprocessing": preprocessing = try Preprocessing(&json)
      case "lineage": lineage = try Lineage(&json)
      default: try json.skip()
      }
    }
  }

  /// The format number alone, of whatever else `json` holds.
  static func format(_ json: inout JSONReader) throws(JSONError) -> Int {
    var format = 0
    try json.object(required: ["format"]) { (json, name) throws(JSONError) in
      if name == "format" { format = try json.integer() } else { try json.skip() }
    }
    return format
  }
}

extension NodeRecord {
  /// The record that `json` holds.
  init(_ json: inout JSONReader) throws(JSONError) {
    self.init()
    try json.object(required: ["name", "op", "inputs", "output"]) {
      (json, key) throws(JSONError) in
      switch key {
      case "name": name = try json.name()
      case "op": op = try json.string()
      case "inputs": inputs = try json.array { (json) throws(JSONError) in try json.name() }
      case "parameters":
        parameters = try json.array { (json) throws(JSONError) in try json.name() }
      case "output": output = try json.name()
      case "clamp": clamp = try Limits(&json)
      case "window": window = try Window(&json)
      case "groups": groups = try json.integer()
      case "padding": padding = try Padding(&json)
      case "epsilon": epsilon = try json.float()
      case "start": start = try json.integer()
      case "count": count = try json.integer()
      case "response": response = try LocalResponse(&json)
      case "slope": slope = try json.float()
      case "offset": offset = try json.float()
      default: try json.skip()
      }
    }
  }
}

extension NodeRecord.Limits {
  fileprivate init(_ json: inout JSONReader) throws(JSONError) {
    self.init()
    try json.object { (json, name) throws(JSONError) in
      switch name {
      case "low": low = try json.float()
      case "high": high = try json.float()
      default: try json.skip()
      }
    }
  }
}

extension Shape {
  fileprivate init(_ json: inout JSONReader) throws(JSONError) {
    let dimensions: [Int] = try json.array { (json) throws(JSONError) in try json.integer() }
    guard let shape = Shape(validating: dimensions) else {
      throw json.error("invalid shape \(dimensions.prefix(8))")
    }
    self = shape
  }
}

extension Quantisation {
  fileprivate init(_ json: inout JSONReader) throws(JSONError) {
    self.init(scale: 0, zeroPoint: 0)
    try json.object(required: ["scale", "zeroPoint"]) { (json, name) throws(JSONError) in
      switch name {
      case "scale": scale = try json.float()
      case "zeroPoint": zeroPoint = try json.integer()
      default: try json.skip()
      }
    }
  }
}

extension Preprocessing {
  fileprivate init(_ json: inout JSONReader) throws(JSONError) {
    self.init(width: 0, height: 0, mean: [], deviation: [])
    try json.object(required: ["width", "height", "fit", "mean", "deviation"]) {
      (json, name) throws(JSONError) in
      switch name {
      case "width": width = try json.integer()
      case "height": height = try json.integer()
      case "fit":
        let name = try json.string()
        guard let known = Fit(rawValue: name) else { throw json.error("'\(name)' is no fit") }
        fit = known
      case "mean": mean = try json.array { (json) throws(JSONError) in try json.float() }
      case "deviation": deviation = try json.array { (json) throws(JSONError) in try json.float() }
      default: try json.skip()
      }
    }
  }
}

extension Lineage {
  fileprivate init(_ json: inout JSONReader) throws(JSONError) {
    self.init(source: "", sourceSHA256: "")
    try json.object(required: [
      "source", "sourceSHA256", "bodySHA256", "calibration", "labels", "seed",
    ]) { (json, name) throws(JSONError) in
      switch name {
      case "source": source = try json.string()
      case "sourceSHA256": sourceSHA256 = try json.string()
      case "parentSHA256": parentSHA256 = try json.string()
      case "bodySHA256": bodySHA256 = try json.string()
      case "calibration": calibration = try json.string()
      case "labels": labels = try json.integer()
      case "seed": seed = try json.integer()
      case "created": created = try json.string()
      default: try json.skip()
      }
    }
  }
}

extension Window {
  fileprivate init(_ json: inout JSONReader) throws(JSONError) {
    self.init(height: 0, width: 0)
    try json.object(required: [
      "height", "width", "strideY", "strideX", "dilationY", "dilationX", "padding",
    ]) { (json, name) throws(JSONError) in
      switch name {
      case "height": height = try json.integer()
      case "width": width = try json.integer()
      case "strideY": strideY = try json.integer()
      case "strideX": strideX = try json.integer()
      case "dilationY": dilationY = try json.integer()
      case "dilationX": dilationX = try json.integer()
      case "padding": padding = try Padding(&json)
      default: try json.skip()
      }
    }
  }
}

extension Padding {
  fileprivate init(_ json: inout JSONReader) throws(JSONError) {
    self.init()
    try json.object(required: ["top", "left", "bottom", "right"]) {
      (json, name) throws(JSONError) in
      switch name {
      case "top": top = try json.integer()
      case "left": left = try json.integer()
      case "bottom": bottom = try json.integer()
      case "right": right = try json.integer()
      default: try json.skip()
      }
    }
  }
}

extension LocalResponse {
  fileprivate init(_ json: inout JSONReader) throws(JSONError) {
    self.init(size: 0)
    try json.object(required: ["size", "alpha", "beta", "bias"]) {
      (json, name) throws(JSONError) in
      switch name {
      case "size": size = try json.integer()
      case "alpha": alpha = try json.float()
      case "beta": beta = try json.float()
      case "bias": bias = try json.float()
      default: try json.skip()
      }
    }
  }
}
