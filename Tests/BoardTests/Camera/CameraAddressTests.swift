import Board
import Testing

@Suite struct CameraAddressTests {
  @Test("reads each kind of address, and writes it so that it reads the same")
  func reads() throws {
    let addresses: [(String, CameraAddress)] = [
      ("dir:/photos", .folder("/photos")), ("dir:a:b", .folder("a:b")),
      ("v4l2:/dev/v4l/by-id/usb-A:1-video-index0", .device("/dev/v4l/by-id/usb-A:1-video-index0")),
      (
        "exec:rpicam-vid --codec mjpeg -t 0 -o -",
        .command(["rpicam-vid", "--codec", "mjpeg", "-t", "0", "-o", "-"])
      ),
      (
        "exec: sh -c 'cat \"a b\".jpg; sleep 1' ",
        .command(["sh", "-c", "cat \"a b\".jpg; sleep 1"])
      ),
      ("stdin", .standardInput), ("stdin:", .standardInput),
    ]
    for (text, address) in addresses {
      #expect(try CameraAddress(text) == address)
      #expect(try CameraAddress(address.description) == address)
    }
  }

  @Test("splits a command as a shell would, without expanding anything")
  func words() throws {
    let commands: [(String, [String])] = [
      ("a", ["a"]), ("  a\tb\n c ", ["a", "b", "c"]), ("a 'b c' d", ["a", "b c", "d"]),
      ("a \"b \\\" \\\\ $HOME\"", ["a", "b \" \\ $HOME"]), ("a b\\ c", ["a", "b c"]),
      ("a '' \"\"", ["a", "", ""]), ("a'b'\"c\"d", ["abcd"]), ("a 'b\\n'", ["a", "b\\n"]),
      ("a '|' \\> x=1&y", ["a", "|", ">", "x=1&y"]), ("é 'ü ß'", ["é", "ü ß"]),
      ("a * ~", ["a", "*", "~"]),
      ("a 2x 3", ["a", "2x", "3"]),
    ]
    for (command, words) in commands { #expect(try commandWords(command) == words, "\(command)") }
    let refused: [(String, CommandWordsError)] = [
      ("", .empty), ("  ", .empty), ("''", .empty), ("a 'b", .open("'")), ("a \"b", .open("\"")),
      ("a \\", .open("\\")), ("a | b", .needsShell("|")), ("a >b", .needsShell(">b")),
      ("a 2>&1", .needsShell("2>&1")), ("a && b", .needsShell("&&")), ("a ;", .needsShell(";")),
    ]
    for (command, error) in refused {
      #expect(throws: error, "\(command)") { try commandWords(command) }
    }
  }

  @Test("writes every command so that it reads the same")
  func roundTrips() throws {
    let letters = Array("ab '\"\\|>$é\t=-")
    for seed in 0..<500 {
      var random = Seeded(seed: seed)
      let words = (0..<Int.random(in: 1...4, using: &random)).map { index in
        let count = Int.random(in: index == 0 ? 1...5 : 0...5, using: &random)
        return String((0..<count).compactMap { _ in letters.randomElement(using: &random) })
      }
      let address = CameraAddress.command(words)
      #expect(try CameraAddress(address.description) == address, "seed \(seed): \(words)")
    }
  }

  @Test(
    "guesses what was meant",
    arguments: [
      ("v4l:/dev/video0", "v4l2:/dev/video0"), ("V4L2:/dev/video0", "v4l2:/dev/video0"),
      ("/dev/video0", "v4l2:/dev/video0"), ("/photos", "dir:/photos"), ("dri:/x", "dir:/x"),
      ("folder:/x", "dir:/x"), ("exce:cat x", "exec:cat x"), ("cmd:cat x", "exec:cat x"),
      ("-", "stdin"), ("stdni", "stdin"), ("dir", "dir:…"),
    ])
  func guesses(text: String, meant: String) {
    let error = #expect(throws: CameraAddressError.self) { try CameraAddress(text) }
    #expect(error == .unknown(found: text, meant: meant))
    #expect(error?.description.contains("did you mean '\(meant)'") == true)
  }

  @Test(
    "refuses the rest with what is expected",
    arguments: [
      "", ":", "rtsp://host/x", "x", "dir:", "v4l2:", "v4l2:video0", "exec:", "exec:a 'b",
      "exec:a|b | c",
      "stdin:x", "dir:/a\0b",
    ])
  func refuses(text: String) {
    let error = #expect(throws: CameraAddressError.self) { try CameraAddress(text) }
    let words = ["expected", "give", "use", "add", "remove"]
    #expect(words.contains { error?.description.contains($0) == true })
    if case .unknown(_, let meant) = error { #expect(meant == nil) }
  }

  @Test("advises against a name that changes")
  func advises() throws {
    #expect(try CameraAddress("v4l2:/dev/video0").advice?.contains("by-id") == true)
    #expect(try CameraAddress("v4l2:/dev/v4l/by-id/x").advice == nil)
    #expect(try CameraAddress("dir:/dev/video").advice == nil)
  }
}
