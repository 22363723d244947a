/// What is wrong with some JSON, and where.
struct JSONError: Error, CustomStringConvertible {
  let what: String
  /// Bytes before it.
  let place: Int
  /// Names and numbers on the way to it, outermost first.
  var path: [String] = []

  /// The same, seen from the value whose member `name` it is in.
  func inside(_ name: String) -> JSONError {
    var outer = self
    outer.path.insert(name, at: 0)
    return outer
  }

  var description: String {
    (path.isEmpty ? "" : "at '\(path.joined(separator: "."))': ") + "\(what) (byte \(place))"
  }
}
