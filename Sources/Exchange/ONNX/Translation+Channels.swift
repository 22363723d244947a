import Graph

extension Translation {
  /// `Concat` of results along the channels.
  mutating func concatenate(_ step: Step) throws(Unsupported) {
    var parts: [Activation] = []
    for index in step.inputs.indices { parts.append(try activation(step, index)) }
    let first = parts[0]
    let axis = try resolve(axis: try step.int("axis", default: 1), rank: first.dims.count)
    var dims = first.dims
    dims[axis] = parts.reduce(0) { $0 + ($1.dims.indices.contains(axis) ? $1.dims[axis] : 0) }
    for part in parts {
      var expected = part.dims
      if expected.count == dims.count { expected[axis] = dims[axis] }
      guard expected == dims, part.layout == first.layout, isChannels(axis, of: part) else {
        throw Unsupported(
          why: "\(part.dims) to \(first.dims) along axis \(axis); only channels are joined")
      }
    }
    try emit(step, .concatenate, inputs: parts, dims: dims, layout: first.layout)
  }

  /// Whether `axis` is that of the channels, or the only one of a vector that may be above 1.
  private func isChannels(_ axis: Int, of image: Activation) -> Bool {
    switch image.layout {
    case .channelsFirst, .channelsLast: axis == image.channelAxis
    case .vector: image.count == image.dims[axis]
    case .scrambled, .grouped: false
    }
  }

  /// `Split` along the channels: a slice for each result.
  mutating func split(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let axis = try resolve(axis: try step.int("axis", default: 0), rank: image.dims.count)
    guard isChannels(axis, of: image) else {
      throw Unsupported(why: "axis \(axis) of \(image.dims); only channels are split")
    }
    let channels = image.dims[axis]
    let given = opset >= 13 ? try integers(step, 1) : try step.ints("split")
    let results = try step.int("num_outputs", default: step.outputs.count)
    guard results == step.outputs.count, results >= 1 else {
      throw Unsupported(why: "num_outputs \(results) for \(step.outputs.count) results")
    }
    // Equal parts, rounded up; the last is what is left.
    let part = (channels + results - 1) / results
    let counts = given ?? (0..<results).map { min(part, max(0, channels - $0 * part)) }
    guard counts.count == results, counts.allSatisfy({ (1...channels).contains($0) }),
      counts.reduce(0, +) == channels
    else { throw Unsupported(why: "parts \(counts) of \(channels) channels") }
    var start = 0
    for (output, count) in zip(step.outputs, counts) {
      if !output.isEmpty {
        try slice(step, image, axis: axis, start: start, count: count, to: output)
      }
      start += count
    }
  }

  /// `Slice` of neighbouring channels.
  mutating func slice(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let isListed = opset >= 10
    let starts = isListed ? try integers(step, 1) : try step.ints("starts")
    let ends = isListed ? try integers(step, 2) : try step.ints("ends")
    guard let starts, let ends else { throw Unsupported(why: "starts or ends are missing") }
    let axes = (isListed ? try integers(step, 3) : try step.ints("axes")) ?? Array(starts.indices)
    let paces = (isListed ? try integers(step, 4) : nil) ?? starts.map { _ in 1 }
    guard starts.count == ends.count, axes.count == starts.count, paces.count == starts.count else {
      throw Unsupported(why: "starts and ends do not match")
    }
    var part: (axis: Int, range: Range<Int>)?
    for place in starts.indices {
      let axis = try resolve(axis: axes[place], rank: image.dims.count)
      let extent = image.dims[axis]
      func bound(_ given: Int) -> Int { min(extent, max(0, given < 0 ? given + extent : given)) }
      let (from, to) = (bound(starts[place]), bound(ends[place]))
      if from == 0, to == extent, paces[place] == 1 { continue }
      guard isChannels(axis, of: image), paces[place] == 1, from < to, part == nil else {
        throw Unsupported(
          why: "elements \(starts[place])..<\(ends[place]) of axis \(axis) of \(image.dims), "
            + "step \(paces[place]); only neighbouring channels are taken")
      }
      part = (axis, from..<to)
    }
    guard let part else { return alias(step, to: image) }
    try slice(
      step, image, axis: part.axis, start: part.range.lowerBound, count: part.range.count,
      to: step.output)
  }

  private mutating func slice(
    _ step: Step, _ image: Activation, axis: Int, start: Int, count: Int, to output: String
  ) throws(Unsupported) {
    var dims = image.dims
    dims[axis] = count
    try emit(
      step, .slice(start: start, count: count), inputs: [image], dims: dims, layout: image.layout,
      to: output)
  }

  /// The reshaping before and after a channel shuffle; false if it is none of the two.
  ///
  /// `[1, C, H, W]` becomes `[1, G, C / G, H, W]`, is transposed to `[1, C / G, G, H, W]` and becomes
  /// `[1, C, H, W]` again; height and width may be one axis meanwhile.
  mutating func regroup(
    _ step: Step, _ image: Activation, to dims: [Int]
  ) throws(Unsupported) -> Bool {
    switch image.layout {
    case .channelsFirst:
      guard (4...5).contains(dims.count), dims[0] == 1, dims[1] > 1,
        dims[1].multipliedReportingOverflow(by: dims[2]) == (image.channels, false),
        dims.count == 4 || dims[3] == image.height
      else { return false }
      let groups = Activation.Grouping(
        groups: dims[1], map: image.dims, isTransposed: false)
      alias(step, to: Activation(name: image.name, dims: dims, layout: .grouped(groups)))
      return true
    case .grouped(let grouping):
      guard dims == grouping.map else { return false }
      if grouping.isTransposed {
        try emit(
          step, .channelShuffle(groups: grouping.groups), inputs: [image], dims: dims,
          layout: .channelsFirst)
      } else {
        alias(step, to: Activation(name: image.name, dims: dims, layout: .channelsFirst))
      }
      return true
    case .channelsLast, .vector, .scrambled:
      return false
    }
  }
}
