"""Golden cases of the transformers of Stable Diffusion 3, 3.5 and FLUX from tiny models with random weights.

    python test/parity/make/joint_transformers.py DIR

writes DIR/cases/04_unet/{sd3,flux} and DIR/models/{sd3*,flux*}. Needs torch, diffusers and safetensors.
The tolerance is four times the change of the output when every weight is multiplied by 1 + 5e-7 * noise, at least 5e-5.
"""

import json
import sys
from pathlib import Path

import diffusers
import safetensors
import torch
from diffusers import FluxTransformer2DModel, SD3Transformer2DModel
from safetensors.torch import save_file

torch.set_grad_enabled(False)
torch.set_num_threads(1)

SD3 = dict(
    sample_size=16, patch_size=2, in_channels=4, out_channels=4, num_layers=2, attention_head_dim=8,
    num_attention_heads=2, joint_attention_dim=20, caption_projection_dim=16, pooled_projection_dim=12,
    pos_embed_max_size=12,
)
FLUX = dict(
    patch_size=1, in_channels=8, num_layers=2, num_single_layers=2, attention_head_dim=16, num_attention_heads=2,
    joint_attention_dim=20, pooled_projection_dim=12, axes_dims_rope=(4, 6, 6),
)
MODELS = {
    "sd3": (SD3Transformer2DModel, SD3),
    "sd3_qk_norm": (SD3Transformer2DModel, {**SD3, "qk_norm": "rms_norm"}),
    "sd3_dual": (
        SD3Transformer2DModel,
        {**SD3, "num_layers": 3, "qk_norm": "rms_norm", "dual_attention_layers": (0, 1)},
    ),
    "flux_schnell": (FluxTransformer2DModel, FLUX),
    "flux_dev": (FluxTransformer2DModel, {**FLUX, "guidance_embeds": True, "out_channels": 4}),
}
# case, variant, model, batch, size of the latents or grid of the patches, tokens, whether each picture has a timestep of its own
VARIANTS = [
    ("sd3", "square", "sd3", 2, (16, 16), 9, True),
    ("sd3", "one_timestep", "sd3", 2, (8, 12), 5, False),
    ("sd3", "odd_size", "sd3", 1, (9, 14), 7, True),
    ("sd3", "qk_norm", "sd3_qk_norm", 2, (8, 24), 6, True),
    ("sd3", "dual", "sd3_dual", 3, (12, 10), 4, True),
    ("flux", "schnell", "flux_schnell", 2, (4, 4), 6, True),
    ("flux", "wide", "flux_schnell", 1, (3, 7), 11, True),
    ("flux", "dev", "flux_dev", 2, (5, 4), 6, True),
    ("flux", "dev_far", "flux_dev", 1, (2, 40), 3, True),
]


def random_model(cls, config, seed):
    """Weights of the reference's own start, moved so that none is neutral (norms 1, biases 0)."""
    torch.manual_seed(seed)
    model = cls(**config).eval()
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.add_(torch.randn(parameter.shape, generator=generator) * (0.1 if parameter.ndim == 1 else 0.03))
    return model


def inputs_of(model, batch, size, tokens, each, seed):
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(shape, generator=generator)
    config, (height, width) = model.config, size
    text = {
        "encoder_hidden_states": draw(batch, tokens, config.joint_attention_dim),
        "pooled_projections": draw(batch, config.pooled_projection_dim),
    }
    count = batch if each else 1
    if isinstance(model, SD3Transformer2DModel):
        timestep = torch.rand(count, generator=generator) * 1000
        hidden = draw(batch, config.in_channels, height, width)
        return {"hidden_states": hidden, **text, "timestep": timestep if each else timestep[0]}
    places = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"), -1).reshape(-1, 2)
    return {
        "hidden_states": draw(batch, height * width, config.in_channels),
        **text,
        "timestep": torch.rand(count, generator=generator),
        "img_ids": torch.cat([torch.zeros(height * width, 1), places], 1),
        "txt_ids": torch.zeros(tokens, 3),
        **({"guidance": torch.full((count,), 3.5)} if config.guidance_embeds else {}),
    }


def forward(model, inputs):
    fed = {**inputs, "timestep": inputs["timestep"].reshape(-1).expand(inputs["hidden_states"].shape[0])}
    return model(**fed, return_dict=False)[0]


def sensitivity(model, inputs, output):
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    generator = torch.Generator().manual_seed(9)
    for parameter in model.parameters():
        parameter.mul_(1 + 5e-7 * torch.randn(parameter.shape, generator=generator))
    change = (forward(model, inputs) - output).abs().max().item()
    model.load_state_dict(weights)
    return change


def main(root):
    models = {}
    for seed, (name, (cls, config)) in enumerate(MODELS.items()):
        models[name] = random_model(cls, config, 40 + seed)
        models[name].save_pretrained(root / "models" / name)
    cases = {}
    for seed, (case, name, model, batch, size, tokens, each) in enumerate(VARIANTS):
        variants, tensors = cases.setdefault(case, ({}, {}))
        inputs = inputs_of(models[model], batch, size, tokens, each, 70 + seed)
        output = forward(models[model], inputs)
        change = sensitivity(models[model], inputs, output)
        variants[name] = {
            "params": {"model": f"models/{model}"},
            "sensitivity": change,
            "tolerance": max(5e-5, 4 * change),
        }
        tensors.update({f"{name}/in/{key}": value for key, value in inputs.items()})
        tensors[f"{name}/out/sample"] = output
    versions = {module.__name__: module.__version__ for module in (torch, diffusers, safetensors)}
    for case, (variants, tensors) in cases.items():
        folder = root / "cases" / "04_unet" / case
        folder.mkdir(parents=True, exist_ok=True)
        what = {"sd3": "SD3Transformer2DModel", "flux": "FluxTransformer2DModel"}[case]
        described = {"what": f"{what} forwards", "kind": case, "compare": "sample", "versions": versions}
        (folder / "case.json").write_text(json.dumps({**described, "variants": variants}, indent=1) + "\n")
        save_file({key: value.contiguous() for key, value in tensors.items()}, folder / "tensors.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
