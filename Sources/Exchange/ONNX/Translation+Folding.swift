extension Translation {
  /// No tensor of a network has more extents.
  static let mostExtents = 8
  /// Elements that one constant may have which is larger than what it is made from.
  static let grownLimit = 1 << 24

  /// The result of a step that reads constants alone.
  mutating func fold(_ step: Step) throws(Unsupported) -> Constant {
    let value = try folded(step)
    guard value.dims.count <= Self.mostExtents else {
      throw Unsupported(
        why: "a constant of \(value.dims.count) extents, at most \(Self.mostExtents) are read")
    }
    guard Constant.count(of: value.dims) != nil else {
      throw Unsupported(why: "extents \(value.dims)")
    }
    return value
  }

  private func folded(_ step: Step) throws(Unsupported) -> Constant {
    switch step.type {
    case "Constant":
      let value = try step.constant()
      try budget.charge(value.count)
      return value
    case "Identity", "Dropout": return try constant(step, 0)
    case "ConstantOfShape": return try filled(step)
    case "Cast": return try cast(try constant(step, 0), step)
    case "Shape":
      return .integers(try Self.slice(try constant(step, 0).dims, of: step))
    case "Concat": return try joined(step)
    case "Gather": return try gathered(step)
    case "Slice": return try sliced(step)
    case "Transpose":
      let value = try constant(step, 0)
      let order = try step.ints("perm") ?? Array(value.dims.indices.reversed())
      guard order.sorted() == Array(value.dims.indices) else {
        throw Unsupported(why: "perm \(order)")
      }
      return value.transposed(order)
    case "Reshape":
      let value = try constant(step, 0)
      guard let wanted = try integers(step, 1) else {
        throw Unsupported(why: "extents are missing")
      }
      let keepsZero = try step.int("allowzero", default: 0) != 0
      return value.reshaped(
        try Self.extents(wanted, count: value.dims, keepsZero: keepsZero))
    case "Squeeze":
      let value = try constant(step, 0)
      let axes = opset >= 13 ? try integers(step, 1) : try step.ints("axes")
      return value.reshaped(try Self.squeezed(value.dims, axes: axes))
    case "Unsqueeze":
      let value = try constant(step, 0)
      let axes = opset >= 13 ? try integers(step, 1) : try step.ints("axes")
      return value.reshaped(try Self.unsqueezed(value.dims, axes: axes ?? []))
    case "QuantizeLinear": return try quantisedConstant(step)
    case "DequantizeLinear": return try dequantisedConstant(step)
    case "Add", "Sub", "Mul", "Div": return try arithmetic(step)
    default: throw Unsupported(why: "of constants alone")
    }
  }

  private func filled(_ step: Step) throws(Unsupported) -> Constant {
    let value = try step.tensor("value") ?? Constant(dims: [1], elements: .floats([0]))
    let dims = try integers(step, 0) ?? []
    guard let count = Constant.count(of: dims), count <= Self.grownLimit else {
      throw Unsupported(why: "extents \(dims)")
    }
    guard value.count == 1 else { throw Unsupported(why: "attribute 'value' is not one number") }
    try budget.charge(count)
    return value.gathering([Int](repeating: 0, count: count), dims: dims)
  }

  private func cast(_ value: Constant, _ step: Step) throws(Unsupported) -> Constant {
    let target = ONNXElementType(rawValue: Int32(clamping: try step.int("to", default: 0)))
    switch (target, value.elements) {
    case (.float, .integers), (.double, .integers):
      return Constant(dims: value.dims, elements: .floats(value.floats))
    case (.int64, .floats(let numbers)), (.int32, .floats(let numbers)):
      var integers: [Int64] = []
      for number in numbers {
        guard let integer = Int64(exactly: number.rounded(.towardZero)) else {
          throw Unsupported(why: "\(number) to an integer")
        }
        integers.append(integer)
      }
      return Constant(dims: value.dims, elements: .integers(integers))
    case (.float, _), (.double, _), (.int64, _), (.int32, _): return value
    default: throw Unsupported(why: "to element type \(try step.int("to", default: 0))")
    }
  }

  private func joined(_ step: Step) throws(Unsupported) -> Constant {
    var parts: [Constant] = []
    for index in step.inputs.indices { parts.append(try constant(step, index)) }
    guard let first = parts.first, !first.dims.isEmpty else { throw Unsupported(why: "scalars") }
    let axis = try resolve(axis: try step.int("axis", default: 0), rank: first.dims.count)
    for part in parts {
      var dims = part.dims
      if dims.count == first.dims.count { dims[axis] = first.dims[axis] }
      guard dims == first.dims else { throw Unsupported(why: "\(first.dims) and \(part.dims)") }
    }
    var dims = first.dims
    dims[axis] = parts.reduce(0) { $0 + $1.dims[axis] }
    guard let count = Constant.count(of: dims), count <= Self.grownLimit else {
      throw Unsupported(why: "extents \(dims)")
    }
    try budget.charge(count)
    let rows = count == 0 ? 0 : first.dims[..<axis].reduce(1, *)
    let widths = parts.map { $0.dims[axis...].reduce(1, *) }
    let isReal = parts.contains { if case .floats = $0.elements { true } else { false } }
    guard isReal else {
      let sources = parts.map { part -> [Int64] in
        if case .integers(let values) = part.elements { values } else { [] }
      }
      let isOneType = parts.allSatisfy { $0.type == first.type }
      return Constant(
        dims: dims, elements: .integers(Self.interleave(sources, widths, rows)),
        type: isOneType ? first.type : nil)
    }
    return Constant(
      dims: dims, elements: .floats(Self.interleave(parts.map(\.floats), widths, rows)))
  }

  private static func interleave<Element>(
    _ sources: [[Element]], _ widths: [Int], _ rows: Int
  ) -> [Element] {
    (0..<rows).flatMap { row in
      zip(sources, widths).flatMap { source, width in source[row * width..<(row + 1) * width] }
    }
  }

  private func gathered(_ step: Step) throws(Unsupported) -> Constant {
    let value = try constant(step, 0)
    let chosen = try constant(step, 1)
    guard let wanted = chosen.integers, !value.dims.isEmpty else {
      throw Unsupported(why: "indices are no integers")
    }
    let axis = try resolve(axis: try step.int("axis", default: 0), rank: value.dims.count)
    let extent = value.dims[axis]
    let inner = value.dims[(axis + 1)...].reduce(1, *)
    let outer = value.dims[..<axis].reduce(1, *)
    var places: [Int] = []
    for index in wanted {
      let place = index < 0 ? index + extent : index
      guard (0..<extent).contains(place) else {
        throw Unsupported(why: "index \(index) of \(extent)")
      }
      places.append(place)
    }
    let (size, overflow) = places.count.multipliedReportingOverflow(by: max(1, outer * inner))
    guard !overflow, size <= Self.grownLimit else {
      throw Unsupported(why: "\(places.count) indices")
    }
    try budget.charge(size)
    let dims = Array(value.dims[..<axis]) + chosen.dims + Array(value.dims[(axis + 1)...])
    if dims.contains(0) { return value.gathering([], dims: dims) }
    let indices = (0..<outer).flatMap { row in
      places.flatMap { place in (0..<inner).map { (row * extent + place) * inner + $0 } }
    }
    return value.gathering(indices, dims: dims)
  }

  private func sliced(_ step: Step) throws(Unsupported) -> Constant {
    let value = try constant(step, 0)
    let isListed = opset >= 10
    let starts = isListed ? try integers(step, 1) : try step.ints("starts")
    let ends = isListed ? try integers(step, 2) : try step.ints("ends")
    let axes = isListed ? try integers(step, 3) : try step.ints("axes")
    let steps = isListed ? try integers(step, 4) : nil
    guard let starts, let ends, starts.count == ends.count, starts.count <= value.dims.count,
      axes.map({ $0.count == starts.count }) != false,
      steps.map({ $0.count == starts.count }) != false
    else { throw Unsupported(why: "starts and ends do not match") }
    var begin = 0
    var seen: Set<Int> = []
    var dims = value.dims
    var strides = Constant.strides(value.dims)
    for place in starts.indices {
      let axis = try resolve(axis: axes?[place] ?? place, rank: value.dims.count)
      guard seen.insert(axis).inserted else { throw Unsupported(why: "axes \(axes ?? []) repeat") }
      let pace = steps?[place] ?? 1
      guard pace != 0, pace.magnitude <= 1 << 31 else { throw Unsupported(why: "step \(pace)") }
      let extent = value.dims[axis]
      func bound(_ given: Int) -> Int {
        let from = given < 0 ? given + extent : given
        return pace > 0 ? min(extent, max(0, from)) : min(extent - 1, max(-1, from))
      }
      let (from, to) = (bound(starts[place]), bound(ends[place]))
      let reach = pace > 0 ? to - from : from - to
      dims[axis] = max(0, (reach + abs(pace) - 1) / abs(pace))
      begin += from * strides[axis]
      strides[axis] *= pace
    }
    let isEmpty = dims.contains(0)
    let places = isEmpty ? [] : Constant.offsets(extents: dims, steps: strides, start: begin)
    return value.gathering(places, dims: dims)
  }
}
