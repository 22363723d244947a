/// What of a file cannot be translated: everything, so that one attempt tells it all.
struct Refusals {
  /// No more nodes are named of one kind.
  private static let mostNamed = 8

  private var kinds: [(what: String, nodes: [String])] = []
  private var places: [String: Int] = [:]

  /// Notes that `what` cannot be translated, at the node `name`.
  mutating func add(_ what: String, at name: String) {
    if let place = places[what] {
      kinds[place].nodes.append(name)
    } else {
      places[what] = kinds.count
      kinds.append((what, [name]))
    }
  }

  /// One line for each kind, with its nodes, in the order in which they were found.
  var lines: [String] {
    kinds.map { kind in
      let names = kind.nodes.prefix(Self.mostNamed).map { "'\($0)'" }.joined(separator: ", ")
      let rest = kind.nodes.count - Self.mostNamed
      return "\(kind.what): \(names)" + (rest > 0 ? " and \(rest) more" : "")
    }
  }
}
