/// What a tensor is called here.
///
/// Converters name a tensor by all that they fused into it, `;` between the parts, each the path of a layer in
/// the program that made the model: some hundred bytes, which every mention of it would repeat. Its first part
/// says what it is.
enum TFLiteName {
  /// Leading components of a path are left away where it is longer.
  static let greatestByteCount = 80

  /// The first part of `name` that says anything, with the layers' own names only: `b.c.Block_1/d.ReLU` becomes
  /// `Block_1/ReLU`.
  static func short(_ name: String) -> String {
    guard let part = name.split(separator: ";").first else { return name }
    let path = part.split(separator: "/").map(ownName)
    guard let last = path.last else { return name }
    var kept = [last]
    var byteCount = last.utf8.count
    for component in path.dropLast().reversed() {
      byteCount += component.utf8.count + 1
      if byteCount > greatestByteCount { break }
      kept.append(component)
    }
    return kept.reversed().joined(separator: "/")
  }

  /// `component` without the Python modules before it; whole where the rest is no name.
  private static func ownName(_ component: Substring) -> Substring {
    guard let dot = component.lastIndex(of: ".") else { return component }
    let name = component[component.index(after: dot)...]
    return name.first?.isLetter == true ? name : component
  }
}
