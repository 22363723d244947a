package import Board
package import Logging
import SampleStore

/// The device's one loop: a photo, learning and asking if they are due, the operator; then again.
package final class DeviceLoop {
  private let device: Device
  private let camera: FolderCamera?
  private let console: ConsoleLoop?
  private let log: Logger
  private var cameraIsGone = false

  /// A loop over `device`; without a camera it only asks about what the store holds, without a
  /// console it only collects.
  package init(device: Device, camera: FolderCamera?, console: ConsoleLoop?, log: Logger) {
    self.device = device
    self.camera = camera
    self.console = console
    self.log = log
    device.notice = { [weak console] in console?.notice($0) }
  }

  /// Runs until `shouldStop` says so; what was acknowledged by then is in the store.
  ///
  /// A step that fails is recorded and said to the operator, and the loop goes on.
  package func run(until shouldStop: () -> Bool) {
    while !shouldStop() {
      let tookPhoto = guarded("capture") { try takePhoto() } ?? false
      guarded("learning") { try device.learnIfDue() }
      guarded("asking") { try device.askIfDue() }
      let wait: Duration = tookPhoto ? .zero : .milliseconds(50)
      if let console {
        console.poll(timeout: wait, desk: device)
      } else if !tookPhoto {
        _ = guarded("capture") { try takePhoto(timeout: .milliseconds(200)) }
      }
    }
    console?.notice("Loam stops; everything answered is kept.")
    console?.drain(timeout: .milliseconds(500))
  }

  /// Judges the next photo, if one has come.
  private func takePhoto(timeout: Duration = .zero) throws -> Bool {
    guard let camera else { return false }
    do throws(CameraError) {
      guard let file = try camera.next(timeout: timeout) else {
        cameraIsGone = false
        return false
      }
      cameraIsGone = false
      capture(file)
      return true
    } catch {
      if !cameraIsGone { report("camera", "\(error)") }
      cameraIsGone = true
      return false
    }
  }

  private func capture(_ file: CameraFile) {
    guarded("capture") { try device.capture(path: file.path) }
    if let counts = try? device.store.counts(), counts.captures.isMultiple(of: 10) {
      console?.progress("\(counts.captures) photos judged")
    }
  }

  /// Runs `step`; an error is recorded and said, and gives `nil`.
  @discardableResult
  private func guarded<Result>(_ what: String, _ step: () throws -> Result) -> Result? {
    do {
      return try step()
    } catch {
      report(what, "\(error)")
      return nil
    }
  }

  private func report(_ what: String, _ message: String) {
    log.error("\(what) failed", metadata: ["reason": "\(message)"])
    console?.notice("\(what): \(message)")
    try? device.store.recordEvent(
      .error, kind: "\(what).failed", message: message, at: device.clock.stamp)
  }
}
