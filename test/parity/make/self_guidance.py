"""Golden cases of guidance of a model by itself: perturbed attention and self-attention guidance.

    python test/parity/make/self_guidance.py

writes cases 07_pipelines/{pag,sag} on models that are there. Needs torch, diffusers, transformers and safetensors.
The tolerance is that of the other pipelines: four times the change of the output when every weight is multiplied by 1 + 5e-7 noise, at
least 2e-4.
"""

from pathlib import Path

import diffusers
import torch
from diffusers import AutoencoderKL, StableDiffusionPAGPipeline, StableDiffusionXLPAGPipeline, UNet2DConditionModel
from diffusers.pipelines.deprecated.stable_diffusion_sag.pipeline_stable_diffusion_sag import StableDiffusionSAGPipeline
from golden import GOLDENS, sensitivity, write_case
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

torch.set_grad_enabled(False)
torch.set_num_threads(1)

PIPELINES = {cls.__name__: cls for cls in (StableDiffusionPAGPipeline, StableDiffusionXLPAGPipeline, StableDiffusionSAGPipeline)}
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
DDIM = ("DDIMScheduler", {**BETAS, "clip_sample": False, "set_alpha_to_one": False})
DPM = ("DPMSolverMultistepScheduler", BETAS)
EULER = ("EulerDiscreteScheduler", BETAS)
ANCESTRAL = ("EulerAncestralDiscreteScheduler", BETAS)
VELOCITY = ("DDIMScheduler", {**DDIM[1], "prediction_type": "v_prediction"})
VELOCITY_DPM = ("DPMSolverMultistepScheduler", {**BETAS, "prediction_type": "v_prediction"})
CLASSES = {
    "unet": UNet2DConditionModel, "vae": AutoencoderKL, "tokenizer": CLIPTokenizer, "tokenizer_2": CLIPTokenizer,
    "text_encoder": CLIPTextModel, "text_encoder_2": CLIPTextModelWithProjection,
}


def parts(model, **changes):
    """Paths of the components of a model of the set, with other ones."""
    names = [name for name in CLASSES if (GOLDENS / "models" / model / name).is_dir()]
    return {**{name: f"models/{model}/{name}" for name in names}, **changes}


def load(components):
    return {name: CLASSES[name].from_pretrained(GOLDENS / path) for name, path in components.items()}


def record(pipeline, loaded, scheduler, call, seed):
    cls, (name, config) = PIPELINES[pipeline], scheduler
    seeds = seed if isinstance(seed, list) else None
    generator = [torch.Generator().manual_seed(each) for each in seeds] if seeds else torch.Generator().manual_seed(seed)
    call = dict(call)
    extra = {} if cls is StableDiffusionXLPAGPipeline else {"safety_checker": None, "feature_extractor": None}
    layers = {"pag_applied_layers": call.pop("pag_applied_layers", "mid")} if cls is not StableDiffusionSAGPipeline else {}
    if not extra:
        extra = {"add_watermarker": False}
    else:
        extra["requires_safety_checker"] = False
    # The pipelines set attention processors of their own.
    kept = dict(loaded["unet"].attn_processors)
    pipe = cls(**loaded, **extra, **layers, scheduler=getattr(diffusers, name)(**config))
    pipe.set_progress_bar_config(disable=True)
    steps = []
    if cls is StableDiffusionSAGPipeline:
        watch = {"callback": lambda step, timestep, latents: steps.append(latents.clone())}
    else:
        watch = {"callback_on_step_end": lambda pipe, step, t, given: (steps.append(given["latents"].clone()), {})[1]}
    image = pipe(**call, generator=generator, output_type="np", **watch).images
    loaded["unet"].set_attn_processor(kept)
    return {
        "timesteps": pipe.scheduler.timesteps.clone().float(),
        "latents_per_step": torch.stack(steps),
        "latents": steps[-1],
        "image": torch.from_numpy(image),
    }


def write(name, runs):
    """runs: {variant: (pipeline, components, scheduler, call, seed)}"""
    variants, tensors = {}, {}
    for variant, (pipeline, components, scheduler, call, seed) in runs.items():
        loaded = load(components)
        compute = lambda: record(pipeline, loaded, scheduler, call, seed)
        outputs = compute()
        change = sensitivity(loaded.values(), compute, outputs, seed=9)
        assert all(value.isfinite().all() for value in outputs.values()), variant
        # What it does without that guidance: the case must tell the two apart.
        off = {"pag_scale": 0.0} if "pag_scale" in call else {"sag_scale": 0.0}
        plain = record(pipeline, loaded, scheduler, {**call, **off}, seed)
        moved = (outputs["latents"] - plain["latents"]).abs().max().item()
        assert moved > 100 * max(2e-4, 4 * change), (variant, moved, change)
        variants[variant] = {
            "params": {
                "pipeline": pipeline, "components": components, "scheduler": {"class": scheduler[0], "config": scheduler[1]},
                "call": call, "seed": seed,
            },
            "tolerance": max(2e-4, 4 * change),
            "sensitivity": change,
        }
        tensors.update({f"{variant}/out/{key}": value for key, value in outputs.items()})
        print(name, variant, f"{change:.2e} moved {moved:.3f}")
    call = "pipe(**call, generator=Generator(seed), output_type='np'); pag_applied_layers goes to the constructor"
    compare = "latents_per_step, latents, image (np, [0,1], NHWC)"
    write_case(name, "pipeline", "guidance of a model by itself", call, compare, variants, tensors)


def main():
    words = {"prompt": "A photo of mountain and yellow bicycle at sunset", "negative_prompt": "blurry, low quality"}
    base = {**words, "num_inference_steps": 4, "guidance_scale": 7.5}
    one, large = parts("sd1"), parts("sdxl")
    two = parts("sd1", unet="models/unet_sd2")
    pag, xl, sag = PIPELINES
    write("07_pipelines/pag", {
        "sd1": (pag, one, DDIM, {**base, "pag_scale": 3.0}, 3001),
        "sd1_unguided": (pag, one, DPM, {**base, "guidance_scale": 1.0, "pag_scale": 2.0}, 3002),
        "sd1_layers": (pag, one, EULER, {**base, "pag_scale": 3.0, "pag_applied_layers": ["mid", "down_blocks.0", "up_blocks.1.attentions.0"]}, 3003),
        "sd1_pictures": (pag, one, ANCESTRAL, {**base, "pag_scale": 1.5, "num_images_per_prompt": 2, "width": 32, "height": 48}, [3004, 7]),
        "sd2_velocity": (pag, two, VELOCITY, {**base, "guidance_scale": 5.0, "pag_scale": 3.0}, 3005),
        "sdxl": (xl, large, EULER, {**base, "guidance_scale": 5.0, "pag_scale": 3.0}, 3006),
        "sdxl_layers": (xl, large, DPM, {**base, "guidance_scale": 5.0, "pag_scale": 2.0, "pag_applied_layers": ["mid", "up_blocks.0"]}, 3007),
    })
    write("07_pipelines/sag", {
        "sd1": (sag, one, DDIM, {**base, "sag_scale": 0.75}, 3101),
        "sd1_unguided": (sag, one, DPM, {**base, "guidance_scale": 1.0, "sag_scale": 1.0}, 3102),
        "sd1_pictures": (sag, one, DPM, {**base, "sag_scale": 1.0, "num_images_per_prompt": 2, "width": 80, "height": 48}, [3103, 9]),
        "sd2_velocity": (sag, two, VELOCITY_DPM, {**base, "guidance_scale": 5.0, "sag_scale": 0.75}, 3104),
    })


if __name__ == "__main__":
    main()
