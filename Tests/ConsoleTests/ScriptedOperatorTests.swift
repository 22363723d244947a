import Board
import Testing

@testable import DeviceRuntime

@Suite("The scripted operator")
struct ScriptedOperatorTests {
  private func asks(_ number: Int) -> String {
    "--- Question #\(number) ------ 2 more wait ---\r\n  photo  a b.jpg\r\n  guess  good 52 %\r\n"
      + "  press  [1] not good   [2] good   [a Enter] bad\r\n         [s] skip\r\n> "
  }

  private func type(_ answer: OperatorAnswer?, at texts: [String]) throws -> String {
    let line = ScriptedLine(texts.map { .bytes(Array($0.utf8)) })
    let person = ScriptedOperator(line: line, thinkingTime: .zero) {
      $0 == "a b.jpg" ? answer : nil
    }
    for _ in texts { try person.poll(timeout: .zero) }
    return line.writtenText
  }

  @Test(
    "presses the key of a class, or types its name if it has none that acts at once",
    arguments: [
      (.label("good"), "2"), (.label("not good"), "1"), (.label("bad"), "/bad\r"), (.skip, "-"),
      (.unsure, "0"), (nil, ""),
    ] as [(OperatorAnswer?, String)])
  func keys(answer: OperatorAnswer?, keys: String) throws {
    #expect(try type(answer, at: [asks(1)]) == "\u{C}" + keys)
  }

  @Test("answers once what is shown twice, and again what was refused")
  func twice() throws {
    let text = try type(.label("good"), at: [asks(1), "\r\n" + asks(1), "\r\u{1B}[K" + asks(1)])
    #expect(text == "\u{C}2")
    let refused = try type(
      .label("good"), at: [asks(1), "2\r\nIgnored '2': it was typed before\r\n> "])
    #expect(refused == "\u{C}22")
    let undone = try type(
      .label("good"), at: [asks(1), "2\r\nlabelled #1 as good (kept)\r\n" + asks(1)])
    #expect(undone == "\u{C}22")
  }

  @Test("waits for the prompt, whatever the pieces in which a question arrives")
  func pieces() throws {
    let text = asks(1)
    #expect(try type(.skip, at: text.unicodeScalars.map { String($0) }) == "\u{C}-")
    #expect(try type(.skip, at: [String(text.dropLast(2))]) == "\u{C}")
  }

  @Test("reads through colours and lines that were written over")
  func colours() throws {
    let text = "> \r\u{1B}[K\u{1B}[1m" + asks(7)
    #expect(try type(.label("good"), at: [text]) == "\u{C}2")
  }
}
