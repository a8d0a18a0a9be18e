"""The reference for `npm run bench -- --reference PYTHON`: diffusers on torch's CPU, fp32, the same prompt and settings.

Arguments: MODEL THREADS STEPS PICTURES OUT. Writes OUT from a cold start, then prints one JSON line with the seconds of
each further picture, and with the seconds of a step.
"""
import json
import sys
import time

model, threads, steps, pictures, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]

import torch

torch.set_num_threads(threads)
from diffusers import StableDiffusionPipeline

pipe = StableDiffusionPipeline.from_pretrained(model, torch_dtype=torch.float32)
pipe.set_progress_bar_config(disable=True)


def draw(seed):
    return pipe(
        "a red apple, 3d style, on a blue background",
        num_inference_steps=steps,
        guidance_scale=5.0,
        height=128,
        width=128,
        generator=torch.Generator().manual_seed(seed),
    ).images[0]


draw(7).save(out)
print(json.dumps({"written": time.time()}), flush=True)
seconds = []
for seed in range(pictures):
    start = time.perf_counter()
    draw(seed)
    seconds.append(time.perf_counter() - start)

unet, batch = pipe.unet, 2
sample = torch.randn(batch, unet.config.in_channels, 16, 16)
context = torch.randn(batch, 32, unet.config.cross_attention_dim)
step_seconds = []
with torch.no_grad():
    for _ in range(20):
        start = time.perf_counter()
        unet(sample, 500, encoder_hidden_states=context)
        step_seconds.append(time.perf_counter() - start)
print(json.dumps({"pictures": seconds, "steps": step_seconds}), flush=True)
