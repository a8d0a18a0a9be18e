"""Golden cases of ControlNets beside tiny UNets of random weights: how they learn, and pictures of Stable Diffusion XL under them.

    python test/parity/make/controlnets.py

writes cases 10_training/controlnet and 07_pipelines/controlnet_xl, from models that are in goldens/models. Needs torch, diffusers,
transformers and safetensors.
"""

import hashlib
import math

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    StableDiffusionXLControlNetPipeline,
    UNet2DConditionModel,
)
from golden import GOLDENS, write_case
from PIL import Image
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

torch.set_num_threads(1)
MODELS = GOLDENS / "models"
SCHEDULE = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


def alphas_cumprod():
    betas = torch.linspace(SCHEDULE["beta_start"] ** 0.5, SCHEDULE["beta_end"] ** 0.5, 1000) ** 2
    return torch.cumprod(1 - betas, 0)


def begin(controlnet, seed):
    """The first layers of the control picture as Sfumato draws them: each from a stream of its own."""
    named = dict(controlnet.named_parameters())
    with torch.no_grad():
        for key, parameter in named.items():
            if not key.startswith("controlnet_"):
                continue
            if not key.startswith("controlnet_cond_embedding.") or "conv_out" in key:
                assert parameter.abs().max() == 0, f"{key} does not begin at zero"
                continue
            weight = named[key.rsplit(".", 1)[0] + ".weight"]
            high = 1 / math.sqrt(weight[0].numel())
            digest = hashlib.sha256(f"{seed} start of {key}".encode()).digest()
            stream = torch.Generator().manual_seed(int.from_bytes(digest[:4], "little"))
            parameter.uniform_(-high, high, generator=stream)


def learn(name, params, controlnet, unet, added, seed):
    """Steps of AdamW on a ControlNet beside a frozen UNet, as examples/controlnet/train_controlnet.py takes them."""
    steps, batch, tokens = params["steps"], 2, 7
    generator = torch.Generator().manual_seed(seed)
    randn = lambda *shape: torch.randn(shape, generator=generator)
    width = unet.config.cross_attention_dim
    fed = {
        "latents": randn(steps, batch, unet.config.in_channels, 8, 8),
        "noise": randn(steps, batch, unet.config.in_channels, 8, 8),
        "timesteps": torch.randint(0, 1000, (steps, batch), generator=generator),
        "encoder_hidden_states": randn(steps, batch, tokens, width),
        "cond": torch.rand((steps, batch, 3, 64, 64), generator=generator).round(decimals=3),
    }
    if added:
        numbers = unet.config.projection_class_embeddings_input_dim - 6 * unet.config.addition_time_embed_dim
        fed["text_embeds"] = randn(steps, batch, numbers)
        fed["time_ids"] = torch.tensor([64.0, 64, 0, 0, 64, 64]).repeat(steps, batch, 1)
    table = alphas_cumprod()
    unet.requires_grad_(False)
    controlnet.train()
    optimiser = torch.optim.AdamW(controlnet.parameters(), lr=params["lr"], weight_decay=params["weight_decay"])
    losses, norms, out = [], [], {}
    named = dict(controlnet.named_parameters())
    for k in range(steps):
        alpha = table[fed["timesteps"][k]].view(-1, 1, 1, 1)
        clean, noise, text = fed["latents"][k], fed["noise"][k], fed["encoder_hidden_states"][k]
        noisy = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
        target = noise if params["prediction_type"] == "epsilon" else alpha.sqrt() * noise - (1 - alpha).sqrt() * clean
        more = {name: fed[name][k] for name in ("text_embeds", "time_ids") if name in fed} or None
        down, mid = controlnet(
            noisy, fed["timesteps"][k], text, controlnet_cond=fed["cond"][k], added_cond_kwargs=more, return_dict=False
        )
        answer = unet(
            noisy, fed["timesteps"][k], text, down_block_additional_residuals=down, mid_block_additional_residual=mid,
            added_cond_kwargs=more,
        ).sample
        loss = torch.nn.functional.mse_loss(answer, target)
        optimiser.zero_grad()
        loss.backward()
        if k == 0:
            out |= {f"grad/{key}": named[key].grad.clone() for key in params["grads"]}
        norms.append(torch.nn.utils.clip_grad_norm_(controlnet.parameters(), params["max_grad_norm"]).item())
        losses.append(loss.item())
        optimiser.step()
    out |= {f"final/{key}": named[key].detach() for key in params["finals"]}
    out |= {"losses": torch.tensor(losses), "grad_norms": torch.tensor(norms)}
    return {f"{name}/in/{key}": value for key, value in fed.items()} | {f"{name}/out/{key}": value for key, value in out.items()}


ZERO = ["controlnet_down_blocks.0.weight", "controlnet_down_blocks.3.weight", "controlnet_down_blocks.3.bias", "controlnet_mid_block.weight"]
INSIDE = [
    "conv_in.weight", "time_embedding.linear_2.weight", "controlnet_cond_embedding.conv_in.weight",
    "controlnet_cond_embedding.blocks.1.weight", "controlnet_cond_embedding.conv_out.bias", "mid_block.resnets.0.conv1.weight",
]


def training():
    common = dict(steps=5, weight_decay=0.01, max_grad_norm=1.0, seed=7)
    variants, tensors = {}, {}
    unet = UNet2DConditionModel.from_pretrained(MODELS / "sd1/unet")
    copied = ControlNetModel.from_unet(unet)
    begin(copied, common["seed"])
    params = dict(
        unet="models/sd1/unet", lr=1e-4, prediction_type="epsilon", **common, grads=ZERO,
        finals=[*ZERO, "controlnet_cond_embedding.conv_out.weight", "conv_in.weight"],
    )
    tensors |= learn("copied", params, copied, unet, False, 1)
    variants["copied"] = dict(params=params, tolerance=5e-5)
    stored = ControlNetModel.from_pretrained(MODELS / "controlnet_b")
    params = dict(
        unet="models/sd1/unet", controlnet="models/controlnet_b", lr=1e-4, prediction_type="epsilon", **common,
        grads=[*ZERO, *INSIDE], finals=[ZERO[0], *INSIDE[:3]],
    )
    tensors |= learn("stored", params, stored, unet, False, 2)
    variants["stored"] = dict(params=params, tolerance=5e-5)
    unet = UNet2DConditionModel.from_pretrained(MODELS / "sdxl/unet")
    stored = ControlNetModel.from_pretrained(MODELS / "controlnet_xl")
    params = dict(
        unet="models/sdxl/unet", controlnet="models/controlnet_xl", lr=1e-4, prediction_type="v_prediction", **common,
        grads=[*ZERO, *INSIDE, "add_embedding.linear_1.weight"], finals=[ZERO[0], *INSIDE[:3]],
    )
    tensors |= learn("xl", params, stored, unet, True, 3)
    variants["xl"] = dict(params=params, tolerance=5e-5)
    unet = UNet2DConditionModel.from_pretrained(MODELS / "sdxl/unet")
    copied = ControlNetModel.from_unet(unet)
    begin(copied, common["seed"])
    params = dict(
        unet="models/sdxl/unet", lr=1e-4, prediction_type="epsilon", **common, grads=ZERO[:2], finals=[ZERO[0], "conv_in.weight"],
    )
    tensors |= learn("xl_copied", params, copied, unet, True, 4)
    variants["xl_copied"] = dict(params=params, tolerance=5e-5)
    write_case(
        "10_training/controlnet", "controlnet_train", "5 AdamW steps of a ControlNet beside its frozen UNet",
        "ControlNetModel.from_unet(unet) or from_pretrained; loss = mse(unet(noisy, t, text, residuals), target)",
        "losses, grad_norms (before clipping), grad/* of the first step, final/*", variants, tensors,
    )


class Parts:
    def __init__(self):
        folder = MODELS / "sdxl"
        self.components = dict(
            unet=UNet2DConditionModel.from_pretrained(folder / "unet"), vae=AutoencoderKL.from_pretrained(folder / "vae"),
            text_encoder=CLIPTextModel.from_pretrained(folder / "text_encoder"),
            text_encoder_2=CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder_2"),
            tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
            tokenizer_2=CLIPTokenizer.from_pretrained(folder / "tokenizer_2"),
        )


@torch.no_grad()
def pictures():
    random = np.random.default_rng(5)
    images = [random.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(2)]
    names = ["unet", "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2"]
    base = {name: f"models/sdxl/{name}" for name in names}
    prompt = dict(
        prompt="A photo of mountain and yellow bicycle at sunset", negative_prompt="blurry, low quality", num_inference_steps=5,
        guidance_scale=5.0, height=48, width=64,
    )
    ddim = ("DDIMScheduler", DDIMScheduler, dict(**SCHEDULE, clip_sample=False, set_alpha_to_one=False, steps_offset=1))
    euler = ("EulerDiscreteScheduler", EulerDiscreteScheduler, dict(**SCHEDULE, steps_offset=1))
    cases = {
        "DDIM": (ddim, 1, {}),
        "guess_mode": (ddim, 1, dict(guess_mode=True)),
        "unguided_guess_mode": (ddim, 1, dict(guess_mode=True, guidance_scale=1.0)),
        "late_and_weak": (euler, 1, dict(controlnet_conditioning_scale=0.6, control_guidance_start=0.4, control_guidance_end=1.0)),
        "two_in_turn": (
            euler, 2,
            dict(controlnet_conditioning_scale=[0.8, 0.5], control_guidance_start=[0.0, 0.5], control_guidance_end=[0.5, 1.0]),
        ),
        "two_pictures": (ddim, 1, dict(num_images_per_prompt=2)),
    }
    variants, tensors = {}, {}
    for name, ((scheduler, cls, config), count, more) in cases.items():
        parts = Parts().components
        nets = [ControlNetModel.from_pretrained(MODELS / "controlnet_xl") for _ in range(count)]
        pipe = StableDiffusionXLControlNetPipeline(
            **parts, controlnet=nets[0] if count == 1 else nets, scheduler=cls(**config), add_watermarker=False
        )
        pipe.set_progress_bar_config(disable=True)
        given = [Image.fromarray(image) for image in images[:count]]

        def draw():
            states = []

            def keep(_, __, ___, kwargs):
                states.append(kwargs["latents"].clone())
                return kwargs

            call = dict(**{**prompt, **more}, image=given[0] if count == 1 else given, callback_on_step_end=keep)
            latents = pipe(**call, generator=torch.Generator().manual_seed(77), output_type="latent").images
            image = pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample
            return {"latents": latents, "latents_per_step": torch.stack(states), "image": (image / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)}

        out = draw()
        out["timesteps"] = pipe.scheduler.timesteps.clone()
        moved = {}
        generator = torch.Generator().manual_seed(1)
        for part in [parts["unet"], *nets]:
            for parameter in part.parameters():
                parameter.mul_(1 + 5e-7 * torch.randn(parameter.shape, generator=generator))
        again = draw()
        moved = max((again[key] - out[key]).abs().max().item() for key in again)
        control = "models/controlnet_xl" if count == 1 else ["models/controlnet_xl"] * count
        params = dict(
            pipeline="StableDiffusionXLControlNetPipeline", components={**base, "controlnet": control},
            scheduler={"class": scheduler, "config": config}, call={**prompt, **more}, seed=77,
        )
        labels = ["image"] if count == 1 else ["image0", "image1"]
        if count > 1:
            params["lists"] = {"image": labels}
        variants[name] = dict(params=params, tolerance=max(2e-4, 4 * moved), sensitivity=moved)
        tensors |= {f"{name}/in/{label}_u8": torch.from_numpy(images[k]) for k, label in enumerate(labels)}
        tensors |= {f"{name}/out/{key}": value for key, value in out.items()}
    write_case(
        "07_pipelines/controlnet_xl", "pipeline", "StableDiffusionXLControlNetPipeline",
        "pipe(**call, image=picture or pictures, generator=Generator(seed), output_type='latent'); then the decoder",
        "latents_per_step, latents, image (np, [0,1], NHWC)", variants, tensors,
    )


training()
pictures()
