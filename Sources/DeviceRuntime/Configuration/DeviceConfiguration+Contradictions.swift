internal import Board

extension DeviceConfiguration {
  /// What cannot hold together although each value is good by itself.
  var contradictions: [String] {
    cameraContradictions + lineContradictions + powerContradictions
  }

  private var cameraContradictions: [String] {
    var found: [String] = []
    if (camera.width == nil) != (camera.height == nil) {
      found.append("camera.width and camera.height go together: set both or neither")
    }
    if camera.trigger?.contains(.interval) == true, camera.interval == nil {
      found.append("camera.trigger names interval; set camera.interval, as in 60s")
    }
    if camera.interval != nil, !camera.triggers.contains(.interval) {
      found.append("camera.interval is set, but camera.trigger does not name interval; add it")
    }
    if camera.trigger?.contains(.button) == true, gpio.shutter == nil {
      found.append("camera.trigger names button; set gpio.shutter to the button's line")
    }
    switch camera.address {
    case .device where camera.triggers.contains(.arrival),
      .command where camera.triggers.contains(.arrival):
      found.append(
        "camera.trigger names arrival, but a camera takes photos when it is told to; use button, "
          + "interval, motion or command (a program that decides itself can write to stdin or a folder)"
      )
    case .folder, .standardInput:
      let others = camera.triggers.subtracting([.arrival]).map(\.rawValue).sorted()
      if !others.isEmpty {
        found.append(
          "camera.trigger names \(others.joined(separator: ", ")), but photos from a folder or "
            + "standard input come when they come; use arrival alone")
      }
    default: break
    }
    return found
  }

  private var lineContradictions: [String] {
    var found: [String] = []
    var keys: [String: String] = [:]
    for (key, line) in gpio.named {
      if let earlier = keys.updateValue(key, forKey: line) {
        found.append("\(key) and \(earlier) are both the line \(shown(line)); give each its own")
      }
    }
    for line in gpio.activeLow.sorted() where keys[line] == nil {
      found.append("gpio.active_low names \(shown(line)), which no gpio key uses; remove it")
    }
    return found
  }

  private var powerContradictions: [String] {
    guard power.then != .stay, power.every == nil else { return [] }
    return [
      "power.then is \(power.then.rawValue); set power.every, as in 15m, or power.then to stay"
    ]
  }
}
