import FoundationEssentials
import Testing

@testable import Board

@Suite struct LinuxGPIOTests {
  @Test("says that there is no chip where there is none, also where a file pretends to be one")
  func noChip() throws {
    let folder = "/tmp/loam-gpio-\(UInt64.random(in: 0...UInt64.max))"
    #expect(throws: GPIOError.noChip) { try LinuxGPIO(folder: folder).lines() }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("x".utf8).write(to: URL(filePath: folder + "/gpiochip0"))
    let gpio = LinuxGPIO(folder: folder)
    #expect(throws: GPIOError.noChip) { try gpio.lines() }
    #expect(throws: GPIOError.noChip) { try gpio.output("led", activeLow: false, on: false) }
    #expect(throws: GPIOError.noChip) { try gpio.input("key", activeLow: false, debounce: .zero) }
  }

  @Test("was built for one of the two interfaces of libgpiod")
  func library() { #expect([1, 2].contains(LinuxGPIO.libraryInterface)) }

  @Test("returns from a wait for nothing at once when woken")
  func wake() throws {
    let gpio = LinuxGPIO()
    gpio.wake()
    #expect(try gpio.edges(of: [], timeout: .seconds(3600)).isEmpty)
    #expect(try gpio.edges(of: [], timeout: .zero).isEmpty)
  }

  @Test("lists the lines of this machine")
  func lines() {
    do throws(GPIOError) {
      let lines = try LinuxGPIO().lines()
      #expect(lines.allSatisfy { $0.chip.hasPrefix("/dev/gpiochip") && !$0.label.isEmpty })
    } catch {
      print("not run: lists the lines of this machine: \(error)")
    }
  }

  @Test("finds lines by name, and by label and name where a name is not enough")
  func search() throws {
    let lines = [
      GPIOLine(chip: "/dev/gpiochip0", label: "one", name: "LED", offset: 3),
      GPIOLine(chip: "/dev/gpiochip1", label: "two", name: "LED", offset: 4),
      GPIOLine(chip: "/dev/gpiochip1", label: "two", name: "KEY", offset: 5),
      GPIOLine(chip: "/dev/gpiochip1", label: "two", name: "a/b", offset: 6),
      GPIOLine(chip: "/dev/gpiochip1", label: "two", name: "", offset: 7),
    ]
    #expect(try lines.line(named: "KEY").offset == 5)
    #expect(try lines.line(named: "two/LED").offset == 4)
    #expect(try lines.line(named: "a/b").offset == 6)
    #expect(throws: GPIOError.ambiguous(name: "LED", choices: ["one/LED", "two/LED"])) {
      try lines.line(named: "LED")
    }
    #expect(throws: GPIOError.missing(name: "KEYS", nearest: ["KEY"])) {
      try lines.line(named: "KEYS")
    }
    #expect(throws: GPIOError.missing(name: "", nearest: [])) { try lines.line(named: "") }
  }
}
