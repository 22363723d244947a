import Graph

extension Translation {
  /// `Dropout`, which does nothing at inference.
  mutating func dropout(_ step: Step) throws(Unsupported) {
    guard step.outputs.dropFirst().allSatisfy(\.isEmpty) || !step.has(2) else {
      throw Unsupported(why: "training mode; export in eval mode")
    }
    alias(step, to: try activation(step))
  }

  /// `Cast` to fp32, which it is already.
  mutating func cast(_ step: Step) throws(Unsupported) {
    let type = try step.int("to", default: 1)
    guard type == Int(ONNXElementType.float.rawValue) else {
      throw Unsupported(why: "to element type \(type); only fp32 networks are read")
    }
    alias(step, to: try activation(step))
  }

  /// `Flatten` to a row.
  mutating func flatten(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let rank = image.dims.count
    let given = try step.int("axis", default: 1)
    let axis = given == rank ? rank : try resolve(axis: given, rank: rank)
    let rows = image.dims[..<axis].reduce(1, *)
    try reshape(step, image, to: [rows, image.count / rows])
  }

  /// `Reshape` to extents that are known.
  mutating func reshape(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    guard let wanted = try integers(step, 1) else { throw Unsupported(why: "extents are missing") }
    let keepsZero = try step.int("allowzero", default: 0) != 0
    try reshape(
      step, image, to: try Self.extents(wanted, count: image.dims, keepsZero: keepsZero))
  }

  /// What `wanted` means for a tensor of extents `dims`: 0 keeps an extent, −1 takes what is left.
  static func extents(
    _ wanted: [Int], count dims: [Int], keepsZero: Bool
  ) throws(Unsupported) -> [Int] {
    let count = dims.reduce(1, *)
    var result: [Int] = []
    var product = 1
    for (axis, extent) in wanted.enumerated() {
      let isCopied = extent == 0 && !keepsZero && axis < dims.count
      let actual = isCopied ? dims[axis] : extent
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, actual))
      guard actual >= -1, !overflow else { throw Unsupported(why: "extents \(wanted)") }
      product = next
      result.append(actual)
    }
    if let open = result.firstIndex(of: -1) {
      guard count % product == 0 else { throw Unsupported(why: "extents \(wanted) of \(dims)") }
      result[open] = count / product
    }
    guard result.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == count,
      result.allSatisfy({ $0 >= 0 })
    else { throw Unsupported(why: "extents \(wanted) of \(dims)") }
    return result
  }

  /// `Squeeze`: extents of 1 go.
  mutating func squeeze(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let given = opset >= 13 ? try integers(step, 1) : try step.ints("axes")
    try reshape(step, image, to: try Self.squeezed(image.dims, axes: given))
  }

  /// `dims` without the extents of 1 at `axes`, without all of them if `nil`.
  static func squeezed(_ dims: [Int], axes: [Int]?) throws(Unsupported) -> [Int] {
    guard let axes else { return dims.filter { $0 != 1 } }
    var gone: Set<Int> = []
    for axis in axes { gone.insert(try resolve(axis: axis, rank: dims.count)) }
    guard gone.allSatisfy({ dims[$0] == 1 }) else {
      throw Unsupported(why: "axes \(axes) of \(dims) are not 1")
    }
    return dims.indices.filter { !gone.contains($0) }.map { dims[$0] }
  }

  /// `Unsqueeze`: extents of 1 come.
  mutating func unsqueeze(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let given = opset >= 13 ? try integers(step, 1) : try step.ints("axes")
    try reshape(step, image, to: try Self.unsqueezed(image.dims, axes: given ?? []))
  }

  /// `dims` with extents of 1 at `axes` of the result.
  static func unsqueezed(_ dims: [Int], axes: [Int]) throws(Unsupported) -> [Int] {
    let rank = dims.count + axes.count
    guard rank <= 8 else { throw Unsupported(why: "\(rank) axes") }
    var new: Set<Int> = []
    for axis in axes { new.insert(try resolve(axis: axis, rank: rank)) }
    guard new.count == axes.count else { throw Unsupported(why: "axes \(axes)") }
    var rest = dims[...]
    return (0..<rank).map { new.contains($0) ? 1 : rest.removeFirst() }
  }

  /// Gives `image` the extents `dims` in the file's order of elements.
  private mutating func reshape(
    _ step: Step, _ image: Activation, to dims: [Int]
  ) throws(Unsupported) {
    guard !dims.contains(0), dims.count <= 8 else { throw Unsupported(why: "extents \(dims)") }
    if dims == image.dims { return alias(step, to: image) }
    if try regroup(step, image, to: dims) { return }
    guard dims.count(where: { $0 != 1 }) <= 1 else {
      throw Unsupported(why: "\(image.dims) to \(dims); only flattening is read")
    }
    if case .grouped = image.layout { throw Unsupported(why: "a flattened group of channels") }
    guard image.isMap else {
      return alias(step, to: Activation(name: image.name, dims: dims, layout: image.layout))
    }
    let area = image.height * image.width
    let isScrambled = image.layout == .channelsFirst && area > 1 && image.channels > 1
    try emit(
      step, .flatten, inputs: [image], dims: dims,
      layout: isScrambled ? .scrambled(channels: image.channels, area: area) : .vector)
  }

  /// `Transpose` between channels first and channels last.
  mutating func transpose(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let rank = image.dims.count
    let order = try step.ints("perm") ?? Array((0..<rank).reversed())
    guard order.sorted() == Array(0..<rank) else { throw Unsupported(why: "perm \(order)") }
    let dims = order.map { image.dims[$0] }
    let layout: Activation.Layout
    switch (image.layout, order) {
    case (_, Array(0..<rank)), (.vector, _), (.scrambled, _): layout = image.layout
    case (.channelsFirst, [0, 2, 3, 1]): layout = .channelsLast
    case (.channelsLast, [0, 3, 1, 2]): layout = .channelsFirst
    case (.grouped(var grouping), [0, 2, 1, 3]), (.grouped(var grouping), [0, 2, 1, 3, 4]):
      grouping.isTransposed.toggle()
      layout = .grouped(grouping)
    default: throw Unsupported(why: "perm \(order) of \(image.dims)")
    }
    alias(step, to: Activation(name: image.name, dims: dims, layout: layout))
  }

  /// `Shape`: the extents as a constant; the batch is 1.
  mutating func shape(_ step: Step) throws(Unsupported) {
    let dims = try activation(step).dims
    known[step.output] = .constant(.integers(try Self.slice(dims, of: step)))
  }

  /// The part of `dims` that the attributes of a `Shape` ask for.
  static func slice(_ dims: [Int], of step: Step) throws(Unsupported) -> [Int] {
    func place(_ given: Int) -> Int {
      min(dims.count, max(0, given < 0 ? given + dims.count : given))
    }
    let start = place(try step.int("start", default: 0))
    let end = place(try step.int("end", default: dims.count))
    return Array(dims[start..<max(start, end)])
  }
}
