"""Golden case 07_pipelines/flow_loras: LoRAs of Stable Diffusion 3 and Flux whose layers have their authors' names, queries, keys and values in
one, as kohya's trainer, ComfyUI and LyCORIS write them.

    python test/parity/make/flow_loras.py [FOLDER] [SEED]

The truth: a layer's change is added to the authors' weights, and the reference's own conversion of single files leads back to its layout. What
the reference's conversion of kohya's files for Flux makes of them must be the same changes.
"""

import inspect
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, FluxTransformer2DModel, SD3Transformer2DModel
from diffusers.loaders.lora_conversion_utils import _convert_kohya_flux_lora_to_diffusers as kohya_to_reference
from diffusers.loaders.single_file_utils import (
    convert_flux_transformer_checkpoint_to_diffusers,
    convert_sd3_transformer_checkpoint_to_diffusers,
)
from flow_pipelines import DYNAMIC, NEGATIVE, PROMPT, SHIFT, Parts, record, sensitivity
from flow_single_files import flux_layout, narrow, sd3_layout
from golden import GOLDENS, write_case
from safetensors.torch import save_file
from transformers import (
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5EncoderModel,
    T5Tokenizer,
)

RANK = 4
FLUX_LAYERS = [
    "double_blocks.0.img_attn.qkv", "double_blocks.0.txt_attn.qkv", "double_blocks.0.img_attn.proj", "double_blocks.0.txt_mlp.0",
    "double_blocks.0.img_mod.lin", "single_blocks.0.linear1", "single_blocks.1.linear1", "single_blocks.1.linear2",
    "single_blocks.0.modulation.lin", "final_layer.linear", "final_layer.adaLN_modulation.1", "txt_in", "guidance_in.in_layer",
]
SD3_LAYERS = [
    "joint_blocks.0.x_block.attn.qkv", "joint_blocks.0.context_block.attn.qkv", "joint_blocks.0.x_block.attn2.qkv",
    "joint_blocks.1.context_block.attn.qkv", "joint_blocks.1.x_block.mlp.fc2", "joint_blocks.0.context_block.mlp.fc1",
    "joint_blocks.0.x_block.adaLN_modulation.1", "joint_blocks.1.context_block.adaLN_modulation.1", "context_embedder",
    "y_embedder.mlp.0", "final_layer.linear", "final_layer.adaLN_modulation.1",
]
QKV = [name for name in FLUX_LAYERS + SD3_LAYERS if name.endswith(("qkv", "linear1"))]
CLIP_LAYERS = ["encoder.layers.0.self_attn.q_proj", "encoder.layers.1.mlp.fc1"]
T5_LAYERS = ["encoder.block.0.layer.0.SelfAttention.q", "encoder.block.1.layer.1.DenseReluDense.wi_0"]


def factors(method, shape, draw, alpha):
    """Tensors of one layer by the ends of their names, and the weight that they make of a weight with strength s."""
    out, width = shape
    normal = lambda *size: draw(*size) / size[-1] ** 0.5
    if method in ("lora", "dora"):
        down, up = normal(RANK, width), normal(out, RANK)
        delta = up.double() @ down.double() * (alpha / RANK if alpha else 1)
        tensors = {"down": down, "up": up}
    if method == "loha":
        a1, b1, a2, b2 = normal(out, RANK), normal(RANK, width) * 3, normal(out, RANK), normal(RANK, width) * 3
        delta = (a1.double() @ b1.double()) * (a2.double() @ b2.double()) * (alpha / RANK if alpha else 1)
        tensors = {"hada_w1_a": a1, "hada_w1_b": b1, "hada_w2_a": a2, "hada_w2_b": b2}
    if method == "lokr":
        # A first factor whose rows do not fall on the bounds of queries, keys and values.
        side = next(k for k in (4, 2, 1) if out % k == 0 and width % k == 0)
        w1, w2a, w2b = normal(side, side), normal(out // side, RANK), normal(RANK, width // side)
        delta = torch.kron(w1.double(), w2a.double() @ w2b.double()) * (alpha / RANK if alpha else 1)
        tensors = {"lokr_w1": w1, "lokr_w2_a": w2a, "lokr_w2_b": w2b}
    if alpha:
        tensors["alpha"] = torch.tensor(float(alpha))
    if method != "dora":
        return tensors, lambda weight, strength: weight + strength * delta
    length = draw(out, 1).abs() + 0.5
    tensors["dora_scale"] = length

    def dora(weight, strength):
        whole = weight + strength * delta
        return whole * length.double() / whole.norm(dim=1, keepdim=True)

    return tensors, dora


NAMES = {
    "kohya": {"down": "lora_down.weight", "up": "lora_up.weight"},
    "comfy": {"down": "lora_A.weight", "up": "lora_B.weight"},
}


class Adapter:
    """A file of factors, and what it makes of a pipeline's parts."""

    def __init__(self, style, method, seed, alpha, kinds):
        generator = torch.Generator().manual_seed(seed)
        self.draw = lambda *size: torch.randn(*size, generator=generator)
        self.style, self.method, self.alpha, self.kinds = style, method, alpha, kinds
        self.tensors = {}

    def changed(self, state, layers, prefix, strength, bare=""):
        """A state dict with the changes of these layers in it."""
        state = dict(state)
        for layer in layers:
            key = f"{layer}.weight"
            if key not in state:
                continue
            weight = state[key]
            tensors, merge = factors(self.method, weight.shape, self.draw, self.alpha)
            name = f"{bare}{layer}"
            name = prefix + (name.replace(".", "_") if prefix.endswith("_") else name)
            for end, value in tensors.items():
                self.tensors[f"{name}.{NAMES[self.style].get(end, end)}"] = value.clone()
            state[key] = merge(weight.double(), strength).float()
        return state


def adapted(parts, adapter, layout, back, layers, t5, strength):
    """The parts with the adapter in them."""
    prefixes = {
        "kohya": {"transformer": "lora_unet_", "text_encoder": "lora_te1_", "text_encoder_2": "lora_te2_", t5: "lora_te3_"},
        "comfy": {
            "transformer": "diffusion_model.", "text_encoder": "text_encoders.clip_l.transformer.",
            "text_encoder_2": "text_encoders.clip_g.transformer.", t5: "text_encoders.t5xxl.transformer.",
        },
    }[adapter.style]
    changes = {}
    for part in adapter.kinds:
        model = parts.loaded[part]
        own = model.state_dict()
        if part == "transformer":
            state = back(adapter.changed(layout(own, model.config), layers, prefixes[part], strength))
            copy = type(model).from_config(model.config)
        else:
            state = {key.removeprefix("text_model."): value for key, value in own.items()}
            state = adapter.changed(state, T5_LAYERS if part == t5 else CLIP_LAYERS, prefixes[part], strength, "" if part == t5 else "text_model.")
            state = {key: state[key.removeprefix("text_model.")] for key in own}
            copy = type(model)(model.config)
        copy.load_state_dict(state)
        changes[part] = (parts.paths[part], copy.eval())
    return parts.only(**changes)


def check_with_reference(adapter, model, changed, strength):
    """The reference's conversion of kohya's layout for Flux knows one width."""
    width, inner = model.inner_dim, model.single_transformer_blocks[0].mlp_hidden_dim
    source = inspect.getsource(kohya_to_reference)
    assert "dims=[3072, 3072, 3072, 12288]" in source
    scope = {**kohya_to_reference.__globals__}
    exec(source.replace("[3072, 3072, 3072, 12288]", f"[{width}, {width}, {width}, {inner}]"), scope)
    # It forgets the alpha of the last layer.
    tensors = {key: value.clone() for key, value in adapter.tensors.items() if "lora_te3" not in key}
    converted = scope[kohya_to_reference.__name__](tensors)
    before, after = model.state_dict(), changed.state_dict()
    count = 0
    for key, down in converted.items():
        if ".lora_A." not in key or key.startswith("text_encoder."):
            continue
        name = key.removeprefix("transformer.").replace(".lora_A", "")
        scale = adapter.alpha / RANK if name.startswith(("norm_out", "proj_out")) else 1
        delta = strength * scale * converted[key.replace("lora_A", "lora_B")].double() @ down.double()
        assert torch.allclose(after[name].double() - before[name].double(), delta, atol=1e-6), name
        count += 1
    return count


def main(root=GOLDENS, seed=4000):
    root, seed = Path(root), int(seed)
    load = lambda cls, name: cls.from_pretrained(GOLDENS / "models" / name).eval()
    words, bang = (load_tokenizer(name) for name in ("tokenizer", "tokenizer_pad_bang"))
    pieces = T5Tokenizer.from_pretrained(GOLDENS / "models/t5_tokenizer_json")
    place = lambda name: f"models/{name}"
    sd3, flux = Parts(root), Parts(root)
    for name, cls, path in (
        ("transformer", SD3Transformer2DModel, "sd3_parts/transformer_medium"), ("text_encoder", CLIPTextModelWithProjection, "sd3_parts/text_encoder"),
        ("text_encoder_2", CLIPTextModelWithProjection, "sd3_parts/text_encoder_2"), ("text_encoder_3", T5EncoderModel, "sd3_parts/text_encoder_3"),
        ("vae", AutoencoderKL, "vae_sd3"),
    ):
        sd3.old(name, load(cls, path), place(path))
    sd3.old("tokenizer", words, place("tokenizer")).old("tokenizer_2", bang, place("tokenizer_pad_bang")).old("tokenizer_3", pieces, place("t5_tokenizer_json"))
    for name, cls, path in (
        ("transformer", FluxTransformer2DModel, "flux_parts/transformer_dev"), ("text_encoder", CLIPTextModel, "flux_parts/text_encoder"),
        ("text_encoder_2", T5EncoderModel, "flux_parts/text_encoder_2"), ("vae", AutoencoderKL, "vae_flux"),
    ):
        flux.old(name, load(cls, path), place(path))
    flux.old("tokenizer", words, place("tokenizer")).old("tokenizer_2", pieces, place("t5_tokenizer_json"))
    width = flux.loaded["transformer"].inner_dim
    back_flux = narrow(convert_flux_transformer_checkpoint_to_diffusers, width)
    base = {"prompt": PROMPT, "height": 64, "width": 64, "num_inference_steps": 3}
    kinds = {
        "flux": ("FluxPipeline", flux, DYNAMIC, {**base, "max_sequence_length": 512, "guidance_scale": 3.5}, flux_layout, back_flux, FLUX_LAYERS, "text_encoder_2"),
        "sd3": (
            "StableDiffusion3Pipeline", sd3, SHIFT, {**base, "negative_prompt": NEGATIVE, "guidance_scale": 7.0}, sd3_layout,
            convert_sd3_transformer_checkpoint_to_diffusers, SD3_LAYERS, "text_encoder_3",
        ),
    }
    texts = {"flux": ["text_encoder", "text_encoder_2"], "sd3": ["text_encoder", "text_encoder_2", "text_encoder_3"]}
    runs = {
        "flux_kohya": ("flux", "kohya", "lora", 2, ["transformer", *texts["flux"]], None, 0.8),
        "flux_comfy": ("flux", "comfy", "lora", None, ["transformer", *texts["flux"]], None, -0.5),
        "flux_loha": ("flux", "kohya", "loha", 1, ["transformer"], None, 0.7),
        "flux_lokr": ("flux", "kohya", "lokr", 2, ["transformer"], None, 0.6),
        "flux_dora": ("flux", "kohya", "dora", 3, ["transformer"], QKV, 0.9),
        "sd3_kohya": ("sd3", "kohya", "lora", 2, ["transformer", *texts["sd3"]], None, 0.8),
        "sd3_comfy": ("sd3", "comfy", "lora", None, ["transformer", *texts["sd3"]], None, 0.6),
        "sd3_lokr": ("sd3", "comfy", "lokr", 1, ["transformer"], None, 0.5),
    }
    folder = root / "models/flow_loras"
    folder.mkdir(parents=True, exist_ok=True)
    variants, tensors = {}, {}
    for k, (name, (kind, style, method, alpha, changed, layers, strength)) in enumerate(runs.items()):
        pipeline, parts, scheduler, call, layout, back, all_layers, t5 = kinds[kind]
        adapter = Adapter(style, method, seed + k, alpha, changed)
        merged = adapted(parts, adapter, layout, back, layers or all_layers, t5, strength)
        if name == "flux_kohya":
            print("same as the reference's conversion:", check_with_reference(adapter, parts.loaded["transformer"], merged.loaded["transformer"], strength))
        file = f"models/flow_loras/{name}.safetensors"
        save_file({key: value.contiguous() for key, value in adapter.tensors.items()}, root / file)
        compute = lambda: record(pipeline, merged, scheduler, call, seed + 100 + k)
        outputs = compute()
        change = sensitivity(merged, compute, outputs)
        plain = record(pipeline, parts, scheduler, call, seed + 100 + k)
        difference = (plain["latents"] - outputs["latents"]).abs().max().item()
        variants[name] = {
            "params": {
                "pipeline": pipeline, "components": parts.paths, "scheduler": {"class": scheduler[0], "config": scheduler[1]}, "call": call,
                "seed": seed + 100 + k, "loras": [{"file": file, "strength": strength}],
            },
            "tolerance": max(2e-4, 4 * change),
            "sensitivity": change,
        }
        tensors.update({f"{name}/out/{key}": value for key, value in outputs.items()})
        print(name, f"{change:.2e}", "changed by", difference)
    what = "LoRAs of Stable Diffusion 3 and Flux in the layouts of kohya's trainer, ComfyUI and LyCORIS"
    compare = "latents_per_step (not packed), latents, image (np, [0,1], NHWC)"
    write_case("07_pipelines/flow_loras", "pipeline", what, "pipe(**call) with the adapter merged", compare, variants, tensors)


def load_tokenizer(name):
    return CLIPTokenizer.from_pretrained(GOLDENS / "models" / name)


if __name__ == "__main__":
    main(*sys.argv[1:])
