"""The reference for `npm run bench:sd15 -- --reference PYTHON`: diffusers on torch's CPU in fp32, the same work.

Arguments: MODEL THREADS STEPS SIZE. Prints a line of JSON when it is ready to denoise, and one with the steps.
"""
import json
import sys
import time

model, threads, steps, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

import torch

torch.set_num_threads(threads)
from diffusers import StableDiffusionPipeline

pipe = StableDiffusionPipeline.from_pretrained(model, torch_dtype=torch.float32)
with torch.no_grad():
    for prompt in ["a red apple on a table", ""]:
        pipe.encode_prompt(prompt, "cpu", 1, False)
print(json.dumps({"ready": time.time()}), flush=True)

sample = torch.randn(2, pipe.unet.config.in_channels, size // 8, size // 8)
context = torch.randn(2, 77, pipe.unet.config.cross_attention_dim)
taken = []
with torch.no_grad():
    for _ in range(steps):
        start, before = time.perf_counter(), time.process_time()
        result = pipe.unet(sample, 500, encoder_hidden_states=context).sample
        taken.append({"wall": time.perf_counter() - start, "cpu": time.process_time() - before})
print(json.dumps({"steps": taken, "magnitude": result.abs().mean().item()}), flush=True)
