/// What is done at the destination by a shell there.
///
/// The scripts are POSIX shell, read by `sh` from its standard input, so that no login shell ever sees a
/// name; what they say for Loam begins with `loam: `, whatever else a login prints.
enum RemoteScript {
  /// Says what there is: tools, and the bundle's state. Makes the folders if `prepare`.
  static func find(_ shipment: Shipment, at path: String, prepare: Bool) -> String {
    head(shipment, at: path) + """
      if command -v rsync >/dev/null 2>&1; then say rsync; fi
      if [ -n "$sum" ]; then say sum "$sum"; fi
      if [ -e "$final" ] || [ -L "$final" ]; then
        if [ -n "$sum" ]; then
          if right "$final"; then say state same; else say state different; fi
        fi
        say present
        exit 0
      fi
      say state absent
      if [ \(prepare ? 1 : 0) = 1 ]; then
        [ -d "$root" ] || mkdir "$root" || exit 21
        [ -d "$root/.staging" ] || mkdir "$root/.staging" || exit 21
        [ -d "$stage" ] || mkdir "$stage" || exit 21
      elif [ -d "$root" ] && [ ! -w "$root" ]; then
        echo "$root: not writable: Permission denied" >&2
        exit 21
      fi
      say done

      """
  }

  /// Compares the files in the staging folder, removes what is wrong, and gives the folder its name.
  static func publish(_ shipment: Shipment, at path: String) -> String {
    head(shipment, at: path) + """
      if [ ! -d "$stage" ] && [ -d "$final" ] && right "$final"; then say placed; exit 0; fi
      cd "$stage" || exit 21
      bad=0
      while read -r hash file; do
        if ! matches "$hash" "$file"; then
          bad=1
          say bad "$file"
          rm -f -- "$file"
        fi
      done <<'LOAM-FILES'
      \(list(shipment))
      LOAM-FILES
      [ "$bad" = 0 ] || exit 22
      sync -- * . 2>/dev/null || sync || exit 21
      cd - >/dev/null || exit 21
      if [ -e "$final" ] || [ -L "$final" ]; then
        if right "$final"; then rm -rf -- "$stage"; say placed; exit 0; fi
        say state different
        exit 23
      fi
      if mv --help 2>&1 | grep -q -e ' -T'; then
        mv -T -- "$stage" "$final" || exit 21
      else
        mv -- "$stage" "$final" || exit 21
        if [ -e "$final/\(shipment.stagingName)" ]; then say state different; exit 23; fi
      fi
      sync -- "$root" "$root/.staging" 2>/dev/null || sync
      say placed

      """
  }

  private static func head(_ shipment: Shipment, at path: String) -> String {
    """
    export LC_ALL=C
    root=\(Quoting.shell(path))
    final="$root/"\(Quoting.shell(shipment.name))
    stage="$root/.staging/"\(Quoting.shell(shipment.stagingName))
    say() { printf 'loam: %s\\n' "$*"; }
    sum=
    if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum
    elif command -v shasum >/dev/null 2>&1; then sum='shasum -a 256'; fi
    matches() { [ -f "$2" ] && [ ! -L "$2" ] && printf '%s  %s\\n' "$1" "$2" | $sum -c - >/dev/null 2>&1; }
    right() (
      cd "$1" 2>/dev/null || exit 1
      while read -r hash file; do matches "$hash" "$file" || exit 1; done <<'LOAM-FILES'
    \(list(shipment))
    LOAM-FILES
    )
    say shell

    """
  }

  /// Lines of hash and name, as `sha256sum` has them; names of bundles need no quoting.
  private static func list(_ shipment: Shipment) -> String {
    shipment.files.map { "\($0.sha256) \($0.name)" }.joined(separator: "\n")
  }
}
