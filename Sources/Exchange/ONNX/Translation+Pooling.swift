import Graph

extension Translation {
  /// `GlobalAveragePool`.
  mutating func globalPool(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    if image.layout == .vector, image.dims.count == 4, image.channelAxis == 1 {
      return alias(step, to: image)
    }
    guard image.layout == .channelsFirst else { throw Unsupported(why: layoutMessage(image)) }
    try mean(step, image, dims: [1, image.channels, 1, 1])
  }

  /// `ReduceMean` over height and width.
  mutating func reduceMean(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let given = opset >= 18 ? try integers(step, 1) : try step.ints("axes")
    var axes: Set<Int> = []
    for axis in given ?? [] { axes.insert(try resolve(axis: axis, rank: image.dims.count)) }
    if axes.isEmpty {
      guard try step.int("noop_with_empty_axes", default: 0) == 0 else {
        return alias(step, to: image)
      }
      axes = Set(image.dims.indices)
    }
    let keeps = try step.int("keepdims", default: 1) != 0
    let dims = image.dims.indices.compactMap { axis -> Int? in
      axes.contains(axis) ? (keeps ? 1 : nil) : image.dims[axis]
    }
    if axes.allSatisfy({ image.dims[$0] == 1 }) {
      let reduced = Activation(name: image.name, dims: dims, layout: image.layout)
      guard !image.isMap else { throw Unsupported(why: "axes \(axes.sorted()) of \(image.dims)") }
      return alias(step, to: reduced)
    }
    guard image.isMap, axes == Set(image.spatialAxes) else {
      throw Unsupported(
        why: "axes \(axes.sorted()) of \(image.dims); only height and width are averaged")
    }
    try mean(step, image, dims: dims)
  }

  private mutating func mean(
    _ step: Step, _ image: Activation, dims: [Int]
  ) throws(Unsupported) {
    try emit(step, .globalAveragePool, inputs: [image], dims: dims, layout: .vector)
  }

  /// `Pad` with zeros around height and width.
  mutating func pad(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    guard try step.text("mode", default: "constant") == "constant" else {
      throw Unsupported(why: "mode \(try step.text("mode", default: ""))")
    }
    let pads = (opset >= 11 ? try integers(step, 1) : try step.ints("pads")) ?? []
    let value = opset >= 11 ? try optionalConstant(step, 2)?.scalar : try step.float("value")
    var axes: [Int] = []
    for axis in try integers(step, 3) ?? Array(image.dims.indices) {
      axes.append(try resolve(axis: axis, rank: image.dims.count))
    }
    guard pads.count == 2 * axes.count, Set(axes).count == axes.count else {
      throw Unsupported(why: "pads \(pads) for \(axes.count) axes")
    }
    if pads.allSatisfy({ $0 == 0 }) { return alias(step, to: image) }
    guard value ?? 0 == 0 else { throw Unsupported(why: "padding with \(value ?? 0), not 0") }
    var before = [Int](repeating: 0, count: image.dims.count)
    var after = before
    for (place, axis) in axes.enumerated() {
      (before[axis], after[axis]) = (pads[place], pads[place + axes.count])
    }
    let isSpatial = image.dims.indices.allSatisfy { axis in
      image.isMap && image.spatialAxes.contains(axis) || (before[axis] == 0 && after[axis] == 0)
    }
    guard isSpatial, (before + after).allSatisfy({ (0...1 << 14).contains($0) }) else {
      throw Unsupported(why: "pads \(pads); only height and width are padded, not cropped")
    }
    let (y, x) = (image.spatialAxes[0], image.spatialAxes[1])
    let padding = Padding(top: before[y], left: before[x], bottom: after[y], right: after[x])
    let dims = image.dims.indices.map { image.dims[$0] + before[$0] + after[$0] }
    try emit(step, .pad(padding), inputs: [image], dims: dims, layout: image.layout)
  }
}
