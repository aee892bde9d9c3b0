#!/usr/bin/env python3
"""Writes descriptor-v1: a visual descriptor of colour, texture and layout as a fixed ONNX graph.

    python3 make_descriptor.py [FOLDER]      FOLDER defaults to descriptor-v1 beside this script

Nothing is learned and nothing is random, so the same versions of onnx write the same bytes. Input is
`image`, float32 [N, 3, 192, 192], RGB in 0..1. Output is `vector`, float32 [N, 388], of length 1. Its
groups, each centred, brought to a length of its own and weighted:

    luma layout     8x8 means of luma, less their mean                            64
    colour layout   4x4 means of red-green and yellow-blue                        32
    histogram       shares of 64 colours in the picture, less an even share       64
    histograms      shares of 12 colours in each quarter, less an even share      48
    texture         6 orientations at 3 scales in 3x3 fields, less a scale's mean 162
    detail          6 orientations at 3 scales in the whole, less their mean      18
"""

import json
import math
import pathlib
import sys

import numpy
from onnx import TensorProto, checker, helper, numpy_helper, save

SIZE = 192
ORIENTATIONS = 6
# How sharply a pixel belongs to the nearest colour of a histogram. Sharper ones notice small changes
# of light.
SHARPNESS = 20.0


class Graph:
    """Collects nodes and constants and names their outputs."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, values, dtype=numpy.float32):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(values, dtype=dtype), name))
        return name

    def add(self, operation, *inputs, **attributes):
        name = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=name, **attributes))
        return name

    def pool(self, image, kernel):
        return self.add("AveragePool", image, kernel_shape=[kernel, kernel], strides=[kernel, kernel])

    def flat(self, image):
        return self.add("Flatten", image, axis=1)

    def centred(self, group):
        """Less the group's own mean."""
        axes = self.constant([1], numpy.int64)
        return self.add("Sub", group, self.add("ReduceMean", group, axes, keepdims=1))

    def scaled(self, group, weight, floor):
        """To the length `weight`; shorter where the group is not much longer than `floor`."""
        axes = self.constant([1], numpy.int64)
        squares = self.add("ReduceSumSquare", group, axes, keepdims=1)
        length = self.add("Sqrt", self.add("Add", squares, self.constant([[floor * floor]])))
        return self.add("Mul", self.add("Div", group, length), self.constant([[weight]]))


def colour_shares(graph, image, colours):
    """Each pixel's soft membership in the given colours, [N, colours, height, width]."""
    colours = numpy.asarray(colours, dtype=numpy.float64)
    weights = (2 * SHARPNESS * colours).reshape(-1, 3, 1, 1)
    bias = -SHARPNESS * (colours**2).sum(axis=1)
    scores = graph.add("Conv", image, graph.constant(weights), graph.constant(bias), kernel_shape=[1, 1])
    return graph.add("Softmax", scores, axis=1)


def histogram(graph, shares, kernel, bins):
    """Square roots of the shares, so that small ones count too, less those of an even spread."""
    roots = graph.add("Sqrt", graph.flat(graph.pool(shares, kernel)))
    return graph.add("Sub", roots, graph.constant([[math.sqrt(1 / bins)]]))


def oriented_filters():
    """Pairs of even and odd Gabor filters of zero mean, [2 * ORIENTATIONS, 1, 7, 7]."""
    y, x = numpy.mgrid[-3:4, -3:4].astype(numpy.float64)
    window = numpy.exp(-(x**2 + y**2) / (2 * 1.6**2))
    filters = []
    for wave in (numpy.cos, numpy.sin):
        for orientation in range(ORIENTATIONS):
            angle = math.pi * orientation / ORIENTATIONS
            along = x * math.cos(angle) + y * math.sin(angle)
            kernel = wave(2 * math.pi * along / 5) * window
            kernel -= window * kernel.sum() / window.sum()
            filters.append(kernel / numpy.abs(kernel).sum())
    # What should be zero is some 1e-20, and which depends on the processor.
    return numpy.stack(filters)[:, None].round(12) + 0.0


def energies(graph, luma):
    """The local energy in each orientation, [N, ORIENTATIONS, height, width]."""
    pads = graph.constant([0, 0, 3, 3, 0, 0, 3, 3], numpy.int64)
    padded = graph.add("Pad", luma, pads, mode="edge")
    filtered = graph.add("Conv", padded, graph.constant(oriented_filters()), kernel_shape=[7, 7])
    squares = graph.add("Mul", filtered, filtered)
    pairs = numpy.concatenate([numpy.eye(ORIENTATIONS)] * 2, axis=1)[:, :, None, None]
    return graph.add("Conv", squares, graph.constant(pairs), kernel_shape=[1, 1])


def logarithm(graph, energy):
    return graph.add("Log", graph.add("Add", energy, graph.constant(1e-5)))


def build():
    graph = Graph()
    opponents = [[[0.299, 0.587, 0.114]], [[1, -1, 0]], [[0.5, 0.5, -1]]]
    planes = graph.add(
        "Conv", "image", graph.constant(numpy.array(opponents).reshape(3, 3, 1, 1)), kernel_shape=[1, 1]
    )
    axes = graph.constant([1], numpy.int64)
    luma = graph.add("Slice", planes, graph.constant([0], numpy.int64), graph.constant([1], numpy.int64), axes)
    colour = graph.add("Slice", planes, graph.constant([1], numpy.int64), graph.constant([3], numpy.int64), axes)

    luma_layout = graph.centred(graph.flat(graph.pool(luma, SIZE // 8)))
    colour_layout = graph.flat(graph.pool(colour, SIZE // 4))

    small = graph.pool("image", 4)
    levels = (0.08, 0.36, 0.64, 0.92)
    fine = [(r, g, b) for r in levels for g in levels for b in levels]
    whole = histogram(graph, colour_shares(graph, small, fine), SIZE // 4, len(fine))
    greys = [(v, v, v) for v in (0.05, 0.3, 0.55, 0.85)]
    hues = [(0.7, 0.2, 0.15), (0.7, 0.45, 0.2), (0.6, 0.6, 0.2), (0.25, 0.5, 0.2)]
    hues += [(0.2, 0.5, 0.5), (0.25, 0.4, 0.7), (0.45, 0.25, 0.6), (0.8, 0.6, 0.5)]
    coarse = greys + hues
    quarters = histogram(graph, colour_shares(graph, small, coarse), SIZE // 8, len(coarse))

    texture, detail = [], []
    scale, size = luma, SIZE
    for _ in range(3):
        scale, size = graph.pool(scale, 2), size // 2
        energy = energies(graph, scale)
        texture.append(graph.centred(logarithm(graph, graph.flat(graph.pool(energy, size // 3)))))
        detail.append(logarithm(graph, graph.flat(graph.pool(energy, size))))
    texture = graph.add("Concat", *texture, axis=1)
    detail = graph.centred(graph.add("Concat", *detail, axis=1))

    groups = [
        graph.scaled(luma_layout, 1.0, 0.3),
        graph.scaled(colour_layout, 0.9, 0.15),
        graph.scaled(whole, 1.0, 0.05),
        graph.scaled(quarters, 0.8, 0.05),
        graph.scaled(texture, 0.9, 1.0),
        graph.scaled(detail, 0.4, 1.0),
    ]
    joined = graph.add("Concat", *groups, axis=1)
    length = graph.add("Sqrt", graph.add("ReduceSumSquare", joined, axes, keepdims=1))
    graph.nodes.append(helper.make_node("Div", [joined, length], ["vector"], name="vector"))

    dimension = 64 + 32 + len(fine) + 4 * len(coarse) + 3 * 9 * ORIENTATIONS + 3 * ORIENTATIONS
    shape = ["N", 3, SIZE, SIZE]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "descriptor-v1",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["N", dimension])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=8,
        producer_name="heaters",
    )
    checker.check_model(model)
    return model, dimension


def manifest(dimension):
    return {
        "name": "descriptor-v1",
        "version": "1",
        "dimension": dimension,
        "input": {"width": SIZE, "height": SIZE},
        "normalisation": {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0]},
        "colour_order": "rgb",
        "resize": "stretch",
        "text_encoder": None,
    }


def main():
    here = pathlib.Path(__file__).parent
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "descriptor-v1"
    folder.mkdir(parents=True, exist_ok=True)
    model, dimension = build()
    save(model, folder / "model.onnx")
    (folder / "manifest.json").write_text(json.dumps(manifest(dimension), indent=2) + "\n")


if __name__ == "__main__":
    main()
