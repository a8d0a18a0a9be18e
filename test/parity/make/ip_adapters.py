"""Golden cases of IP-Adapters of random weights, beside the tiny UNets of goldens/models.

    python test/parity/make/ip_adapters.py

writes models/ip_adapters/*.safetensors in the published layout, and cases 06_controlnet/ip_adapter and 07_pipelines/ip_adapter.
Needs torch, diffusers, transformers, pillow and safetensors.
"""

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from golden import GOLDENS, sensitivity, write_case
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import (
    CLIPImageProcessor,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionModelWithProjection,
)

torch.set_num_threads(1)
MODELS = GOLDENS / "models"
ENCODER = "models/clip_vision_proj"
SCHEDULE = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


def attention_shapes(unet):
    """Of each attention to words, in the order of attn_processors: the way down, the way up, the middle."""
    modules = dict(unet.named_modules())
    names = [name.removesuffix(".processor") for name in unet.attn_processors]
    return [tuple(modules[name].to_k.weight.shape) for name in names if name.endswith("attn2")]


def write_adapter(name, unet, form, seed, tokens=3, hidden=16, blocks=4, whole=16, places=24):
    generator = torch.Generator().manual_seed(seed)
    randn = lambda *shape, scale=None: torch.randn(shape, generator=generator) * (scale or shape[-1] ** -0.5)
    near = lambda width: 1 + 0.2 * torch.randn(width, generator=generator)
    norm = lambda key, width: {f"{key}.weight": near(width), f"{key}.bias": randn(width, scale=0.2)}
    shapes = attention_shapes(unet)
    context = shapes[0][1]
    state = {}
    if form == "whole":
        state |= {"proj.weight": randn(4 * context, whole), "proj.bias": randn(4 * context, scale=0.2), **norm("norm", context)}
    if form == "full":
        state |= {"proj.0.weight": randn(places, places), "proj.0.bias": randn(places, scale=0.2)}
        state |= {"proj.2.weight": randn(context, places), "proj.2.bias": randn(context, scale=0.2), **norm("proj.3", context)}
    if form == "plus":
        state |= {"latents": randn(1, tokens, hidden, scale=0.5)}
        state |= {"proj_in.weight": randn(hidden, places), "proj_in.bias": randn(hidden, scale=0.2)}
        state |= {"proj_out.weight": randn(context, hidden), "proj_out.bias": randn(context, scale=0.2), **norm("norm_out", context)}
        for k in range(blocks):
            state |= {**norm(f"layers.{k}.0.norm1", hidden), **norm(f"layers.{k}.0.norm2", hidden), **norm(f"layers.{k}.1.0", hidden)}
            state |= {f"layers.{k}.0.to_q.weight": randn(64, hidden), f"layers.{k}.0.to_kv.weight": randn(128, hidden)}
            state |= {f"layers.{k}.0.to_out.weight": randn(hidden, 64)}
            state |= {f"layers.{k}.1.1.weight": randn(4 * hidden, hidden), f"layers.{k}.1.3.weight": randn(hidden, 4 * hidden)}
    file = {f"image_proj.{key}": value for key, value in state.items()}
    for k, shape in enumerate(shapes):
        file |= {f"ip_adapter.{2 * k + 1}.to_{letter}_ip.weight": randn(*shape) for letter in "kv"}
    path = MODELS / "ip_adapters" / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    save_file({key: value.contiguous() for key, value in file.items()}, path)


def write_adapters():
    for family, seed in [("sd1", 1), ("sdxl", 11)]:
        unet = UNet2DConditionModel.from_pretrained(MODELS / family / "unet")
        for k, form in enumerate(["whole", "plus", "full"] if family == "sd1" else ["whole", "plus"]):
            write_adapter(f"{family}_{form}", unet, form, seed + k)


def split_state(name):
    state = {"image_proj": {}, "ip_adapter": {}}
    for key, value in load_file(MODELS / "ip_adapters" / f"{name}.safetensors").items():
        part, rest = key.split(".", 1)
        state[part][rest] = value
    return state


def encoder():
    return CLIPVisionModelWithProjection.from_pretrained(GOLDENS / ENCODER).eval()


def processor():
    return CLIPImageProcessor(size=32, crop_size=32)


def pictures(count, seed=5):
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (40 + 8 * k, 56, 3), dtype=np.uint8) for k in range(count)]


def embeds(names, groups):
    """What CLIP says of the pictures of each adapter, and what stands for none: the reference's prepare_ip_adapter_image_embeds."""
    clip, ready = encoder(), processor()
    pairs = []
    for name, group in zip(names, groups):
        pixels = ready([Image.fromarray(image) for image in group], return_tensors="pt").pixel_values
        if name.endswith("whole"):
            seen = clip(pixels).image_embeds
            pairs.append((seen[None], torch.zeros_like(seen)[None]))
        else:
            look = lambda x: clip(x, output_hidden_states=True).hidden_states[-2]
            pairs.append((look(pixels)[None], look(torch.zeros_like(pixels))[None]))
    return pairs


@torch.no_grad()
def networks():
    cases = {
        "whole": ("sd1", ["whole"], [1], [1.0]),
        "plus": ("sd1", ["plus"], [1], [0.6]),
        "full": ("sd1", ["full"], [1], [0.8]),
        "several_pictures": ("sd1", ["whole"], [3], [0.7]),
        "two_adapters": ("sd1", ["plus", "whole"], [2, 1], [0.5, 1.3]),
        "xl_whole": ("sdxl", ["whole"], [2], [1.0]),
        "xl_plus": ("sdxl", ["plus"], [1], [0.6]),
    }
    variants, tensors = {}, {}
    for k, (name, (family, forms, counts, scales)) in enumerate(cases.items()):
        unet = UNet2DConditionModel.from_pretrained(MODELS / family / "unet").eval()
        names = [f"{family}_{form}" for form in forms]
        unet._load_ip_adapter_weights([split_state(each) for each in names], low_cpu_mem_usage=False)
        for processor_ in unet.attn_processors.values():
            if hasattr(processor_, "scale"):
                processor_.scale = list(scales)
        every = pictures(sum(counts), seed=20 + k)
        groups, at = [], 0
        for count in counts:
            groups.append(every[at : at + count])
            at += count
        generator = torch.Generator().manual_seed(k)
        fed = dict(
            sample=torch.randn((2, 4, 8, 8), generator=generator), timestep=torch.tensor(411.0),
            encoder_hidden_states=torch.randn((2, 7, unet.config.cross_attention_dim), generator=generator),
        )
        added = {}
        if family == "sdxl":
            numbers = unet.config.projection_class_embeddings_input_dim - 6 * unet.config.addition_time_embed_dim
            added = dict(text_embeds=torch.randn((2, numbers), generator=generator), time_ids=torch.tensor([[64.0, 64, 0, 0, 64, 64]] * 2))
        pairs = embeds(names, groups)

        def compute():
            joined = [torch.cat([negative, positive]) for positive, negative in pairs]
            out = {"unet_sample": unet(fed["sample"], fed["timestep"], fed["encoder_hidden_states"], added_cond_kwargs={**added, "image_embeds": joined}).sample}
            for n, each in enumerate(unet.encoder_hid_proj(joined)):
                out |= {f"tokens_{n}": each.flatten(1, 2)}
            return out

        out = compute()
        adapters = [
            {"file": f"models/ip_adapters/{each}.safetensors", "pictures": [f"picture{n}" for n in places], "scale": scale}
            for each, places, scale in zip(names, [range(sum(counts[:n]), sum(counts[: n + 1])) for n in range(len(counts))], scales)
        ]
        params = dict(unet=f"models/{family}/unet", encoder=ENCODER, adapters=adapters)
        variants[name] = dict(params=params, tolerance=5e-5, sensitivity=sensitivity(unet, compute))
        tensors |= {f"{name}/in/{key}": value for key, value in {**fed, **added}.items()}
        tensors |= {f"{name}/in/picture{n}_u8": torch.from_numpy(image) for n, image in enumerate(every)}
        tensors |= {f"{name}/out/{key}": value for key, value in out.items()}
    write_case(
        "06_controlnet/ip_adapter", "ip_adapter", "tokens that IP-Adapters make of pictures, and the UNet that attends to them",
        "unet._load_ip_adapter_weights(state dicts); unet(sample, t, text, added_cond_kwargs={image_embeds: [cat(negative, positive)]})",
        "tokens_* (the half without pictures first), unet_sample", variants, tensors,
    )


def parts_of(family):
    folder = MODELS / family
    parts = dict(
        unet=UNet2DConditionModel.from_pretrained(folder / "unet"), vae=AutoencoderKL.from_pretrained(folder / "vae"),
        text_encoder=CLIPTextModel.from_pretrained(folder / "text_encoder"), tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        image_encoder=encoder(), feature_extractor=processor(),
    )
    if family == "sdxl":
        parts |= dict(
            text_encoder_2=CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder_2"),
            tokenizer_2=CLIPTokenizer.from_pretrained(folder / "tokenizer_2"),
        )
    return parts


@torch.no_grad()
def pipelines():
    prompt = dict(
        prompt="A photo of mountain and yellow bicycle at sunset", negative_prompt="blurry, low quality", num_inference_steps=5,
        guidance_scale=5.0,
    )
    size = dict(height=48, width=64)
    ddim = ("DDIMScheduler", DDIMScheduler, dict(**SCHEDULE, clip_sample=False, set_alpha_to_one=False, steps_offset=1))
    euler = ("EulerDiscreteScheduler", EulerDiscreteScheduler, dict(**SCHEDULE, steps_offset=1))
    text, image, fill, xl = StableDiffusionPipeline, StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline, StableDiffusionXLPipeline
    cases = {
        "whole": (text, "sd1", ddim, ["whole"], [1], [0.7], size),
        "plus": (text, "sd1", euler, ["plus"], [1], [1.0], size),
        "unguided": (text, "sd1", ddim, ["plus"], [1], [0.6], dict(**size, guidance_scale=1.0)),
        "two_adapters": (text, "sd1", ddim, ["whole", "plus"], [2, 1], [0.5, 0.4], dict(**size, num_images_per_prompt=2)),
        "image_to_image": (image, "sd1", ddim, ["whole"], [1], [0.8], dict(strength=0.7)),
        "inpaint": (fill, "sd1", ddim, ["plus"], [1], [0.8], dict(**size, strength=1.0)),
        "xl": (xl, "sdxl", euler, ["plus"], [2], [0.6], size),
    }
    variants, tensors = {}, {}
    for k, (name, (cls, family, (scheduler, maker, config), forms, counts, scales, more)) in enumerate(cases.items()):
        every = pictures(sum(counts), seed=40 + k)
        at = [sum(counts[:n]) for n in range(len(counts) + 1)]
        groups = [[Image.fromarray(each) for each in every[a:b]] for a, b in zip(at, at[1:])]
        random = np.random.default_rng(60 + k)
        begun = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
        mask = np.zeros((48, 64), dtype=np.uint8)
        mask[8:40, 16:48] = 255
        parts = parts_of(family)
        given = dict(**parts, scheduler=maker(**config))
        if cls is not xl:
            given |= dict(safety_checker=None, requires_safety_checker=False)
        pipe = cls(**given) if cls is not xl else cls(**given, add_watermarker=False)
        pipe.set_progress_bar_config(disable=True)
        states = [split_state(f"{family}_{form}") for form in forms]
        pipe.unet._load_ip_adapter_weights(states, low_cpu_mem_usage=False)
        pipe.set_ip_adapter_scale(list(scales))

        def draw():
            steps = []

            def keep(_, __, ___, kwargs):
                steps.append(kwargs["latents"].clone())
                return kwargs

            call = dict(**{**prompt, **more}, ip_adapter_image=groups, callback_on_step_end=keep)
            if cls is image:
                call |= dict(image=Image.fromarray(begun))
            if cls is fill:
                call |= dict(image=Image.fromarray(begun), mask_image=Image.fromarray(mask))
            latents = pipe(**call, generator=torch.Generator().manual_seed(77), output_type="latent").images
            decoded = pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample
            return {"latents": latents, "latents_per_step": torch.stack(steps), "image": (decoded / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)}

        out = draw()
        timesteps = pipe.scheduler.timesteps.clone()
        moved = sensitivity(pipe.unet, draw, out)
        out["timesteps"] = timesteps
        names = ["unet", "vae", "text_encoder", "tokenizer"] + (["text_encoder_2", "tokenizer_2"] if family == "sdxl" else [])
        adapters = [
            {"file": f"models/ip_adapters/{family}_{form}.safetensors", "pictures": [f"picture{n}" for n in range(a, b)], "scale": scale}
            for form, a, b, scale in zip(forms, at, at[1:], scales)
        ]
        params = dict(
            pipeline=cls.__name__, components={each: f"models/{family}/{each}" for each in names},
            scheduler={"class": scheduler, "config": config}, call={**prompt, **more}, seed=77, encoder=ENCODER, adapters=adapters,
        )
        variants[name] = dict(params=params, tolerance=max(2e-4, 4 * moved), sensitivity=moved)
        tensors |= {f"{name}/in/picture{n}_u8": torch.from_numpy(each) for n, each in enumerate(every)}
        if cls in (image, fill):
            tensors |= {f"{name}/in/image_u8": torch.from_numpy(begun)}
        if cls is fill:
            tensors |= {f"{name}/in/mask_image_u8": torch.from_numpy(mask)}
        tensors |= {f"{name}/out/{key}": value for key, value in out.items()}
    write_case(
        "07_pipelines/ip_adapter", "ip_adapter_pipeline", "pictures of Stable Diffusion under IP-Adapters",
        "pipe.unet._load_ip_adapter_weights(state dicts); pipe.set_ip_adapter_scale(scales); pipe(**call, ip_adapter_image=groups, generator=Generator(seed))",
        "latents_per_step, latents, image (np, [0,1], NHWC)", variants, tensors,
    )


write_adapters()
networks()
pipelines()
