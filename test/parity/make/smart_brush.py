"""Golden cases of SmartBrush (Xie et al. 2023, arXiv:2212.05034), which no reference has: written here once more, plainly, after the paper and the choices that
app/tensor/coarse-mask.ts, app/training/smart-brush.ts and app/diffusion/followed-shape.ts name.

    python test/parity/make/smart_brush.py

writes the model unet_smart_brush and the cases 14_smart_brush/{coarse_masks,loss,steps}. Needs torch, numpy, diffusers and safetensors.
"""

import json

import numpy as np
import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler, UNet2DConditionModel
from golden import GOLDENS, sensitivity, unsettle, write_case

MODEL = "models/unet_smart_brush"
LAST = 4


def mask_of(height, width, inside):
    y, x = np.mgrid[0:height, 0:width]
    return inside(x, y).astype(np.float64)


MASKS = {
    "disc": mask_of(24, 24, lambda x, y: (x - 11) ** 2 + (y - 12) ** 2 <= 20),
    "ring_at_the_edge": mask_of(20, 32, lambda x, y: (abs(np.hypot(x - 3, y - 8) - 6) < 1.5)),
    "two_bars": mask_of(32, 16, lambda x, y: ((x % 8) < 3) & (y > 5) & (y < 29)),
    "one_place": mask_of(9, 7, lambda x, y: (x == 2) & (y == 6)),
}


def coarse(mask, level):
    rows, columns = np.nonzero(mask)
    box = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    if level == 0:
        return mask
    if level == LAST:
        whole = np.zeros_like(mask)
        whole[box] = 1
        return whole
    sigma = 0.05 * level * np.sqrt(mask[box].size)
    reach = int(np.ceil(3 * sigma))
    at = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (at[:, None] ** 2 + at[None] ** 2) / sigma**2)
    kernel /= kernel.sum()
    padded = np.pad(mask, reach, mode="reflect")
    blurred = np.array([[(padded[y : y + 2 * reach + 1, x : x + 2 * reach + 1] * kernel).sum() for x in range(mask.shape[1])] for y in range(mask.shape[0])])
    assert np.abs(blurred - 0.05).min() > 1e-6, "a place lies on the threshold"
    return ((blurred > 0.05) | (mask > 0)).astype(np.float64)


def coarse_masks():
    variants, tensors = {}, {}
    for name, mask in MASKS.items():
        variants[name] = {"params": {"last": LAST}, "tolerance": 0}
        tensors[f"{name}/in/mask"] = torch.tensor(mask, dtype=torch.float32)[None, None]
        for level in range(LAST + 1):
            tensors[f"{name}/out/{level}"] = torch.tensor(coarse(mask, level), dtype=torch.float32)[None, None]
    write_case("14_smart_brush/coarse_masks", "coarse_mask", "masks of each precision", "m_s = [GaussianBlur(m, k_s, sigma_s) > 1/20], the box at S", "all", variants, tensors)


def loss():
    variants, tensors = {}, {}
    for number, (name, (batch, channels, height, width, weight)) in enumerate({"one": (1, 4, 8, 8, 0.01), "three": (3, 4, 5, 7, 0.5), "empty_object": (2, 3, 4, 4, 2.0)}.items()):
        generator = torch.Generator().manual_seed(40 + number)
        prediction = torch.randn(batch, channels, height, width, generator=generator).requires_grad_()
        logits = (3 * torch.randn(batch, 1, height, width, generator=generator)).requires_grad_()
        target = torch.randn(batch, channels, height, width, generator=generator)
        mask = (torch.rand(batch, 1, height, width, generator=generator) > 0.3).float()
        object_ = mask * (torch.rand(batch, 1, height, width, generator=generator) > (2 if name == "empty_object" else 0.5)).float()
        counts = torch.tensor([1.0, 0.0, 1.0][:batch])
        found = torch.sigmoid(logits)
        errors = [((prediction[k] - target[k]) ** 2 * mask[k]).sum() / (mask[k].sum() * channels) for k in range(batch)]
        dice = [1 - (2 * (found[k] * object_[k]).sum() + 1e-3) / (found[k].sum() + object_[k].sum() + 1e-3) for k in range(batch)]
        parts = torch.stack(errors).mean(), (torch.stack(dice) * counts).mean()
        whole = parts[0] + weight * parts[1]
        whole.backward()
        variants[name] = {"params": {"mask_weight": weight}, "tolerance": 2e-6}
        for key, value in {"prediction": prediction, "logits": logits, "target": target, "mask": mask, "object": object_, "object_weight": counts}.items():
            tensors[f"{name}/in/{key}"] = value.detach()
        for key, value in {"loss": whole, "dice": parts[1], "grad_prediction": prediction.grad, "grad_logits": logits.grad}.items():
            tensors[f"{name}/out/{key}"] = value.detach()
    write_case("14_smart_brush/loss", "shaped_loss", "noise inside the mask and DICE of the object's mask, with gradients by autograd", "L_DM + lambda L_prediction", "all", variants, tensors)


def make_model():
    torch.manual_seed(77)
    model = UNet2DConditionModel(
        sample_size=8, in_channels=5, out_channels=5, num_class_embeds=LAST + 1, block_out_channels=(8, 16), norm_num_groups=4, layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=12, attention_head_dim=2,
    )
    unsettle(model, 77)
    with torch.no_grad():
        model.conv_out.weight[4] *= 6  # objects that are somewhere
    model.save_pretrained(GOLDENS / MODEL)
    path = GOLDENS / MODEL / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "predicts_object_mask": True}, indent=2) + "\n")
    return model


SCHEDULERS = {
    "ddim": (DDIMScheduler, dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1)),
    "euler": (EulerDiscreteScheduler, dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)),
}
# variant: sampler, pictures, height, width, steps, guidance, level
STEPS = {
    "ddim_guided": ("ddim", 1, 8, 8, 4, 5.0, 2),
    "ddim_two_plain": ("ddim", 2, 8, 12, 3, 1.0, 4),
    "euler_guided": ("euler", 2, 12, 8, 3, 3.0, 3),
    "exactly": ("euler", 1, 8, 8, 3, 2.0, 0),
}


def walk(model, sampler, clean, noise, painted, positive, negative, steps, guidance, level):
    cls, config = SCHEDULERS[sampler]
    scheduler = cls(**config)
    scheduler.set_timesteps(steps)
    labels = torch.full((clean.shape[0],), level, dtype=torch.long)
    x, mask, passed, masks = noise * scheduler.init_noise_sigma, painted.expand(clean.shape[0], 1, -1, -1), [], []
    margin = []
    for k, t in enumerate(scheduler.timesteps):
        seen = torch.cat([scheduler.scale_model_input(x, t) * painted + clean * (1 - painted), painted.expand(clean.shape[0], 1, -1, -1)], 1)
        told = model(seen, t, positive, class_labels=labels).sample
        answer = told[:, :4]
        if guidance > 1:
            away = model(seen, t, negative, class_labels=labels).sample[:, :4]
            answer = away + guidance * (answer - away)
        found = torch.sigmoid(told[:, 4:])
        margin.append((found - 0.5).abs().min().item())
        x = scheduler.step(answer, t, x).prev_sample
        if level > 0:
            inside = painted * (found >= 0.5)
            mask = torch.stack([one if one.any() else painted[0] for one in inside])
        last = k == len(scheduler.timesteps) - 1
        kept = clean if last else scheduler.add_noise(clean, noise, scheduler.timesteps[k + 1 : k + 2])
        x = mask * x + (1 - mask) * kept
        passed.append(x)
        masks.append(mask)
    assert min(margin) > 1e-4, "a place lies on the threshold"
    return {"latents": torch.stack(passed), "masks": torch.stack(masks)}


def steps(model):
    variants, tensors = {}, {}
    for number, (name, (sampler, batch, height, width, count, guidance, level)) in enumerate(STEPS.items()):
        generator = torch.Generator().manual_seed(600 + number)
        clean, noise = (torch.randn(batch, 4, height, width, generator=generator) for _ in range(2))
        positive, negative = (torch.randn(batch, 5, 12, generator=generator) for _ in range(2))
        painted = torch.zeros(1, 1, height, width)
        painted[..., 1:-2, 2:-1] = 1

        def compute():
            with torch.no_grad():
                return walk(model, sampler, clean, noise, painted, positive, negative, count, guidance, level)

        results = compute()
        print(name, "object:", results["masks"].mean((1, 2, 3, 4)).tolist(), "painted:", painted.mean().item())
        change = sensitivity(model, compute, results)
        params = {"model": MODEL, "scheduler": SCHEDULERS[sampler][0].__name__, "config": SCHEDULERS[sampler][1], "steps": count, "guidance": guidance, "level": level}
        variants[name] = {"params": params, "tolerance": max(5e-5, 4 * change), "sensitivity": change}
        for key, value in {"clean": clean, "noise": noise, "positive": positive, "negative": negative, "painted": painted}.items():
            tensors[f"{name}/in/{key}"] = value
        for key, value in results.items():
            tensors[f"{name}/out/{key}"] = value
    write_case("14_smart_brush/steps", "shaped_steps", "a thing drawn into a mask, with the predicted mask at each step", "latents and masks after each step", "all", variants, tensors)


torch.set_num_threads(1)
coarse_masks()
loss()
steps(make_model())
