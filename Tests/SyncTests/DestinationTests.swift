import Sync
import Testing

@Suite("A destination")
struct DestinationTests {
  @Test("is taken apart")
  func parts() throws {
    let plain = try Destination("ssh://ann@desk/srv/loam")
    #expect(plain.user == "ann" && plain.host == "desk" && plain.port == nil)
    #expect(plain.path == "/srv/loam" && plain.description == "ssh://ann@desk/srv/loam")
    let port = try Destination("ssh://desk.example.org:2222/a//b/")
    #expect(port.user == nil && port.port == 2222 && port.path == "/a/b")
    let six = try Destination("ssh://ann@[::1]:22/x")
    #expect(six.host == "::1" && six.port == 22 && six.description == "ssh://ann@[::1]:22/x")
    #expect(try Destination("ssh://ann@desk/~/below/home").path == "./below/home")
    #expect(try Destination("ssh://ann@desk/~").path == ".")
    #expect(
      try Destination("ssh://a@b/with%20space and 'quotes' $(x)").path
        == "/with space and 'quotes' $(x)")
  }

  @Test(
    "is refused when ssh could take a part of it for something else",
    arguments: [
      "", "desk:/path", "http://desk/path", "ssh://", "ssh://desk", "ssh://desk/", "ssh:///path",
      "ssh://-oProxyCommand=x/path", "ssh://-l@desk/path", "ssh://ann@-desk/path",
      "ssh://ann:secret@desk/path", "ssh://a b@desk/path", "ssh://desk name/path",
      "ssh://desk:0/path", "ssh://desk:65536/path", "ssh://desk:-1/path", "ssh://desk:2x/path",
      "ssh://desk:/path", "ssh://::1/path", "ssh://[::1/path", "ssh://[::1]x/path",
      "ssh://[desk]/path", "ssh://desk/a%0Ab", "ssh://desk/a\nb", "ssh://desk/a\u{1b}[2J",
      "ssh://desk/a%zz", "ssh://desk/{a,b}", "ssh://desk/a%2", "ssh://desk/%ff",
      "ssh://desk/../etc",
      "ssh://desk/a/../b", "ssh://desk/%2e%2e/b", "ssh://desk/\u{202e}x", "ssh://a;b@desk/x",
      "ssh://$(x)/y", "ssh://desk%00/y",
    ])
  func refused(_ text: String) {
    #expect { try Destination(text) } throws: { ($0 as? SyncError)?.kind == .badDestination }
  }

  @Test("is refused when it is too long")
  func long() {
    let path = String(repeating: "a", count: 1025)
    #expect(throws: SyncError.self) { try Destination("ssh://desk/\(path)") }
  }
}
