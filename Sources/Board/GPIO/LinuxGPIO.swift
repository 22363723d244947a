internal import CBoard
internal import Glibc

/// The lines of this machine, through libgpiod and `/dev/gpiochipN`.
package final class LinuxGPIO: GPIO {
  private let folder: String
  private let consumer: String
  /// Ends a wait for edges; `nil` when the process had no descriptor left, and then no line is taken.
  private let bell = try? Doorbell()

  /// The chips of `folder`; lines are taken in the name of `consumer`.
  package init(folder: String = "/dev", consumer: String = "loam") {
    self.folder = folder
    self.consumer = consumer
  }

  /// The interface of libgpiod that this program was built for: 1 or 2.
  package static var libraryInterface: Int { Int(cboard_gpio_api()) }

  package func lines() throws(GPIOError) -> [GPIOLine] {
    let chips = chipPaths()
    if chips.isEmpty { throw .noChip }
    var lines: [GPIOLine] = []
    var refused: String?
    var opened = 0
    for path in chips {
      var failure: Int32 = 0
      guard let chip = unsafe cboard_gpio_chip_open(path, &failure) else {
        if failure == -EACCES || failure == -EPERM { refused = path }
        continue
      }
      defer { unsafe cboard_gpio_chip_close(chip) }
      opened += 1
      for offset in 0..<max(0, unsafe cboard_gpio_chip_count(chip)) {
        var found = cboard_gpio_line()
        guard unsafe cboard_gpio_chip_line(chip, UInt32(offset), &found) == 0 else { continue }
        lines.append(GPIOLine(chip: path, found))
      }
    }
    if opened == 0 {
      if let refused { throw .noPermission(chip: refused) }
      throw .noChip
    }
    return lines
  }

  package func output(_ name: String, activeLow: Bool, on: Bool) throws(GPIOError) -> any GPIOOutput
  {
    try take(name, activeLow: activeLow, output: true, on: on, debounce: .zero)
  }

  package func input(_ name: String, activeLow: Bool, debounce: Duration) throws(GPIOError)
    -> any GPIOInput
  {
    try take(name, activeLow: activeLow, output: false, on: false, debounce: debounce)
  }

  private func take(
    _ name: String, activeLow: Bool, output: Bool, on: Bool, debounce: Duration
  ) throws(GPIOError) -> LinuxGPIOLine {
    guard bell != nil else {
      throw .failed(name: name, operation: "taken", reason: SystemFailure.text(EMFILE))
    }
    let line = try lines().line(named: name)
    if let consumer = line.consumer { throw .busy(name: name, consumer: consumer) }
    let (seconds, attoseconds) = debounce.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    var (debounced, failure): (Int32, Int32) = (0, 0)
    let request = unsafe cboard_gpio_request_line(
      line.chip, UInt32(line.offset), consumer, activeLow ? 1 : 0, output ? 1 : 0, on ? 1 : 0,
      UInt32(clamping: microseconds), &debounced, &failure)
    guard let request = unsafe request else {
      switch -failure {
      case EBUSY: throw .busy(name: name, consumer: "")
      case EACCES, EPERM: throw .noPermission(chip: line.chip)
      default:
        throw .failed(name: name, operation: "taken", reason: SystemFailure.text(-failure))
      }
    }
    return unsafe LinuxGPIOLine(name: name, request: request)
  }

  package func edges(of inputs: [any GPIOInput], timeout: Duration) throws(GPIOError) -> [GPIOEdge]
  {
    let lines = inputs.map { $0 as? LinuxGPIOLine }
    var requests = lines.map { pollfd(fd: $0?.descriptor ?? -1, events: Int16(POLLIN), revents: 0) }
    requests.append(pollfd(fd: bell?.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
    guard unsafe poll(&requests, nfds_t(requests.count), timeout.pollMilliseconds) > 0 else {
      return []
    }
    if requests[lines.count].revents != 0 { bell?.hear() }
    var edges: [GPIOEdge] = []
    for (index, line) in lines.enumerated() where requests[index].revents != 0 {
      guard let line else { continue }
      guard requests[index].revents & Int16(POLLIN) != 0 else {
        throw .failed(name: line.name, operation: "watched", reason: "its chip is gone")
      }
      edges += try line.waiting(input: index)
    }
    return edges
  }

  package func wake() { bell?.ring() }

  /// Paths of the chips, in the order of their numbers.
  private func chipPaths() -> [String] {
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(directory) }
    var numbers: [Int] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix("gpiochip"), let number = Int(name.dropFirst(8)) { numbers.append(number) }
    }
    return numbers.sorted().map { "\(folder)/gpiochip\($0)" }
  }
}

/// A line that this process has.
@safe
private final class LinuxGPIOLine: GPIOInput, GPIOOutput, @unchecked Sendable {
  let name: String
  /// What libgpiod keeps; its functions for one line only make system calls and may be called from
  /// any thread, but for `cboard_gpio_read`, which one thread calls.
  private let request: OpaquePointer

  /// Takes over `request`.
  init(name: String, request: OpaquePointer) {
    self.name = name
    unsafe self.request = unsafe request
  }

  deinit { unsafe cboard_gpio_release(request) }

  var descriptor: Int32 { unsafe cboard_gpio_descriptor(request) }

  func set(_ on: Bool) throws(GPIOError) {
    try check(unsafe cboard_gpio_set(request, on ? 1 : 0), "driven")
  }

  func isOn() throws(GPIOError) -> Bool { try check(unsafe cboard_gpio_get(request), "read") == 1 }

  /// The events that wait, of which there is at least one; at most 64, so that a line that never
  /// rests cannot hold the others up.
  func waiting(input: Int) throws(GPIOError) -> [GPIOEdge] {
    var edges: [GPIOEdge] = []
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    repeat {
      var time: UInt64 = 0
      let level = try check(unsafe cboard_gpio_read(self.request, &time), "read")
      edges.append(GPIOEdge(input: input, isOn: level == 1, nanoseconds: time))
    } while unsafe edges.count < 64 && poll(&request, 1, 0) > 0
    return edges
  }

  @discardableResult
  private func check(_ result: Int32, _ operation: String) throws(GPIOError) -> Int32 {
    if result >= 0 { return result }
    throw .failed(name: name, operation: operation, reason: SystemFailure.text(-result))
  }
}

extension GPIOLine {
  /// A line as the bridge describes it, of the chip at `path`.
  fileprivate init(chip path: String, _ found: cboard_gpio_line) {
    func text<Room>(_ room: Room) -> String {
      unsafe withUnsafeBytes(of: room) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    self.init(
      chip: path, label: text(found.label), name: text(found.name), offset: Int(found.offset),
      consumer: found.used != 0 ? text(found.consumer) : nil, isOutput: found.output != 0)
  }
}
