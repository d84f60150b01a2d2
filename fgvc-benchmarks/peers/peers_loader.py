"""One epoch of PyTorch's DataLoader over a folder of photos, decoded by Pillow or OpenCV."""

import json
from pathlib import Path

import numpy as np
import torch

CENTRAL = 0.875
# Compared are means over the cells of a grid on the first photos.
PHOTOS, GRID = 16, 4


def central(height, width):
    """Offsets and sizes of the central crop, as in the authors' preprocessing."""
    top, left = int((height - height * CENTRAL) / 2), int((width - width * CENTRAL) / 2)
    return top, left, height - 2 * top, width - 2 * left


class Photos(torch.utils.data.Dataset):
    def __init__(self, folder, side, library):
        self.files = sorted(Path(folder).glob("photos/*/*.jpg"))
        self.side = side
        self.read = {"pillow": self.with_pillow, "opencv": self.with_opencv}[library]

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        pixels = np.ascontiguousarray(self.read(self.files[index]).transpose(2, 0, 1), np.float32)
        pixels /= 127.5
        pixels -= 1
        return torch.from_numpy(pixels), 0

    def with_pillow(self, file):
        from PIL import Image

        with Image.open(file) as image:
            # Pillow's own way to decode at a smaller scale, where the result needs no more.
            image.draft("RGB", (round(self.side / CENTRAL), round(self.side / CENTRAL)))
            image = image.convert("RGB")
            top, left, height, width = central(image.height, image.width)
            box = (left, top, left + width, top + height)
            return np.asarray(image.resize((self.side, self.side), Image.Resampling.BILINEAR, box=box))

    def with_opencv(self, file):
        import cv2

        cv2.setNumThreads(1)  # each worker has one processor, as PyTorch advises
        image = cv2.cvtColor(cv2.imread(str(file), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        top, left, height, width = central(*image.shape[:2])
        crop = image[top : top + height, left : left + width]
        return cv2.resize(crop, (self.side, self.side), interpolation=cv2.INTER_LINEAR)


def epoch(settings):
    """Reads every photo once; as many workers as other sides have threads, kept between epochs."""
    __import__({"pillow": "PIL", "opencv": "cv2"}[settings["library"]])
    folder = Path(settings["folder"])
    side = json.loads((folder / "inputs.json").read_text())["side"]
    loader = torch.utils.data.DataLoader(
        Photos(folder, side, settings["library"]),
        batch_size=32,
        num_workers=int(settings["threads"]),
        persistent_workers=True,
    )

    def work():
        first = None
        for images, _ in loader:
            if first is None:
                first = images
        cells = torch.nn.functional.adaptive_avg_pool2d(first[:PHOTOS], GRID)
        return cells.reshape(-1).tolist()

    return work
