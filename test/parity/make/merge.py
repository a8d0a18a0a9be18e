"""Golden cases of adapters: 08_lora/merge and 08_lora/adapted_unet. Run: python merge.py GOLDENS (torch, diffusers, peft, safetensors).

Models are tiny and random. Sums of checkpoints are torch's own; LoRAs are merged by peft (LoRA, LoCon, LoHa, LoKr, DoRA)
and the factors written under the keys of kohya's trainer and LyCORIS."""
import json
import sys
from pathlib import Path

import diffusers
import peft
import torch
from safetensors.torch import load_file, save_file

root = Path(sys.argv[1])
models = root / "models" / "merge"
models.mkdir(parents=True, exist_ok=True)
variants, tensors = {}, {}
forward_variants, forward_tensors = {}, {}
names = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}


def record(name, params, merged, compared, tolerance):
    expected = {"dtypes": {key: names[value.dtype] for key, value in sorted(merged.items())}, "recorded": True}
    variants[name] = {"params": params, "tolerance": tolerance, "expected": expected}
    for key in compared:
        tensors[f"{name}/out/{key}"] = merged[key].float().clone().contiguous()


# Checkpoints with each other: several types, a buffer, and a tensor that only the first has.
def checkpoint(seed, extra=False):
    g = torch.Generator().manual_seed(seed)
    state = {
        "conv.weight": torch.randn(6, 4, 3, 3, generator=g),
        "conv.bias": torch.randn(6, generator=g),
        "linear.weight": torch.randn(8, 6, generator=g).half(),
        "norm.weight": torch.randn(8, generator=g).bfloat16(),
        "steps": torch.arange(3),
    }
    return {**state, "only_here": torch.randn(2, generator=g)} if extra else state


a, b, c = checkpoint(11, extra=True), checkpoint(12), checkpoint(13)
for name, state in (("a", a), ("b", b), ("c", c)):
    save_file(state, models / f"{name}.safetensors")


def combined(factors):
    out = {}
    for key, own in a.items():
        parts = [state.get(key) for state, _ in factors]
        if any(part is None for part in parts) or not own.is_floating_point():
            out[key] = own
        else:
            out[key] = sum(part.float() * factor for part, (_, factor) in zip(parts, factors)).to(own.dtype)
    return out


def record_types(name, params, merged):
    """Single precision closely; half precision to half a unit in the last place of its largest values."""
    single = [key for key, value in merged.items() if value.dtype == torch.float32]
    record(name, params, merged, single, 1e-6)
    record(f"{name}_half", params, merged, ["linear.weight", "norm.weight"], 0.017)


files = {name: f"models/merge/{name}.safetensors" for name in "abc"}
for share in (0.0, 0.3, 1.0):
    merged = combined([(a, 1 - share), (b, share)])
    params = {"method": "weighted_sum", "a": files["a"], "b": files["b"], "share": share}
    record_types(f"weighted_sum_{share}", params, merged)
for amount in (1.0, -0.5):
    merged = combined([(a, 1), (b, amount), (c, -amount)])
    params = {"method": "add_difference", **files, "amount": amount}
    record_types(f"add_difference_{amount}", params, merged)

# LoRAs into a UNet.
torch.manual_seed(21)
shape = dict(sample_size=8, block_out_channels=(8, 16), norm_num_groups=4, cross_attention_dim=12, attention_head_dim=2,
             layers_per_block=1, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
             up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"))
base = diffusers.UNet2DConditionModel(**shape)
save_file({key: value.contiguous() for key, value in base.state_dict().items()}, models / "unet.safetensors")
linear = ["mid_block.attentions.0.transformer_blocks.0.attn2.to_k", "down_blocks.0.attentions.0.transformer_blocks.0.ff.net.2"]
convolutions = ["mid_block.resnets.0.conv1", "down_blocks.0.attentions.0.proj_in", "down_blocks.0.downsamplers.0.conv"]
layers = linear + convolutions

configs = {
    "lora": lambda: peft.LoraConfig(r=3, lora_alpha=5, target_modules=layers, init_lora_weights=False),
    "dora": lambda: peft.LoraConfig(r=3, lora_alpha=5, target_modules=layers, init_lora_weights=False, use_dora=True),
    "loha": lambda: peft.LoHaConfig(r=3, alpha=5, target_modules=layers, init_weights=False),
    "loha_tucker": lambda: peft.LoHaConfig(r=3, alpha=5, target_modules=layers, init_weights=False, use_effective_conv2d=True),
    "lokr": lambda: peft.LoKrConfig(r=2, alpha=5, target_modules=layers, init_weights=False, decompose_both=True),
    "lokr_tucker": lambda: peft.LoKrConfig(r=2, alpha=5, target_modules=layers, init_weights=False, use_effective_conv2d=True),
}
kohya = {"lora_A.default.weight": "lora_down.weight", "lora_B.default.weight": "lora_up.weight",
         "lora_magnitude_vector.default.weight": "dora_scale"}


def fresh():
    unet = diffusers.UNet2DConditionModel(**shape)
    unet.load_state_dict(base.state_dict())
    return unet


def adapted(kind, seed, alpha_factor=1.0):
    """A UNet with a peft adapter, and the adapter's tensors under kohya's keys."""
    torch.manual_seed(seed)
    wrapped = peft.inject_adapter_in_model(configs[kind](), fresh())
    state = {}
    for module_name, module in wrapped.named_modules():
        if not isinstance(module, peft.tuners.tuners_utils.BaseTunerLayer):
            continue
        flat = "lora_unet_" + module_name.replace(".", "_")
        own = {}
        for key, value in module.named_parameters():
            if key.startswith("base_layer"):
                continue
            if "magnitude" in key:
                with torch.no_grad():
                    value.mul_(1 + 0.2 * torch.rand_like(value))
            out = [module.get_base_layer().weight.shape[0]]
            value = value.detach()
            if "magnitude" in key:
                value = value.reshape(out + [1] * (module.get_base_layer().weight.dim() - 1))
            own[kohya.get(key, key.replace(".default", ""))] = value.clone().contiguous()
        # LyCORIS sets no scale where both matrices are whole; peft does, so it goes into the first.
        if "lokr_w1" in own and "lokr_w2" in own:
            own["lokr_w1"] = own["lokr_w1"] * module.scaling["default"]
        state.update({f"{flat}.{key}": value for key, value in own.items()})
        state[f"{flat}.alpha"] = torch.tensor(5.0)
    return wrapped, state


def deltas(wrapped, strength):
    """The weights after merging at a strength."""
    out = {}
    for module_name, module in wrapped.named_modules():
        if isinstance(module, peft.tuners.tuners_utils.BaseTunerLayer):
            module.scaling["default"] *= strength
            module.merge()
            out[f"{module_name}.weight"] = module.get_base_layer().weight.detach().clone()
    return out


files = {}
for seed, kind in enumerate(configs, 31):
    _, state = adapted(kind, seed)
    files[kind] = f"models/merge/{kind}.safetensors"
    save_file(state, root / files[kind])
    for strength in (1.0, -0.6):
        wrapped, _ = adapted(kind, seed)
        changed = deltas(wrapped, strength)
        assert set(changed) == {f"{layer}.weight" for layer in layers}
        merged = {**base.state_dict(), **changed}
        params = {"method": "lora", "base": "models/merge/unet.safetensors", "loras": [{"file": files[kind], "strength": strength}]}
        record(f"{kind}_{strength}", params, merged, [*changed, "conv_in.weight"], 2e-5)

# One pass of the UNet with adapters beside its weights.
g = torch.Generator().manual_seed(41)
inputs = {"sample": torch.randn(2, 4, 8, 8, generator=g), "timestep": torch.tensor([801.0, 20.0]),
          "encoder_hidden_states": torch.randn(2, 7, 12, generator=g)}


def record_forward(name, unet, loras):
    with torch.no_grad():
        sample = unet(**inputs).sample
    params = {"model": "models/merge/unet.safetensors", "config": shape, "loras": [{"file": f, "strength": s} for f, s in loras]}
    forward_variants[name] = {"params": params, "tolerance": 5e-5, "expected": {}}
    forward_tensors.update({f"{name}/in/{key}": value.clone() for key, value in inputs.items()})
    forward_tensors[f"{name}/out/sample"] = sample.contiguous()
    return sample


plain = record_forward("none", fresh(), [])
for seed, kind in enumerate(configs, 31):
    for strength in (1.0, -0.6):
        wrapped, _ = adapted(kind, seed)
        for module in wrapped.modules():
            if isinstance(module, peft.tuners.tuners_utils.BaseTunerLayer):
                module.scaling["default"] *= strength
        sample = record_forward(f"{kind}_{strength}", wrapped, [(files[kind], strength)])
        assert (sample - plain).abs().max() > 0.01, kind

# Two at once: sums of differences, in either order.
first, second = adapted("lora", 31)[0], adapted("loha", 33)[0]
one, two = deltas(first, 0.7), deltas(second, -0.3)
merged = {**base.state_dict(), **{key: one[key] + two[key] - base.state_dict()[key] for key in one}}
params = {"method": "lora", "base": "models/merge/unet.safetensors",
          "loras": [{"file": files["lora"], "strength": 0.7}, {"file": files["loha"], "strength": -0.3}]}
record("two_loras", params, merged, one, 2e-5)
both = fresh()
both.load_state_dict(merged)
record_forward("two_loras", both, [(files["lora"], 0.7), (files["loha"], -0.3)])

# Half precision stays half precision.
half = {key: value.half() for key, value in base.state_dict().items()}
save_file({key: value.contiguous() for key, value in half.items()}, models / "unet_half.safetensors")
state = load_file(root / files["lora"])
changed = {}
for layer in layers:
    flat = "lora_unet_" + layer.replace(".", "_")
    down, up = state[f"{flat}.lora_down.weight"], state[f"{flat}.lora_up.weight"]
    weight = half[f"{layer}.weight"].float()
    delta = (up.flatten(1) @ down.flatten(1)).reshape(weight.shape)
    changed[f"{layer}.weight"] = (weight + 0.8 * 5 / 3 * delta).half()
params = {"method": "lora", "base": "models/merge/unet_half.safetensors", "loras": [{"file": files["lora"], "strength": 0.8}]}
record("half", params, {**half, **changed}, changed, 0.001)

versions = {"torch": torch.__version__, "diffusers": diffusers.__version__, "peft": peft.__version__}


def write(name, kind, texts, variants, tensors):
    case = root / "cases" / "08_lora" / name
    case.mkdir(parents=True, exist_ok=True)
    save_file(tensors, case / "tensors.safetensors")
    text = {"kind": kind, **texts, "versions": versions, "variants": variants}
    (case / "case.json").write_text(json.dumps(text, indent=1) + "\n")
    print(name, len(variants), "variants")


write("merge", "merge", {
    "what": "checkpoints merged with each other (weighted sum, add difference) and with LoRAs (kohya and LyCORIS keys)",
    "call": "sum of factor * tensor in float32, rounded to the first model's type; peft's merge at scaling * strength",
    "compare": "every tensor named; expected.dtypes of all; the record in the file's metadata",
}, variants, tensors)
write("adapted_unet", "adapted_unet", {
    "what": "one pass of a UNet with adapters: LoRA, LoCon, LoHa, LoKr, DoRA on linear layers and convolutions of 1x1 and 3x3",
    "call": "peft's forward at scaling * strength; two_loras: the sum of what each changes",
    "compare": "sample",
}, forward_variants, forward_tensors)
