#!/usr/bin/env python3
"""manpage.py DATE: the man page loam(1), from what `loam --experimental-dump-help` prints on standard input."""
import json
import sys


def text(string):
    """Text as troff takes it: backslashes doubled, no line that begins with a dot or an apostrophe, hyphens that stay hyphens."""
    lines = (string or "").replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def paragraphs(string):
    """The discussion, paragraph by paragraph; what is indented stays as it is."""
    for block in (string or "").split("\n\n"):
        if not block.strip():
            continue
        yield ".PP"
        for line in block.split("\n"):
            if line.startswith("  "):
                yield ".br"
                yield ".RS"
                yield text(line.strip())
                yield ".RE"
            else:
                yield text(line)


def dashed(name):
    return ("-" if name["kind"] in ("short", "longWithSingleDash") else "--") + name["name"]


def heading(argument):
    """What one types: `\\-\\-name value`."""
    if argument["kind"] == "positional":
        return f"\\fI{text(argument.get('valueName', 'value'))}\\fR"
    names = ", ".join(f"\\fB{text(dashed(name))}\\fR" for name in argument["names"])
    if argument["kind"] == "option":
        names += f" \\fI{text(argument.get('valueName', 'value'))}\\fR"
    return names


def options(arguments):
    for argument in arguments:
        if not argument.get("shouldDisplay", True):
            continue
        yield ".TP"
        yield heading(argument)
        about = argument.get("abstract", "")
        if argument.get("defaultValue") is not None:
            about += f" (usual: {argument['defaultValue']})"
        yield text(about) or "\\&"


def page(command, date):
    name = command["commandName"]
    yield f'.TH {name.upper()} 1 "{date}" "Loam"'
    yield ".SH NAME"
    yield f"{name} \\- {text(command['abstract']).rstrip('.')}"
    yield ".SH SYNOPSIS"
    yield f".B {name}"
    yield ".I command"
    yield ".RI [ options ]"
    yield ".SH DESCRIPTION"
    yield from paragraphs(command.get("discussion"))
    yield ".SH COMMANDS"
    for sub in command.get("subcommands", []):
        if sub["commandName"] == "help" or not sub.get("shouldDisplay", True):
            continue
        yield from subpage(sub, name)
    yield ".SH FILES"
    for path, what in (
        ("/etc/loam/loam.yaml", "the device's configuration; loam config keys lists what it may hold"),
        ("/etc/loam/model.loam", "the model to begin with, made by loam new\\-task"),
        ("/usr/share/loam/efficientnet-lite0.loam", "a pretrained network to make it from"),
        ("/var/lib/loam/store", "captures, labels, models, the device's key"),
        ("/var/lib/loam/incoming", "the folder that is the camera, unless the configuration names another"),
    ):
        yield ".TP"
        yield f".I {text(path)}"
        yield what
    yield ".SH EXIT STATUS"
    yield "0 done; 1 the work failed or the input was bad; 64 bad usage."


def subpage(command, path):
    path = f"{path} {command['commandName']}"
    yield f".SS {text(path)}"
    yield text(command.get("abstract", ""))
    yield from paragraphs(command.get("discussion"))
    yield from options(a for a in command.get("arguments", []) if not {"help", "version"} & {n["name"] for n in a.get("names", [])})
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help":
            yield from subpage(sub, path)


if __name__ == "__main__":
    print("\n".join(page(json.load(sys.stdin)["command"], sys.argv[1])))
