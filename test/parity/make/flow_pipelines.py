"""Golden cases of StableDiffusion3Pipeline and FluxPipeline from tiny models with random weights.

    python test/parity/make/flow_pipelines.py

writes cases 07_pipelines/{sd3,flux} and models/{sd3_parts,flux_parts}. Needs torch, diffusers, transformers and safetensors.
The tolerance is that of the other pipelines: four times the change of the output when every weight is multiplied by 1 + 5e-7 noise, at
least 2e-4.
"""

import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)
from golden import GOLDENS, sensitivity, write_case
from safetensors.torch import load_file, save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

torch.set_grad_enabled(False)
torch.set_num_threads(1)

SCHEDULERS = {
    "FlowMatchEulerDiscreteScheduler": FlowMatchEulerDiscreteScheduler,
    "FlowMatchHeunDiscreteScheduler": FlowMatchHeunDiscreteScheduler,
}
PROMPT = "A photo of mountain and yellow bicycle at sunset"
NEGATIVE = "blurry, low quality"


def moved(model, seed):
    """Weights moved so that none is neutral (norms 1, biases 0)."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.add_(torch.randn(parameter.shape, generator=generator) * (0.1 if parameter.ndim == 1 else 0.03))
    return model.eval()


def make(cls, config, seed):
    torch.manual_seed(seed)
    return moved(cls(**config) if cls in (SD3Transformer2DModel, FluxTransformer2DModel) else cls(config), seed)


def clip(hidden, heads, projection, act, tokenizer, layers=3):
    return CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=hidden, intermediate_size=2 * hidden, num_hidden_layers=layers,
        num_attention_heads=heads, projection_dim=projection, hidden_act=act, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )


def t5(width, tokenizer):
    return T5Config(
        vocab_size=len(tokenizer), d_model=width, d_kv=6, d_ff=2 * width, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", relative_attention_num_buckets=12, relative_attention_max_distance=20,
    )


def sd3(**changes):
    return {
        **dict(
            sample_size=8, patch_size=2, in_channels=16, out_channels=16, num_layers=2, attention_head_dim=8,
            num_attention_heads=4, joint_attention_dim=60, caption_projection_dim=32, pooled_projection_dim=36,
            pos_embed_max_size=16,
        ),
        **changes,
    }


def flux(**changes):
    return {
        **dict(
            patch_size=1, in_channels=64, num_layers=1, num_single_layers=2, attention_head_dim=16, num_attention_heads=2,
            joint_attention_dim=28, pooled_projection_dim=24, axes_dims_rope=(4, 6, 6),
        ),
        **changes,
    }


class Parts:
    """Components of a pipeline: each with the folder that the case names."""

    def __init__(self, root):
        self.root, self.paths, self.loaded = root, {}, {}

    def saved(self, name, model, path):
        model.save_pretrained(self.root / path)
        return self.old(name, model, path)

    def old(self, name, model, path):
        self.paths[name], self.loaded[name] = path, model
        return self

    def only(self, **changes):
        """The same with other parts, or without those that are None."""
        other = Parts(self.root)
        other.paths = {**self.paths, **{name: path for name, (path, _) in changes.items()}}
        other.loaded = {**self.loaded, **{name: model for name, (_, model) in changes.items()}}
        return other


def record(pipeline, parts, scheduler, call, seed, loras=()):
    """A run: inputs are the call alone. loras: pairs of file and strength."""
    steps = []

    def remember(pipe, step, timestep, kwargs):
        steps.append(kwargs["latents"].clone())
        return {}

    seeds = seed if isinstance(seed, list) else None
    generator = [torch.Generator().manual_seed(each) for each in seeds] if seeds else torch.Generator().manual_seed(seed)
    cls = {"StableDiffusion3Pipeline": StableDiffusion3Pipeline, "FluxPipeline": FluxPipeline}[pipeline]
    name, config = scheduler
    loaded = {"text_encoder_3": None, "tokenizer_3": None} if cls is StableDiffusion3Pipeline else {}
    pipe = cls(**{**loaded, **parts.loaded}, scheduler=SCHEDULERS[name](**config))
    pipe.set_progress_bar_config(disable=True)
    for k, (file, _) in enumerate(loras):
        pipe.load_lora_weights(load_file(parts.root / file), adapter_name=f"lora{k}")
    if loras:
        pipe.set_adapters([f"lora{k}" for k in range(len(loras))], [strength for _, strength in loras])
    image = pipe(**call, generator=generator, output_type="np", callback_on_step_end=remember).images
    if loras:
        pipe.unload_lora_weights()
    if cls is FluxPipeline:
        size = call["height"], call["width"], pipe.vae_scale_factor
        steps = [FluxPipeline._unpack_latents(each, *size) for each in steps]
    return {
        "timesteps": pipe.scheduler.timesteps.clone().float(),
        "latents_per_step": torch.stack(steps),
        "latents": steps[-1],
        "image": torch.from_numpy(image),
    }


def write(name, pipeline, runs):
    """runs: {variant: (parts, scheduler, call, seed)}"""
    variants, tensors = {}, {}
    for variant, (parts, scheduler, call, seed, *loras) in runs.items():
        compute = lambda: record(pipeline, parts, scheduler, call, seed, loras)
        outputs = compute()
        change = sensitivity(parts.loaded.values(), compute, outputs, seed=9)
        assert all(value.isfinite().all() for value in outputs.values()), variant
        components = {key: path for key, path in parts.paths.items() if path is not None}
        variants[variant] = {
            "params": {
                "pipeline": pipeline,
                "components": components,
                "scheduler": {"class": scheduler[0], "config": scheduler[1]},
                "call": call,
                "seed": seed,
                **({"loras": [{"file": file, "strength": strength} for file, strength in loras]} if loras else {}),
            },
            "tolerance": max(2e-4, 4 * change),
            "sensitivity": change,
        }
        tensors.update({f"{variant}/out/{key}": value for key, value in outputs.items()})
        print(name, variant, f"{change:.2e}", [f"{outputs['image'].std().item():.3f}", outputs["latents"].std().item()])
    call = "pipe(**call, generator=Generator(seed), output_type='np')"
    compare = "latents_per_step (not packed), latents, image (np, [0,1], NHWC)"
    write_case(name, "pipeline", pipeline, call, compare, variants, tensors)


def lora(root, path, model, layers, seed):
    """A LoRA of rank 3 in the layout of diffusers."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for layer in layers:
        out, width = model.get_submodule(layer).weight.shape
        tensors[f"transformer.{layer}.lora_A.weight"] = torch.randn(3, width, generator=generator) / width**0.5
        tensors[f"transformer.{layer}.lora_B.weight"] = torch.randn(out, 3, generator=generator) / 3
    save_file(tensors, root / path)
    return path


EULER = "FlowMatchEulerDiscreteScheduler"
SHIFT = (EULER, {"shift": 3.0})
DYNAMIC = (EULER, {"use_dynamic_shifting": True, "base_shift": 0.5, "max_shift": 1.15, "shift": 3.0})


def main(root=GOLDENS):
    models = root / "models"
    words, bang = (CLIPTokenizer.from_pretrained(GOLDENS / "models" / name) for name in ("tokenizer", "tokenizer_pad_bang"))
    pieces = T5Tokenizer.from_pretrained(GOLDENS / "models/t5_tokenizer_json")
    vae_sd3, vae_flux = (AutoencoderKL.from_pretrained(GOLDENS / "models" / name) for name in ("vae_sd3", "vae_flux"))
    m = "models/sd3_parts"
    parts = Parts(root)
    parts.saved("transformer", make(SD3Transformer2DModel, sd3(), 1), f"{m}/transformer")
    parts.saved("text_encoder", make(CLIPTextModelWithProjection, clip(24, 4, 20, "quick_gelu", words), 2), f"{m}/text_encoder")
    parts.saved("text_encoder_2", make(CLIPTextModelWithProjection, clip(30, 3, 16, "gelu", bang), 3), f"{m}/text_encoder_2")
    parts.saved("text_encoder_3", make(T5EncoderModel, t5(60, pieces), 4), f"{m}/text_encoder_3")
    parts.old("tokenizer", words, "models/tokenizer").old("tokenizer_2", bang, "models/tokenizer_pad_bang")
    parts.old("tokenizer_3", pieces, "models/t5_tokenizer_json").old("vae", vae_sd3, "models/vae_sd3")
    without = parts.only(text_encoder_3=(None, None), tokenizer_3=(None, None))
    medium = make(SD3Transformer2DModel, sd3(qk_norm="rms_norm", dual_attention_layers=(0,)), 5)
    medium.save_pretrained(root / f"{m}/transformer_medium")
    newer = parts.only(transformer=(f"{m}/transformer_medium", medium))
    block = "transformer_blocks.0"
    style = lora(root, f"{m}/lora.safetensors", parts.loaded["transformer"], [
        f"{block}.attn.to_q", f"{block}.attn.add_k_proj", f"{block}.attn.to_out.0", f"{block}.ff.net.0.proj", "transformer_blocks.1.attn.to_v",
    ], 6)
    base = {"prompt": PROMPT, "negative_prompt": NEGATIVE, "num_inference_steps": 5, "guidance_scale": 7.0, "height": 64, "width": 64}
    write("07_pipelines/sd3", "StableDiffusion3Pipeline", {
        "guided": (parts, SHIFT, base, 1001),
        "without_t5": (without, SHIFT, base, 1002),
        "unguided": (parts, SHIFT, {**base, "guidance_scale": 1.0}, 1003),
        "no_negative": (parts, SHIFT, {**base, "negative_prompt": None, "guidance_scale": 4.5}, 1004),
        "wide": (newer, SHIFT, {**base, "height": 48, "width": 112, "num_inference_steps": 3}, 1005),
        "pictures": (newer, SHIFT, {**base, "num_images_per_prompt": 3, "num_inference_steps": 2}, [1006, 2**40, 8]),
        "prompts": (parts, SHIFT, {**base, "prompt": [PROMPT, "a horse!"], "negative_prompt": ["", NEGATIVE]}, 1007),
        "other_words": (parts, SHIFT, {**base, "prompt_2": "a horse", "prompt_3": "an old house, in winter", "clip_skip": 1}, 1008),
        "dynamic": (newer, DYNAMIC, base, 1009),
        "heun": (parts, ("FlowMatchHeunDiscreteScheduler", {"shift": 3.0}), {**base, "num_inference_steps": 3}, 1010),
        "long": (parts, SHIFT, {**base, "prompt": PROMPT + ", a horse sleeping by the river" * 30, "num_inference_steps": 2}, 1011),
        "lora": (parts, SHIFT, {**base, "num_inference_steps": 3}, 1012, (style, 0.7)),
    })
    m = "models/flux_parts"
    schnell = Parts(root)
    schnell.saved("transformer", make(FluxTransformer2DModel, flux(), 11), f"{m}/transformer_schnell")
    schnell.saved("text_encoder", make(CLIPTextModel, clip(24, 4, 24, "quick_gelu", words), 12), f"{m}/text_encoder")
    schnell.saved("text_encoder_2", make(T5EncoderModel, t5(28, pieces), 13), f"{m}/text_encoder_2")
    schnell.old("tokenizer", words, "models/tokenizer").old("tokenizer_2", pieces, "models/t5_tokenizer_json")
    schnell.old("vae", vae_flux, "models/vae_flux")
    model = make(FluxTransformer2DModel, flux(guidance_embeds=True), 14)
    model.save_pretrained(root / f"{m}/transformer_dev")
    dev = schnell.only(transformer=(f"{m}/transformer_dev", model))
    single = "single_transformer_blocks.1"
    first = lora(root, f"{m}/lora_first.safetensors", model, [f"{block}.attn.to_k", f"{block}.ff_context.net.2", f"{single}.attn.to_q"], 15)
    second = lora(root, f"{m}/lora_second.safetensors", model, [f"{block}.attn.to_k", f"{single}.proj_mlp", f"{single}.proj_out"], 16)
    plain = {"prompt": PROMPT, "num_inference_steps": 4, "height": 64, "width": 64}
    few, many = {**plain, "max_sequence_length": 256}, {**plain, "max_sequence_length": 512, "guidance_scale": 3.5}
    write("07_pipelines/flux", "FluxPipeline", {
        "schnell": (schnell, (EULER, {"shift": 1.0}), few, 2001),
        "dev": (dev, DYNAMIC, many, 2002),
        "dev_guidance": (dev, DYNAMIC, {**many, "guidance_scale": 1.5}, 2003),
        "dev_wide": (dev, DYNAMIC, {**many, "height": 40, "width": 104, "num_inference_steps": 3}, 2004),
        "schnell_dynamic": (schnell, DYNAMIC, {**few, "height": 72, "width": 56}, 2005),
        "true_guidance": (dev, DYNAMIC, {**many, "negative_prompt": NEGATIVE, "true_cfg_scale": 4.0}, 2006),
        "schnell_true_guidance": (schnell, (EULER, {}), {**few, "negative_prompt": "", "true_cfg_scale": 2.5}, 2007),
        "negative_unread": (dev, DYNAMIC, {**many, "negative_prompt": NEGATIVE, "num_inference_steps": 2}, 2008),
        "pictures": (schnell, (EULER, {"shift": 1.0}), {**few, "num_images_per_prompt": 2}, [2009, 5]),
        "prompts": (dev, DYNAMIC, {**many, "prompt": [PROMPT, "a horse!"], "prompt_2": ["an old house", PROMPT]}, 2010),
        "long": (schnell, (EULER, {}), {**few, "prompt": PROMPT + ", a horse sleeping by the river" * 40, "num_inference_steps": 2}, 2011),
        "loras": (dev, DYNAMIC, {**many, "num_inference_steps": 3}, 2012, (first, 0.8), (second, -0.5)),
    })


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
