/// Reads markup as strictly as XML, to hold that it is well formed. `meta` and `img` have no end.
struct MarkupReader {
  struct Element {
    var name: Substring
    var attributes: [(name: Substring, value: Substring)]
    var text = ""

    subscript(_ name: String) -> String? {
      attributes.first { $0.name == name }.map { String($0.value) }
    }

    func number(_ name: String) -> Double { self[name].flatMap(Double.init) ?? .nan }
  }

  private(set) var elements: [Element] = []
  /// What is not well formed.
  private(set) var faults: [String] = []

  init(_ markup: String) {
    var open: [Int] = []
    for piece in markup.split(separator: "<", omittingEmptySubsequences: true) {
      guard let end = piece.firstIndex(of: ">") else {
        if !piece.allSatisfy(\.isWhitespace) { faults.append("no end: \(piece.prefix(60))") }
        continue
      }
      let tag = piece[..<end]
      if tag.hasPrefix("/") {
        let name = open.popLast().map { elements[$0].name }
        if name != tag.dropFirst() { faults.append("</\(tag.dropFirst())> ends \(name ?? "none")") }
      } else if !tag.hasPrefix("!") {
        elements.append(element(tag))
        if !tag.hasSuffix("/") && !["meta", "img"].contains(elements[elements.count - 1].name) {
          open.append(elements.count - 1)
        }
      }
      let text = piece[piece.index(after: end)...]
      if text.contains(">") { faults.append("a stray >: \(text.prefix(60))") }
      if let last = open.last { elements[last].text += text }
    }
    for place in open { faults.append("<\(elements[place].name)> is not closed") }
  }

  private mutating func element(_ tag: Substring) -> Element {
    var rest = tag.hasSuffix("/") ? tag.dropLast() : tag
    let name = rest.prefix { !$0.isWhitespace }
    rest = rest.dropFirst(name.count).drop(while: \.isWhitespace)
    var attributes: [(name: Substring, value: Substring)] = []
    while let equals = rest.firstIndex(of: "="), rest[equals...].hasPrefix("=\"") {
      let value = rest[equals...].dropFirst(2).prefix { $0 != "\"" }
      attributes.append((rest[..<equals], value))
      rest = rest[value.endIndex...].dropFirst().drop(while: \.isWhitespace)
    }
    if !rest.isEmpty && rest != "open" { faults.append("<\(name)> has \(rest)") }
    return Element(name: name, attributes: attributes)
  }
}
