package import Graph
import SampleStore

extension Network {
  /// The same body with a classifier for `classes` that knows nothing: all weights zero.
  package func startingTask(classes: [String], parentSHA256: String) throws -> Network {
    let inputs = featureCountOfHead
    return try replacingHead(
      classes: classes, weights: [Float](repeating: 0, count: classes.count * inputs),
      bias: [Float](repeating: 0, count: classes.count)
    ) { lineage in
      lineage.parentSHA256 = parentSHA256
      lineage.labels = 0
      lineage.seed = 0
    }
  }

  /// Inputs of the classifier; 0 if the tail does not end in one.
  package var featureCountOfHead: Int {
    headNode?.parameters.first.flatMap { tensors[$0]?.shape.last } ?? 0
  }
}

/// What is wrong with `names` as the classes of a task, in a sentence, or `nil` if nothing is.
package func classListProblem(_ names: [String]) -> String? {
  guard names.count >= 2 else {
    return "\(names.count) class is not a choice; give at least two names separated by commas"
  }
  var seen: Set<String> = []
  for name in names {
    if name.isEmpty || name.count > 64 || name.contains(where: isControl) {
      return "'\(name.filter { !isControl($0) }.prefix(64))' is no class name; "
        + "use 1 to 64 visible characters"
    }
    guard seen.insert(name.lowercased()).inserted else {
      return "the class '\(name)' is named twice; give each class once"
    }
  }
  return nil
}

private func isControl(_ character: Character) -> Bool {
  character.unicodeScalars.contains { $0.properties.generalCategory == .control }
}
