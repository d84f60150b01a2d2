"""Writes keras-bfloat16.weights.h5 and odd-values.h5 with h5py 3 and NumPy.

Usage: python make-hdf5.py FOLDER
"""

import pathlib
import sys
import zlib

import h5py
import numpy

folder = pathlib.Path(sys.argv[1])

# One layer as Keras 3.15 writes it under the dtype policy bfloat16: an opaque type without a tag
with h5py.File(folder / "keras-bfloat16.weights.h5", "w") as file:
    variables = file.create_group("layers/conv2d/vars")
    variables.attrs["name"] = "conv2d"
    data = numpy.full(3, 0x3F80, "<u2").view("V2")
    variables.create_dataset("0", data=data).attrs["dtype"] = "bfloat16"

with h5py.File(folder / "odd-values.h5", "w") as file:
    values = numpy.arange(128, dtype="<f4").reshape(16, 8) / 4
    file["whole/values"] = values
    file["half/values"] = values.astype("<f2")
    file["double/values"] = values.astype("<f8")
    file["big_endian/values"] = values.astype(">f4")
    file["scalar/values"] = numpy.float32(2.5)
    file["empty/values"] = numpy.zeros((0, 3), "<f4")
    file["integers/values"] = numpy.arange(4, dtype="<i4")
    file["text/values"] = "not a number"
    file["link/values"] = h5py.SoftLink("/whole/values")
    file["outside/values"] = h5py.ExternalLink("another.h5", "/values")
    packed = dict(chunks=(4, 8), compression="gzip", shuffle=True)
    file.create_dataset("packed/values", data=values, **packed)
    file.create_dataset("checked/values", data=values, chunks=(4, 8), fletcher32=True)
    file.create_dataset("partial_chunks/values", data=values, chunks=(7, 3))
    file.create_dataset("lzf/values", data=values, chunks=(4, 8), compression="lzf")

    partly = file.create_dataset("unwritten/values", (16,), "<f4", chunks=(8,), fillvalue=5)
    partly[:8] = 1
    file.create_dataset("never/values", (16,), "<f4", fillvalue=5)

    bomb = file.create_dataset("bomb/values", (16,), "<f4", chunks=(16,), compression="gzip")
    bomb.id.write_direct_chunk((0,), zlib.compress(bytes(1 << 20)))
    file.create_dataset("huge/values", (1 << 14, 1 << 14), "<f4", chunks=(1, 1 << 14))

    brain = h5py.h5t.IEEE_F16LE.copy()
    brain.set_fields(15, 7, 8, 0, 7)
    brain.set_ebias(127)
    space = h5py.h5s.create_simple((4,))
    group = file.create_group("bfloat16")
    dataset = h5py.h5d.create(group.id, b"values", brain, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.full(4, 0x3F80, "<u2"), brain)
    opaque = h5py.h5t.create(h5py.h5t.OPAQUE, 2)
    opaque.set_tag(b"bf16")
    group = file.create_group("opaque")
    dataset = h5py.h5d.create(group.id, b"values", opaque, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.full(4, 0x3F80, "<u2").view("V2"), opaque)
