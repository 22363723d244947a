#!/bin/sh
# Makes onnx.pb.swift from onnx.proto. Needed only after a change of the .proto.
#
# usage: generate.sh PROTOC_GEN_SWIFT
#   PROTOC_GEN_SWIFT  the plugin, built from the swift-protobuf package of the version in
#                     Package.swift: swift build --product protoc-gen-swift
# protoc comes from Debian's protobuf-compiler.
set -eu
plugin=${1:?usage: generate.sh PROTOC_GEN_SWIFT}
folder=$(cd "$(dirname "$0")" && pwd)
protoc --plugin=protoc-gen-swift="$plugin" --proto_path="$folder" \
  --swift_opt=Visibility=Internal --swift_out="$folder" onnx.proto
# Strict memory safety wants the generator's one unsafe constant marked where it is read.
sed -i 's/= _StorageClass.defaultInstance/= unsafe _StorageClass.defaultInstance/' "$folder/onnx.pb.swift"
