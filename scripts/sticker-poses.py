"""Draws characters of Sticker World with their exact joints, for scripts/train-pose.ts. Not part of the product.

    python scripts/sticker-poses.py RECIPE OUT [COUNT [SEED]]

RECIPE is the folder of the training data's recipe (data_gen.py; it needs cairocffi and OpenCV). Combinations that are held out stay held out."""
import json
import random
import sys
from pathlib import Path

recipe, out = sys.argv[1], Path(sys.argv[2])
count = int(sys.argv[3]) if len(sys.argv) > 3 else 4000
seed = int(sys.argv[4]) if len(sys.argv) > 4 else 7
sys.path.insert(0, recipe)
from data_gen import charsample  # noqa: E402

rng = random.Random(seed)
out.mkdir(parents=True, exist_ok=True)
poses = []
with open(out / "pictures.rgb", "wb") as pictures:
    for _ in range(count):
        image, _, about = charsample(rng)
        pictures.write(image.round().clip(0, 255).astype("uint8").tobytes())
        poses.append(about["kp"])
(out / "poses.json").write_text(json.dumps(poses))
