extension [GPIOLine] {
  /// The line that `name` means: a line's name, or `LABEL/NAME`.
  ///
  /// Throws `GPIOError.missing` with the nearest names, or `.ambiguous` with what to write.
  package func line(named name: String) throws(GPIOError) -> GPIOLine {
    var found = filter { $0.name == name }
    // A line's own name may have a slash; only what is no name is taken apart.
    if found.isEmpty, let slash = name.lastIndex(of: "/") {
      let (label, rest) = (name[..<slash], name[name.index(after: slash)...])
      found = filter { $0.label == label && $0.name == rest }
    }
    if let line = found.first, found.count == 1, !name.isEmpty { return line }
    if found.isEmpty || name.isEmpty {
      let names = map(\.name).filter { !$0.isEmpty }
      throw .missing(name: name, nearest: NearestName.of(name, in: names, count: 3))
    }
    throw .ambiguous(name: name, choices: Set(found.map { "\($0.label)/\($0.name)" }).sorted())
  }
}
