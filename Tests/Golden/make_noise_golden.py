#!/usr/bin/env python3
"""Writes label_noise.json: confident learning by cleanlab, for the tests of ActiveLearning.

usage: make_noise_golden.py OUTPUT      needs cleanlab (made with 2.7.1, numpy 1.26.4)

Made-up labels of which some are flipped, and probabilities as of a model that has not seen them, rounded
to 1/1024. For each case the confident joint without calibration (cleanlab puts at least 1 on its
diagonal), the off-diagonal share of the joint calibrated to the labels given (cleanlab rounds it to
whole labels), and the suspects in the order of their normalised margin.
"""
import json
import sys

import cleanlab
import numpy
from cleanlab.count import compute_confident_joint, estimate_joint
from cleanlab.filter import find_label_issues

SEED = 20261123
random = numpy.random.default_rng(SEED)
cases = []
for classes, count, flipped, sharpness in [(2, 80, 0.1, 2), (3, 120, 0.05, 1.5), (5, 200, 0.2, 2.5), (4, 90, 0, 1)]:
    truth = random.integers(classes, size=count)
    wrong = random.random(count) < flipped
    labels = numpy.where(wrong, (truth + random.integers(1, classes, size=count)) % classes, truth)
    logits = random.normal(size=(count, classes))
    logits[numpy.arange(count), truth] += sharpness
    probabilities = numpy.exp(logits) / numpy.exp(logits).sum(1, keepdims=True)
    probabilities = numpy.maximum(numpy.round(probabilities * 1024), 1) / 1024
    joint = compute_confident_joint(labels, probabilities, calibrate=False)
    calibrated = estimate_joint(labels, probabilities, confident_joint=joint)
    suspects = find_label_issues(
        labels, probabilities, filter_by="confident_learning", return_indices_ranked_by="normalized_margin",
        min_examples_per_class=0, n_jobs=1)
    cases.append({
        "classes": classes, "labels": labels.tolist(), "probabilities": probabilities.tolist(),
        "joint": joint.tolist(), "noiseShare": float(1 - numpy.trace(calibrated)),
        "suspects": [int(index) for index in suspects],
    })
with open(sys.argv[1], "w") as file:
    made_by = f"make_noise_golden.py, cleanlab {cleanlab.__version__}, numpy {numpy.__version__}, seed {SEED}"
    json.dump({"made_by": made_by, "cases": cases}, file)
    file.write("\n")
