extension Translation {
  /// `Add`, `Sub`, `Mul`, `Div` of two constants with equal extents, or one of them a single number.
  func arithmetic(_ step: Step) throws(Unsupported) -> Constant {
    let (first, second) = (try constant(step, 0), try constant(step, 1))
    guard first.dims == second.dims || first.count == 1 || second.count == 1, first.count > 0,
      second.count > 0
    else {
      throw Unsupported(why: "\(first.dims) with \(second.dims) of constants")
    }
    let count = max(first.count, second.count)
    let dims =
      first.count == count && first.dims.count >= second.dims.count ? first.dims : second.dims
    if case .integers(let left) = first.elements, case .integers(let right) = second.elements {
      var values: [Int64] = []
      for index in 0..<count {
        let (a, b) = (left[left.count == 1 ? 0 : index], right[right.count == 1 ? 0 : index])
        values.append(try Self.combine(a, b, step.type))
      }
      return Constant(dims: dims, elements: .integers(values))
    }
    let (left, right) = (first.floats, second.floats)
    let values = (0..<count).map { index -> Float in
      let (a, b) = (left[left.count == 1 ? 0 : index], right[right.count == 1 ? 0 : index])
      switch step.type {
      case "Add": return a + b
      case "Sub": return a - b
      case "Mul": return a * b
      default: return a / b
      }
    }
    return Constant(dims: dims, elements: .floats(values))
  }

  private static func combine(_ a: Int64, _ b: Int64, _ type: String) throws(Unsupported) -> Int64 {
    let (value, overflow) =
      switch type {
      case "Add": a.addingReportingOverflow(b)
      case "Sub": a.subtractingReportingOverflow(b)
      case "Mul": a.multipliedReportingOverflow(by: b)
      default: a.dividedReportingOverflow(by: b)
      }
    guard !overflow else { throw Unsupported(why: "\(a) and \(b) overflow") }
    return value
  }
}
