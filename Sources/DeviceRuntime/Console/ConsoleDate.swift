/// A date as an operator types it, in UTC; no calendar of the system is needed.
enum ConsoleDate {
  /// Milliseconds since 1970 of `2026-11-23 14:30`, `2026-11-23T14:30:05` or the same with a `Z`; `nil`
  /// for anything else, for a day that the calendar has not, and outside of 2020...2099.
  static func read(_ text: String) -> Int64? {
    var text = text
    if text.last == "Z" || text.last == "z" { text.removeLast() }
    let parts = text.split(maxSplits: 1) { $0 == " " || $0 == "T" || $0 == "t" }
    guard parts.count == 2, let day = numbers(parts[0], "-", counts: 3...3, digits: [4, 2, 2]),
      let time = numbers(parts[1], ":", counts: 2...3, digits: [2, 2, 2])
    else { return nil }
    let (year, month, date) = (day[0], day[1], day[2])
    let second = time.count > 2 ? time[2] : 0
    guard (2020...2099).contains(year), (1...12).contains(month), date >= 1,
      date <= daysOf(month, year), time[0] < 24, time[1] < 60, second < 60
    else { return nil }
    let seconds = days(year, month, date) * 86_400 + Int64(time[0] * 3600 + time[1] * 60 + second)
    return seconds * 1000
  }

  /// `unixMilliseconds` as `2026-11-23 14:30`, UTC; within the years 1970 to 2999, else `?`.
  static func text(_ unixMilliseconds: Int64) -> String {
    let minutes = unixMilliseconds / 60_000
    guard unixMilliseconds >= 0, minutes < days(3000, 1, 1) * 1440 else { return "?" }
    var left = minutes / 1440
    var (year, month) = (1970, 1)
    while left >= (isLeap(year) ? 366 : 365) {
      left -= isLeap(year) ? 366 : 365
      year += 1
    }
    while left >= Int64(daysOf(month, year)) {
      left -= Int64(daysOf(month, year))
      month += 1
    }
    let time = minutes % 1440
    return "\(year)-\(two(Int64(month)))-\(two(left + 1)) \(two(time / 60)):\(two(time % 60))"
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func daysOf(_ month: Int, _ year: Int) -> Int {
    month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days from 1970-01-01 to the given one.
  private static func days(_ year: Int, _ month: Int, _ date: Int) -> Int64 {
    let years = (1970..<year).reduce(0) { $0 + (isLeap($1) ? 366 : 365) }
    let months = (1..<month).reduce(0) { $0 + daysOf($1, year) }
    return Int64(years + months + date - 1)
  }

  private static func numbers(
    _ text: Substring, _ separator: Character, counts: ClosedRange<Int>, digits: [Int]
  ) -> [Int]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard counts.contains(parts.count) else { return nil }
    var numbers: [Int] = []
    for (part, count) in zip(parts, digits) {
      guard part.count == count, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(part)
      else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
