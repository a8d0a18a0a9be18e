"""The reference for `npm run bench -- training --reference PYTHON`: peft's LoRA on diffusers' UNet, torch's CPU in fp32, the same work.

The text encoder and the autoencoder are let go of before the first step, as scripts do that keep latents and texts.
Arguments: MODEL RECOMPUTE THREADS STEPS SIZE RANK. Prints a line of JSON when it is ready to learn, one when a step is done, and one with all steps.
"""
import gc
import json
import sys
import time

model, recompute = sys.argv[1], sys.argv[2]
threads, steps, size, rank = (int(value) for value in sys.argv[3:7])

import torch

torch.set_num_threads(threads)
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from peft import LoraConfig
from transformers import CLIPTextModel, CLIPTokenizer

with torch.no_grad():
    tokenizer = CLIPTokenizer.from_pretrained(model, subfolder="tokenizer")
    encoder = CLIPTextModel.from_pretrained(model, subfolder="text_encoder", dtype=torch.float32)
    ids = tokenizer("a photo of a sks cat", padding="max_length", max_length=77, truncation=True, return_tensors="pt")
    context = encoder(ids.input_ids)[0].clone()
    vae = AutoencoderKL.from_pretrained(model, subfolder="vae", torch_dtype=torch.float32)
    distribution = vae.encode(torch.rand(1, 3, size, size) * 2 - 1).latent_dist
    factor = vae.config.scaling_factor
del encoder, vae
gc.collect()

unet = UNet2DConditionModel.from_pretrained(model, subfolder="unet", torch_dtype=torch.float32)
unet.requires_grad_(False)
unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
if recompute == "all":
    unet.enable_gradient_checkpointing()
unet.train()
parameters = [each for each in unet.parameters() if each.requires_grad]
optimiser = torch.optim.AdamW(parameters, lr=1e-4)
scheduler = DDPMScheduler.from_pretrained(model, subfolder="scheduler")
print(json.dumps({"ready": time.time()}), flush=True)

taken = []
for k in range(steps):
    start, before = time.perf_counter(), time.process_time()
    latents = distribution.sample() * factor
    noise = torch.randn_like(latents)
    timestep = torch.randint(0, scheduler.config.num_train_timesteps, (1,))
    answer = unet(scheduler.add_noise(latents, noise, timestep), timestep, encoder_hidden_states=context).sample
    loss = torch.nn.functional.mse_loss(answer, noise)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()
    optimiser.zero_grad()
    value = loss.item()
    taken.append({"wall": time.perf_counter() - start, "cpu": time.process_time() - before, "loss": value})
    if k == 0:
        print(json.dumps({"first": time.time()}), flush=True)
print(json.dumps({"steps": taken, "numbers": sum(each.numel() for each in parameters)}), flush=True)
