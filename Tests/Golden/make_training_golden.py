#!/usr/bin/env python3
"""Writes training.json: softmax regression trained by PyTorch, step by step, for the tests of Training.

usage: make_training_golden.py OUTPUT      needs torch (made with 2.15.0, CPU) and nothing else

Features 23 wide (no multiple of a vector), 3 classes, 20 steps of momentum gradient descent (0.9) in
fp32 on batches of 7 rows, weight decay 0.05 on the weights alone, rate 0.05 falling in a straight
line to 0. Rows count with weights; the loss of a batch is the weighted sum of cross entropies
divided by its rows.
"""
import json
import sys

import torch

torch.manual_seed(20261123)
torch.set_num_threads(1)
ROWS, WIDTH, CLASSES, BATCH, STEPS = 35, 23, 3, 7, 20
inputs = torch.randn(ROWS, WIDTH)
labels = torch.randint(0, CLASSES, (ROWS,))
row_weights = torch.rand(ROWS) + 0.5
layer = torch.nn.Linear(WIDTH, CLASSES)
first = [p.detach().clone() for p in (layer.weight, layer.bias)]
groups = [{"params": [layer.weight], "weight_decay": 0.05}, {"params": [layer.bias]}]
optimiser = torch.optim.SGD(groups, lr=0.05, momentum=0.9, weight_decay=0)
batches, losses = [], []
for step in range(STEPS):
    batch = torch.randperm(ROWS)[:BATCH]
    for group in optimiser.param_groups:
        group["lr"] = 0.05 * (1 - step / STEPS)
    each = torch.nn.functional.cross_entropy(layer(inputs[batch]), labels[batch], reduction="none")
    loss = (each * row_weights[batch]).sum() / BATCH
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    batches.append(batch.tolist())
    losses.append(loss.item())
flat = lambda tensor: tensor.detach().flatten().tolist()
with open(sys.argv[1], "w") as file:
    json.dump({
        "made_by": f"make_training_golden.py, torch {torch.__version__}, seed 20261123",
        "width": WIDTH, "classes": CLASSES, "inputs": flat(inputs), "labels": labels.tolist(),
        "rowWeights": flat(row_weights), "batches": batches, "losses": losses,
        "firstWeights": flat(first[0]), "firstBias": flat(first[1]),
        "lastWeights": flat(layer.weight), "lastBias": flat(layer.bias),
    }, file)
    file.write("\n")
