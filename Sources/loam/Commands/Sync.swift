import ArgumentParser
import DeviceRuntime
import Sync

/// `loam sync`: brings the bundles of a store to another machine.
struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Send the bundles that wait to a machine that is reached by ssh.",
    discussion: """
      The present model goes into the outbox first, if it or its labels changed. Each bundle is sent \
      by rsync where both sides have it, by sftp elsewhere, compared there by hash, and only then \
      gets its name; a run that was interrupted goes on at the byte where it stopped. Nothing is ever \
      asked: keys have to be set up. Paths: ssh://user@host/absolute/path or ssh://user@host/~/below/home.

        loam sync ssh://ann@desk/srv/loam --store /var/lib/loam --key /etc/loam/sync_key
      """)

  @Argument(help: "Where to: ssh://user@host[:port]/path.")
  var destination: String

  @Option(help: "The device's folder.")
  var store: String

  @Option(help: "The private key; otherwise what ssh's configuration and agent have.")
  var key: String?

  @Option(help: "A file of known host keys instead of the user's own.")
  var knownHosts: String?

  @Option(help: "A configuration file for ssh instead of the user's own.")
  var sshConfig: String?

  @Flag(help: "Take the key of a host that was never seen, and note it.")
  var acceptNewHostKey = false

  @Flag(help: "Use sftp also where rsync could be had.")
  var sftp = false

  @Flag(help: "Send the bundles that were sent before and are still here, too.")
  var all = false

  @Flag(help: "Make no new bundle; send what waits.")
  var noExport = false

  @Flag(help: "Say what would be sent; nothing is written on either side.")
  var dryRun = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let place = try Destination(destination)
    let outbox = Outbox(store: store)
    if !noExport && !dryRun {
      let next = try Bundle.exportNext(store: store)
      if next.isNew { say("\(next.bundle.name): new") }
    }
    let options = SSHOptions(
      key: key, knownHosts: knownHosts, configuration: sshConfig,
      acceptsNewHosts: acceptNewHostKey, onlySFTP: sftp)
    let transport = try SSHTransport(to: place, options: options, scratch: outbox.folder)
    let courier = Courier(outbox: outbox, transport: transport) { say($0) }
    let report = try await courier.run(all: all, dryRun: dryRun)
    if json {
      try printJSON(report)
    } else {
      for bundle in report.would_send { print("\(bundle) would be sent") }
      for arrival in report.sent {
        print(
          arrival.already_there
            ? "\(arrival.bundle): was there already"
            : "\(arrival.bundle): arrived, \(byteText(arrival.bytes)), sent "
              + "\(byteText(arrival.bytes_sent)) by \(arrival.method ?? "?") "
              + "in \(decimal(arrival.seconds, 1)) s")
      }
      if report.failed.isEmpty, report.sent.isEmpty, report.would_send.isEmpty {
        print("nothing waits to be sent")
      }
    }
    if let failure = report.failed.first {
      for other in report.failed.dropFirst() { say("\(other.bundle): \(other.error)") }
      throw CommandFailure(
        "\(failure.bundle): \(failure.error) (\(report.unsent) bundles wait to be sent)")
    }
  }
}
