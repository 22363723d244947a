internal import Board
internal import Kernels

extension ConfigurationKey {
  /// Every key, in the order of the file.
  package static let all: [ConfigurationKey] =
    general + camera + console + panel + limits + asking + away

  static let general: [ConfigurationKey] = [
    .optional(
      "store", \.store, form: "a folder",
      "The folder that keeps captures, labels and models. Needed.",
      ConfigurationValue.path),
    .optional(
      "model", \.model, form: "a .loam file",
      "The model to begin with, made by `loam new-task`. Needed for a new store only.",
      ConfigurationValue.path),
    .optional(
      "name", \.name, form: "a text",
      "What the device is called in bundles and on the console; the host's name if absent.",
      ConfigurationValue.text(most: 64)),
    .one(
      "operator", \.operatorName, default: "console", form: "a text",
      "Who answers, for the record of each label.",
      ConfigurationValue.text(most: 64)),
    .one(
      "seed", \.seed, default: "1", form: "a whole number",
      "Decides patches, the first batch, audits and the order of training samples.",
      { text throws(Problem) in
        guard let seed = UInt64(text) else {
          throw Problem("give a whole number from 0 to \(UInt64.max)")
        }
        return seed
      }),
    .optional(
      "threads", \.threads, form: "1 to \(Team.greatestCount)",
      "Threads that share the work of judging a photo; one for each processor, at most "
        + "\(Team.usualLimit), if absent.",
      ConfigurationValue.whole(in: 1...Team.greatestCount)),
  ]

  static let camera: [ConfigurationKey] = [
    .optional(
      "camera.address", \.camera.address, form: "dir:/folder, v4l2:/dev/…, exec:COMMAND or stdin",
      "Where photos come from: a folder they are put into, a video device by its stable name in "
        + "/dev/v4l/by-id, a command that prints JPEGs or MJPEG, or standard input. Without it only "
        + "stored photos are asked about.",
      ConfigurationValue.camera),
    .one(
      "camera.burst", \.camera.burst, default: "1", form: "1 to 16",
      "Photos that one trigger takes; they are one subject and get one label.",
      ConfigurationValue.whole(in: 1...16)),
    .optional(
      "camera.width", \.camera.width, form: "pixels",
      "Wished width of photos, with camera.height; what the camera offers if absent.",
      ConfigurationValue.whole(in: 16...16384)),
    .optional(
      "camera.height", \.camera.height, form: "pixels",
      "Wished height of photos, with camera.width.",
      ConfigurationValue.whole(in: 16...16384)),
    .list(
      "camera.trigger", \.camera.trigger, most: 5,
      form: "a list of arrival, button, interval, motion, command",
      "What takes a photo: its arrival, the shutter button, the passing of camera.interval, a change "
        + "of the picture, the operator's command. If absent, arrival for a folder and standard input, "
        + "button and command for other cameras.",
      { items throws(Problem) in
        if items.isEmpty { return nil }
        var triggers: Set<Trigger> = []
        for item in items { triggers.insert(try ConfigurationValue.choice(item)) }
        return triggers
      }),
    .optional(
      "camera.interval", \.camera.interval, form: "a time, as in 60s",
      "Time between photos, for the trigger `interval`.",
      ConfigurationValue.duration(in: .milliseconds(100) ... .seconds(7 * 86_400))),
    .one(
      "camera.motion_threshold", \.camera.motionThreshold, default: "2%", form: "percent, as in 2%",
      "Share of the picture that must change, for the trigger `motion`.",
      ConfigurationValue.percent(most: 100)),
    .one(
      "camera.timeout", \.camera.timeout, default: "5s", form: "a time, as in 5s",
      "How long a photo may take before the camera is taken for stuck and started again.",
      ConfigurationValue.duration(in: .milliseconds(100) ... .seconds(600))),
  ]

  static let console: [ConfigurationKey] = [
    .optional(
      "console.line", \.console.line, form: "a device",
      "The operator's line: a serial device by its stable name, as in /dev/serial/by-id/NAME or "
        + "/dev/ttyAMA0. Without it (and console.socket) nobody is asked.",
      ConfigurationValue.path),
    .one(
      "console.baud", \.console.baud, default: "115200", form: "9600 to 921600",
      "Speed of the line in bits a second.",
      { text throws(Problem) in
        let speeds = SerialSettings.supportedSpeeds
        guard let speed = Int(text), speeds.contains(speed) else {
          throw Problem(
            "give one of: " + speeds.map(String.init).joined(separator: ", "))
        }
        return speed
      }),
    .one(
      "console.flow", \.console.flow, default: "none", form: "none, hardware or software",
      "How the two ends stop each other: not at all, by RTS/CTS, by XON/XOFF.",
      ConfigurationValue.choice),
    .one(
      "console.colour", \.console.colour, default: "false", form: "true or false",
      "Send colours to the terminal.",
      ConfigurationValue.boolean),
    .one(
      "console.settle", \.console.settle, default: "300ms", form: "a time, as in 300ms",
      "How long a question must stand before a key answers it; 0 for scripts.",
      ConfigurationValue.duration(in: .zero ... .seconds(60))),
    .one(
      "console.login", \.console.login, default: "pin", form: "pin or none",
      "pin asks for the PIN that `loam provision` set; none trusts whoever holds the line.",
      ConfigurationValue.choice),
    .optional(
      "console.socket", \.console.socket, form: "a path",
      "The unix socket that `loam attach` connects to, as in /run/loam/console.",
      { text throws(Problem) in
        let path = try ConfigurationValue.path(text)
        // sun_path holds 108 bytes with its end.
        guard path.hasPrefix("/"), path.utf8.count <= 107 else {
          throw Problem("give a path of at most 107 bytes that begins with /")
        }
        return path
      }),
  ]
}
