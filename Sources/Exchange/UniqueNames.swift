/// Names for nodes, each given once, in time that is linear in their number whatever is wanted.
struct UniqueNames {
  private var taken: Set<String> = []
  /// The number that is tried next, by the name that was wanted.
  private var next: [String: Int] = [:]

  /// `wanted` if it is free, else the first free one of `wanted_2`, `wanted_3` ….
  /// - Complexity: O(length of the name), amortised over all that are given.
  mutating func give(_ wanted: String) -> String {
    if taken.insert(wanted).inserted { return wanted }
    var number = next[wanted, default: 2]
    while !taken.insert("\(wanted)_\(number)").inserted { number += 1 }
    next[wanted] = number + 1
    return "\(wanted)_\(number)"
  }
}
