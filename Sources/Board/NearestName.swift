/// Which of some names a mistyped one was meant to be.
package enum NearestName {
  /// Names of `candidates` close enough to `name` to be meant by it, the closest first, at most `count`.
  ///
  /// Close are names within a third of the longer one's length in edits (insert, delete, replace, swap
  /// neighbours), letter case ignored, and names that contain `name` or end in it.
  ///
  /// - Complexity: O(candidates × length²); names are cut to 64 characters.
  package static func of(_ name: String, in candidates: [String], count: Int = 1) -> [String] {
    let wanted = Array(name.lowercased().prefix(64))
    guard !wanted.isEmpty else { return [] }
    var found: [(distance: Int, name: String)] = []
    for candidate in Set(candidates) {
      let letters = Array(candidate.lowercased().prefix(64))
      let distance = edits(wanted, letters)
      if distance <= max(1, max(wanted.count, letters.count) / 3) {
        found.append((distance, candidate))
      } else if wanted.count >= 3, contains(letters, wanted) || endsAlike(wanted, letters) {
        found.append((100 + distance, candidate))
      }
    }
    return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(count)
      .map(\.name)
  }

  /// Whether one is the other behind a dot, as `burst` is of `camera.burst`.
  private static func endsAlike(_ a: [Character], _ b: [Character]) -> Bool {
    guard let last = b.split(separator: ".").last, let mine = a.split(separator: ".").last else {
      return false
    }
    return mine.count >= 3 && edits(Array(mine), Array(last)) <= mine.count / 4
  }

  private static func contains(_ whole: [Character], _ part: [Character]) -> Bool {
    guard part.count <= whole.count else { return false }
    return (0...(whole.count - part.count)).contains { whole[$0...].starts(with: part) }
  }

  /// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`
  /// (optimal string alignment distance).
  static func edits(_ a: [Character], _ b: [Character]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let changed = a[i - 1] == b[j - 1] ? 0 : 1
        row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + changed)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
