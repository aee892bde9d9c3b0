#!/usr/bin/env python3
"""Trains the models that weigh evidence for cuts and gradual transitions (shared/domain/src/scenes/model.json).

    tests/bench/footage/train.py MODEL.json EVIDENCE.jsonl…

EVIDENCE is what `target/debug/examples/labelled` prints for raw thumbnails with their labels
beside them. Needs numpy and scikit-learn 1.9. The same evidence gives the same model.
"""

import json
import pathlib
import sys

import numpy
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

TOLERANCE = 2
# What can only speak for a boundary (1) or against it (-1), by the evidence's place; what lies across must differ.
CUT_SENSE = {0: 1, 1: 1, 2: 1, 3: 1, 22: 1, 23: 1, 26: 1, 27: 1, 30: 1, 31: 1, 32: 1, 33: 1, 34: 1, 35: 1, 36: 1, 37: 1, 38: 1,
             39: 1, 40: 1, 41: 1}
FADE_SENSE = {0: 1}
GRADUAL_SENSE = {0: -1, 3: 1, 4: 1, 8: 1, 12: 1, 13: 1, 17: 1, 18: 1, 19: 1, 44: 1, 45: 1}
SENSES = {"cut": CUT_SENSE, "gradual": GRADUAL_SENSE, "fade": FADE_SENSE}
SETTINGS = dict(learning_rate=0.1, max_iter=400, max_leaf_nodes=6, min_samples_leaf=12, l2_regularization=2.0,
                max_features=0.5, early_stopping=False)
# So many models, each of other chances, are asked together: their errors are not the same.
MODELS = 3
# A false boundary in an uncut take counts as so many in composed footage, of which there is much more.
TAKE_WEIGHT = 5.0


def is_right(candidate, label):
    """1 or 0; None where the other model answers for it, or it is a small part of what is right."""
    frame = candidate["frame"]
    gradual = candidate["kind"] != "cut"
    for truth in label["boundaries"]:
        start, end = truth.get("start_frame", truth["frame"]), truth.get("end_frame", truth["frame"])
        inside = start - TOLERANCE <= frame <= end + TOLERANCE
        if inside and (truth["kind"] != "cut") == gradual:
            if not gradual:
                return int(abs(frame - start) <= 1)
            shared = min(end, candidate["end_frame"]) - max(start, candidate["start_frame"])
            return 1 if end - start <= 12 or shared >= 0.3 * (end - start) else None
        # Half a dozen frames are a cut to one and a dissolve to the other.
        if inside and not gradual and end - start <= 6:
            return None
    return 0


def model_of(kind):
    return {"cut": "cut", "fade_black": "fade", "fade_white": "fade"}.get(kind, "gradual")


def examples(files):
    found = {name: ([], [], [], []) for name in SENSES}
    for line in (line for file in files for line in open(file)):
        video = json.loads(line)
        label = json.loads(pathlib.Path(video["file"]).with_suffix(".json").read_text())
        take = not label["traps"] and all(truth.get("tag") == "real" for truth in label["boundaries"])
        for candidate in video["evidence"]:
            right = is_right(candidate, label)
            if right is not None:
                evidence, answers, groups, weights = found[model_of(candidate["kind"])]
                evidence.append(candidate["evidence"])
                answers.append(right)
                groups.append(label["id"])
                weights.append(TAKE_WEIGHT if take and not right else 1.0)
    return {name: tuple(numpy.array(part) for part in parts) for name, parts in found.items()}


def fitted(evidence, answers, weights, sense):
    constraints = [sense.get(at, 0) for at in range(evidence.shape[1])]
    return [
        HistGradientBoostingClassifier(monotonic_cst=constraints, random_state=1 + number, **SETTINGS)
        .fit(evidence, answers, sample_weight=weights)
        for number in range(MODELS)
    ]


def unseen_odds(evidence, answers, groups, weights, sense):
    """Log-odds of each example by models that haven't seen its video."""
    odds = numpy.zeros(len(answers))
    for seen, unseen in GroupKFold(5).split(evidence, answers, groups):
        models = fitted(evidence[seen], answers[seen], weights[seen], sense)
        odds[unseen] = numpy.mean([model.decision_function(evidence[unseen]) for model in models], axis=0)
    return odds


def preorder(nodes, at, tree):
    """A tree's nodes as columns, a leaf's value as its share of the mean of all models."""
    node, place = nodes[at], len(tree["feature"])
    leaf = bool(node["is_leaf"])
    tree["feature"].append(None if leaf else int(node["feature_idx"]))
    tree["value"].append(float(f"{node['value'] / MODELS if leaf else node['num_threshold']:.6g}"))
    tree["right"].append(0)
    if not leaf:
        preorder(nodes, node["left"], tree)
        tree["right"][place] = len(tree["feature"])
        preorder(nodes, node["right"], tree)
    return tree


def trained(name, evidence, answers, groups, weights, sense):
    odds = unseen_odds(evidence, answers, groups, weights, sense)
    calibration = LogisticRegression(C=10.0).fit(odds[:, None], answers)
    slope, shift = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    taken = slope * odds + shift > 0
    hits, precision, recall = (taken & (answers == 1)).sum(), taken.sum(), answers.sum()
    print(f"{name}: {len(answers)} examples, {recall} right; of unseen videos {hits} found, {precision - hits} false")
    models = fitted(evidence, answers, weights, sense)
    predictors = [predictor[0] for model in models for predictor in model._predictors]
    trees = [preorder(predictor.nodes, 0, {"feature": [], "value": [], "right": []}) for predictor in predictors]
    base = float(numpy.mean([numpy.ravel(model._baseline_prediction)[0] for model in models]))
    return {"base": round(base, 6), "calibration": [round(slope, 6), round(shift, 6)], "trees": trees}


def main():
    found = examples(sys.argv[2:])
    models = {
        name: trained(name, *found[name], sense) for name, sense in SENSES.items()
    }
    lines = []
    for name, model in models.items():
        trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in model.pop("trees"))
        head = json.dumps(model, separators=(",", ":"))[:-1]
        lines.append(f'"{name}":{head},"trees":[\n{trees}\n]}}')
    pathlib.Path(sys.argv[1]).write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
