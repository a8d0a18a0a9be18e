"""Golden case 07_pipelines/flow_single_file: the reference's pictures of tiny models of Stable Diffusion 3 and Flux, whose weights are
written in their authors' layout into one file each.

    python test/parity/make/flow_single_files.py

writes that case and models/flow_files. The tables below go from the reference's names to the authors'; the reference's own conversion must
lead back. Text encoders have the published vocabularies, in half precision and zero but for the words of the prompts.
"""

import inspect
import re
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
)
from diffusers.loaders.single_file_utils import (
    convert_flux_transformer_checkpoint_to_diffusers,
    convert_ldm_vae_checkpoint,
    convert_sd3_transformer_checkpoint_to_diffusers,
)
from flow_pipelines import DYNAMIC, EULER, NEGATIVE, PROMPT, SHIFT, Parts, flux, make, record, sd3
from golden import GOLDENS, write_case
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

RESOURCES = Path(__file__).parents[3] / "resources"
torch.set_grad_enabled(False)


def clip(cls, projection, act, seed):
    config = CLIPTextConfig(
        vocab_size=49408, hidden_size=8, intermediate_size=16, num_hidden_layers=3, num_attention_heads=1,
        projection_dim=projection, hidden_act=act, bos_token_id=49406, eos_token_id=49407,
    )
    return make(cls, config, seed)


def t5(seed):
    config = T5Config(
        vocab_size=32128, d_model=8, d_kv=6, d_ff=16, num_layers=2, num_heads=4, feed_forward_proj="gated-gelu",
        relative_attention_num_buckets=12, relative_attention_max_distance=128,
    )
    return make(T5EncoderModel, config, seed)


def only_words(table, tokenizer):
    """Rows of words that no prompt has are zero; all are exact in half precision."""
    ids = {0, *(id for text in (PROMPT, NEGATIVE, "") for id in tokenizer(text).input_ids), tokenizer.pad_token_id}
    kept = torch.zeros_like(table.weight)
    for id in ids:
        kept[id] = table.weight[id].half().float() * (4 if kept.shape[0] == 49408 else 1)
    table.weight.copy_(kept)


def swapped(tensor):
    return torch.cat(tensor.chunk(2)[::-1])


def qkv(state, to, path, names):
    for kind in ("weight", "bias"):
        parts = [state.get(f"{path}.{name}.{kind}") for name in names]
        if parts[0] is not None:
            yield f"{to}.{kind}", torch.cat(parts)


def renamed(state, rows):
    """Rows: pairs of paths, reference to authors."""
    for old, new in rows:
        for kind in ("weight", "bias"):
            if f"{old}.{kind}" in state:
                yield f"{new}.{kind}", state[f"{old}.{kind}"]


OWN, ADDED = ["to_q", "to_k", "to_v"], ["add_q_proj", "add_k_proj", "add_v_proj"]
MODULATION = "final_layer.adaLN_modulation.1"


def sd3_layout(state, config):
    out = {"pos_embed": state["pos_embed.pos_embed"]}
    out.update(renamed(state, [
        ("pos_embed.proj", "x_embedder.proj"), ("context_embedder", "context_embedder"), ("proj_out", "final_layer.linear"),
        ("time_text_embed.timestep_embedder.linear_1", "t_embedder.mlp.0"),
        ("time_text_embed.timestep_embedder.linear_2", "t_embedder.mlp.2"),
        ("time_text_embed.text_embedder.linear_1", "y_embedder.mlp.0"),
        ("time_text_embed.text_embedder.linear_2", "y_embedder.mlp.2"),
    ]))
    for kind in ("weight", "bias"):
        out[f"{MODULATION}.{kind}"] = swapped(state[f"norm_out.linear.{kind}"])
    for k in range(config.num_layers):
        block, to = f"transformer_blocks.{k}", f"joint_blocks.{k}"
        x, text = f"{to}.x_block", f"{to}.context_block"
        out.update(renamed(state, [
            (f"{block}.norm1.linear", f"{x}.adaLN_modulation.1"), (f"{block}.attn.to_out.0", f"{x}.attn.proj"),
            (f"{block}.attn.to_add_out", f"{text}.attn.proj"), (f"{block}.attn2.to_out.0", f"{x}.attn2.proj"),
            (f"{block}.attn.norm_q", f"{x}.attn.ln_q"), (f"{block}.attn.norm_k", f"{x}.attn.ln_k"),
            (f"{block}.attn2.norm_q", f"{x}.attn2.ln_q"), (f"{block}.attn2.norm_k", f"{x}.attn2.ln_k"),
            (f"{block}.attn.norm_added_q", f"{text}.attn.ln_q"), (f"{block}.attn.norm_added_k", f"{text}.attn.ln_k"),
            (f"{block}.ff.net.0.proj", f"{x}.mlp.fc1"), (f"{block}.ff.net.2", f"{x}.mlp.fc2"),
            (f"{block}.ff_context.net.0.proj", f"{text}.mlp.fc1"), (f"{block}.ff_context.net.2", f"{text}.mlp.fc2"),
            (f"{block}.norm1_context.linear", f"{text}.adaLN_modulation.1"),
        ]))
        out.update(qkv(state, f"{x}.attn.qkv", f"{block}.attn", OWN))
        out.update(qkv(state, f"{x}.attn2.qkv", f"{block}.attn2", OWN))
        out.update(qkv(state, f"{text}.attn.qkv", f"{block}.attn", ADDED))
        if k == config.num_layers - 1:
            for kind in ("weight", "bias"):
                out[f"{text}.adaLN_modulation.1.{kind}"] = swapped(out[f"{text}.adaLN_modulation.1.{kind}"])
    return out


def flux_layout(state, config):
    embedders = [("time_in", "timestep_embedder"), ("vector_in", "text_embedder"), ("guidance_in", "guidance_embedder")]
    out = dict(renamed(state, [
        ("x_embedder", "img_in"), ("context_embedder", "txt_in"), ("proj_out", "final_layer.linear"),
        *((f"time_text_embed.{old}.linear_1", f"{new}.in_layer") for new, old in embedders),
        *((f"time_text_embed.{old}.linear_2", f"{new}.out_layer") for new, old in embedders),
    ]))
    for kind in ("weight", "bias"):
        out[f"{MODULATION}.{kind}"] = swapped(state[f"norm_out.linear.{kind}"])
    for k in range(config.num_layers):
        block, to = f"transformer_blocks.{k}", f"double_blocks.{k}"
        out.update(renamed(state, [
            (f"{block}.norm1.linear", f"{to}.img_mod.lin"), (f"{block}.norm1_context.linear", f"{to}.txt_mod.lin"),
            (f"{block}.attn.to_out.0", f"{to}.img_attn.proj"), (f"{block}.attn.to_add_out", f"{to}.txt_attn.proj"),
            (f"{block}.ff.net.0.proj", f"{to}.img_mlp.0"), (f"{block}.ff.net.2", f"{to}.img_mlp.2"),
            (f"{block}.ff_context.net.0.proj", f"{to}.txt_mlp.0"), (f"{block}.ff_context.net.2", f"{to}.txt_mlp.2"),
        ]))
        for stream, added in (("img", ""), ("txt", "added_")):
            for which, short in (("query", "q"), ("key", "k")):
                out[f"{to}.{stream}_attn.norm.{which}_norm.scale"] = state[f"{block}.attn.norm_{added}{short}.weight"]
        out.update(qkv(state, f"{to}.img_attn.qkv", f"{block}.attn", OWN))
        out.update(qkv(state, f"{to}.txt_attn.qkv", f"{block}.attn", ADDED))
    for k in range(config.num_single_layers):
        block, to = f"single_transformer_blocks.{k}", f"single_blocks.{k}"
        out.update(renamed(state, [(f"{block}.norm.linear", f"{to}.modulation.lin"), (f"{block}.proj_out", f"{to}.linear2")]))
        for which, short in (("query", "q"), ("key", "k")):
            out[f"{to}.norm.{which}_norm.scale"] = state[f"{block}.attn.norm_{short}.weight"]
        names = ["attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp"]
        for kind in ("weight", "bias"):
            out[f"{to}.linear1.{kind}"] = torch.cat([state[f"{block}.{name}.{kind}"] for name in names])
    return out


def vae_layout(state, config):
    levels = len(config.block_out_channels)

    def name(key):
        key = re.sub(r"^decoder\.up_blocks\.(\d+)", lambda m: f"decoder.up.{levels - 1 - int(m[1])}", key)
        key = re.sub(r"^encoder\.down_blocks\.(\d+)", r"encoder.down.\1", key)
        key = re.sub(r"\.resnets\.(\d+)", r".block.\1", key) if ".mid_block." not in key else key
        key = key.replace("upsamplers.0", "upsample").replace("downsamplers.0", "downsample")
        key = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", key)
        key = key.replace("mid_block.attentions.0", "mid.attn_1").replace("conv_norm_out", "norm_out")
        for old, new in (("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out")):
            key = key.replace(f"attn_1.{old}", f"attn_1.{new}")
        return key.replace("conv_shortcut", "nin_shortcut")

    matrix = re.compile(r"attn_1\.(q|k|v|proj_out)\.weight$")
    return {name(key): value[..., None, None] if matrix.search(name(key)) else value for key, value in state.items()}


def text_layout(model):
    """transformers' names, as the files have them; half precision for the table of words."""
    table = re.compile(r"(token_embedding|shared)\.weight$")
    state = {key: value.half() if table.search(key) else value for key, value in model.state_dict().items()}
    state.pop("encoder.embed_tokens.weight", None)
    is_clip = not any(key.startswith("shared") for key in state)
    bare = lambda key: is_clip and not key.startswith(("text_model.", "text_projection."))
    return {f"text_model.{key}" if bare(key) else key: value for key, value in state.items()}


def narrow(convert, width):
    """The reference's conversion of Flux knows one width."""
    scope = {**convert.__globals__}
    source = inspect.getsource(convert)
    assert "inner_dim = 3072" in source
    exec(source.replace("inner_dim = 3072", f"inner_dim = {width}"), scope)
    return scope[convert.__name__]


def check(state, converted):
    assert state.keys() == converted.keys(), state.keys() ^ converted.keys()
    assert all(torch.equal(state[key], converted[key]) for key in state)


def file_of(pipe_parts, layout, back, text, vae_prefix):
    loaded = pipe_parts.loaded
    transformer, vae = loaded["transformer"], loaded["vae"]
    own = layout(transformer.state_dict(), transformer.config)
    check(transformer.state_dict(), back(dict(own)))
    codec = vae_layout(vae.state_dict(), vae.config)
    check(vae.state_dict(), convert_ldm_vae_checkpoint(dict(codec), vae.config))
    tensors = {f"model.diffusion_model.{key}": value for key, value in own.items()}
    tensors.update({f"{vae_prefix}{key}": value for key, value in codec.items()})
    for name, prefix in text.items():
        tensors.update({f"text_encoders.{prefix}.transformer.{key}": value for key, value in text_layout(loaded[name]).items()})
    return {key: value.clone().contiguous() for key, value in tensors.items()}


def main(root=GOLDENS):
    words = CLIPTokenizer.from_pretrained(RESOURCES / "clip-vocabulary")
    bang = CLIPTokenizer.from_pretrained(RESOURCES / "clip-vocabulary", pad_token="!")
    pieces = T5TokenizerFast(tokenizer_file=str(RESOURCES / "t5-vocabulary/tokenizer.json"))
    vae = lambda name: AutoencoderKL.from_pretrained(GOLDENS / "models" / name)
    medium = dict(num_attention_heads=1, attention_head_dim=64, caption_projection_dim=64, qk_norm="rms_norm",
                  joint_attention_dim=20, pooled_projection_dim=17, dual_attention_layers=(0,))
    first = Parts(root)
    first.old("transformer", make(SD3Transformer2DModel, sd3(**medium), 31), None)
    first.old("text_encoder", clip(CLIPTextModelWithProjection, 8, "quick_gelu", 32), None)
    first.old("text_encoder_2", clip(CLIPTextModelWithProjection, 9, "gelu", 33), None)
    first.old("tokenizer", words, None).old("tokenizer_2", bang, None).old("vae", vae("vae_sd3"), None)
    only_words(first.loaded["text_encoder"].get_input_embeddings(), words)
    only_words(first.loaded["text_encoder_2"].get_input_embeddings(), bang)
    head = dict(attention_head_dim=32, num_attention_heads=2, axes_dims_rope=(4, 14, 14), joint_attention_dim=8, pooled_projection_dim=8)
    second = Parts(root)
    second.old("transformer", make(FluxTransformer2DModel, flux(guidance_embeds=True, **head), 34), None)
    second.old("text_encoder", clip(CLIPTextModel, 8, "quick_gelu", 35), None).old("text_encoder_2", t5(36), None)
    second.old("tokenizer", words, None).old("tokenizer_2", pieces, None).old("vae", vae("vae_flux"), None)
    only_words(second.loaded["text_encoder"].get_input_embeddings(), words)
    only_words(second.loaded["text_encoder_2"].get_input_embeddings(), pieces)
    schnell = second.only(transformer=(None, make(FluxTransformer2DModel, flux(**head), 37)))

    folder = root / "models/flow_files"
    folder.mkdir(parents=True, exist_ok=True)
    back_sd3, back_flux = convert_sd3_transformer_checkpoint_to_diffusers, narrow(convert_flux_transformer_checkpoint_to_diffusers, 64)
    clips, both = {"text_encoder": "clip_l", "text_encoder_2": "clip_g"}, {"text_encoder": "clip_l", "text_encoder_2": "t5xxl"}
    save_file(file_of(first, sd3_layout, back_sd3, clips, "first_stage_model."), folder / "sd3.safetensors")
    save_file(file_of(second, flux_layout, back_flux, both, "vae."), folder / "flux_dev.safetensors")
    save_file(file_of(schnell, flux_layout, back_flux, both, "vae."), folder / "flux_schnell.safetensors")

    base = {"prompt": PROMPT, "num_inference_steps": 4, "height": 64, "width": 64}
    guided = {**base, "negative_prompt": NEGATIVE, "guidance_scale": 7.0}
    runs = {
        "sd3": ("StableDiffusion3Pipeline", first, SHIFT, guided, 3001, "sd3"),
        "flux_dev": ("FluxPipeline", second, DYNAMIC, {**base, "max_sequence_length": 512, "guidance_scale": 3.5}, 3002, "flux_dev"),
        "flux_schnell": ("FluxPipeline", schnell, (EULER, {"shift": 1.0}), {**base, "max_sequence_length": 256}, 3003, "flux_schnell"),
    }
    variants, tensors = {}, {}
    for name, (pipeline, parts, scheduler, call, seed, file) in runs.items():
        compute = lambda: record(pipeline, parts, scheduler, call, seed)
        outputs = compute()
        change = sensitivity(parts.loaded.values(), compute, outputs, seed=9)
        params = {"pipeline": pipeline, "pretrained": f"models/flow_files/{file}.safetensors", "call": call, "seed": seed}
        variants[name] = {"params": params, "tolerance": max(2e-4, 4 * change), "sensitivity": change}
        tensors.update({f"{name}/out/{key}": value for key, value in outputs.items()})
        print(name, f"{change:.2e}", outputs["latents"].std().item())
    what = "pictures of Stable Diffusion 3 and Flux from one file each, in their authors' layout"
    compare = "latents_per_step (not packed), latents, image (np, [0,1], NHWC)"
    write_case("07_pipelines/flow_single_file", "pipeline", what, "pipe(**call)", compare, variants, tensors)


if __name__ == "__main__":
    main()
