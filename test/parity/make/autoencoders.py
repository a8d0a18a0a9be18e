"""Golden case 05_vae/kl_scaling: AutoencoderKL as Stable Diffusion 3 and Flux have it (16 channels, a shift, no quant convolutions), with
mean and deviation by channel, with attention in its blocks, and in tiles.

Run with Python, torch, diffusers 0.42 and safetensors: python test/parity/make/autoencoders.py
"""

import torch
from diffusers import AutoencoderKL
from golden import GOLDENS, sensitivity, unsettle, write_case

BLOCKS = dict(layers_per_block=1, norm_num_groups=4, sample_size=32)


def plain(levels):
    return dict(down_block_types=["DownEncoderBlock2D"] * levels, up_block_types=["UpDecoderBlock2D"] * levels)


NO_QUANT = dict(use_quant_conv=False, use_post_quant_conv=False)
MODELS = {
    "vae_sd3": dict(
        block_out_channels=[8, 8, 12, 12], latent_channels=16, scaling_factor=1.5305, shift_factor=0.0609, **plain(4), **NO_QUANT
    ),
    "vae_flux": dict(block_out_channels=[8, 12, 12], latent_channels=16, scaling_factor=0.3611, shift_factor=0.1159, **plain(3), **NO_QUANT),
    "vae_mean_std": dict(
        block_out_channels=[8, 16],
        latent_channels=4,
        scaling_factor=0.5,
        latents_mean=[-1.6574, 1.886, -1.383, 2.5155],
        latents_std=[8.4927, 5.9022, 6.5498, 5.2299],
        **plain(2),
    ),
    "vae_attention": dict(
        block_out_channels=[8, 12],
        latent_channels=4,
        down_block_types=["DownEncoderBlock2D", "AttnDownEncoderBlock2D"],
        up_block_types=["AttnUpDecoderBlock2D", "UpDecoderBlock2D"],
    ),
}
# variant: model, batch, height and width of the picture, options of tiling
VARIANTS = {
    "sd3": ("vae_sd3", 2, 32, 40, {}),
    "flux": ("vae_flux", 1, 24, 36, {}),
    "mean_std": ("vae_mean_std", 2, 18, 14, {}),
    "attention": ("vae_attention", 2, 16, 20, {}),
    "sd3_tiled": ("vae_sd3", 1, 72, 88, dict(tiling=True, tile_sample=32, tile_latent=4)),
    "mean_std_tiled": ("vae_mean_std", 2, 38, 22, dict(tiling=True, tile_sample=20, tile_latent=10)),
}


def scaled(latents, config):
    """What StableDiffusionXLImg2ImgPipeline and StableDiffusion3Img2ImgPipeline make of latents."""
    if config.latents_mean is not None:
        mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (config.latents_mean, config.latents_std))
        return (latents - mean) * config.scaling_factor / std
    return (latents - (config.shift_factor or 0)) * config.scaling_factor


def unscaled(latents, config):
    if config.latents_mean is not None:
        mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (config.latents_mean, config.latents_std))
        return latents * std / config.scaling_factor + mean
    return latents / config.scaling_factor + (config.shift_factor or 0)


def compute(model, image, latents, seed):
    with torch.no_grad():
        distribution = model.encode(image).latent_dist
        return {
            "mean": distribution.mean,
            "logvar": distribution.logvar,
            "mode": distribution.mode(),
            "sample": distribution.sample(torch.Generator().manual_seed(seed)),
            "kl": distribution.kl(),
            "reconstruction": model.decode(distribution.mode()).sample,
            "decoded": model.decode(latents).sample,
            "decoded_scaled": model.decode(latents / model.config.scaling_factor).sample,
            "scaled": scaled(distribution.mean, model.config),
            "unscaled": unscaled(latents, model.config),
        }


def main():
    torch.set_num_threads(1)
    for number, (name, config) in enumerate(MODELS.items()):
        torch.manual_seed(500 + number)
        unsettle(AutoencoderKL(**BLOCKS, **config), number).save_pretrained(GOLDENS / "models" / name)
    variants, tensors = {}, {}
    for number, (variant, (name, batch, height, width, options)) in enumerate(VARIANTS.items()):
        model = AutoencoderKL.from_pretrained(GOLDENS / "models" / name)
        if options:
            model.enable_tiling()
            model.tile_sample_min_size, model.tile_latent_min_size = options["tile_sample"], options["tile_latent"]
        seed = 2000 + number
        generator = torch.Generator().manual_seed(seed + 1000)
        image = torch.rand(batch, 3, height, width, generator=generator) * 2 - 1
        stride = 2 ** (len(model.config.block_out_channels) - 1)
        latents = torch.randn(batch, model.config.latent_channels, height // stride, width // stride, generator=generator)
        outputs = compute(model, image, latents, seed)
        change = sensitivity(model, lambda: compute(model, image, latents, seed))
        params = {"model": f"models/{name}", "seed": seed, **options}
        variants[variant] = {"params": params, "tolerance": max(5e-5, 4 * change), "sensitivity": change}
        for key, value in {"image": image, "latents": latents}.items():
            tensors[f"{variant}/in/{key}"] = value
        for key, value in outputs.items():
            tensors[f"{variant}/out/{key}"] = value
    write_case(
        "05_vae/kl_scaling",
        "vae_kl",
        "AutoencoderKL of Stable Diffusion 3 and Flux, mean and deviation by channel, attention in blocks, tiles",
        "as 05_vae/kl; scaled: the mean as a UNet takes it; unscaled: latents as the decoder takes them",
        "all outputs",
        variants,
        tensors,
    )


main()
