import Testing

@testable import Sync

@Suite("Programs that carry bundles")
struct CommandRunnerTests {
  private static let script = String(repeating: "echo said; ", count: 4000) + "\n"

  @Test("read what they are given, and then its end")
  func input() async throws {
    let output = try await run(["cat"], Self.script)
    #expect(output.status == 0)
    #expect(output.output == Self.script)
  }

  /// As ssh does when nobody answers; by SIGPIPE this process would end, too.
  @Test("may end without reading it")
  func unread() async throws {
    for _ in 0..<20 {
      let output = try await run(["sh", "-c", "exit 7"], Self.script)
      #expect(output.status == 7)
    }
  }

  @Test("that would have to read more than fits are not begun")
  func tooLong() async throws {
    let error = await #expect(throws: SyncError.self) {
      _ = try await run(["cat"], String(repeating: "0123456789abcdef", count: 4097))
    }
    #expect(error?.kind == .remote)
    #expect("\(try #require(error))".contains("'cat' could not be run"))
  }

  private func run(_ words: [String], _ input: String) async throws -> CommandOutput {
    try await CommandRunner.run(
      words[0], Array(words.dropFirst()), input: input, limit: .seconds(30), step: "a test")
  }
}
