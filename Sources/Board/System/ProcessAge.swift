internal import Glibc

/// How long this process has lived.
package enum ProcessAge {
  /// Since the system started the process, to a hundredth of a second; `nil` where /proc is not mounted.
  package static func current() -> Duration? {
    guard let text = SystemHealth().text("/proc/self/stat") else { return nil }
    return age(
      stat: text, bootSeconds: bootSeconds(), ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))))
  }

  /// The age that a `stat` file says at `bootSeconds` after the system's start; `nil` when it is malformed.
  static func age(stat: String, bootSeconds: Double, ticksPerSecond: Double) -> Duration? {
    // The program's name, in parentheses, may hold anything.
    guard let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let ticks = Double(fields[19]), ticksPerSecond > 0 else { return nil }
    return .milliseconds(Int64(max(0, (bootSeconds - ticks / ticksPerSecond) * 1000)))
  }

  private static func bootSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
