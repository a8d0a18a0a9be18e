"""Golden case 10_training/text_encoder_lora: steps of AdamW on low-rank factors of a UNet and of its text encoders together, the text encoders with
a learning rate of their own, for Stable Diffusion 1 (one encoder) and XL (two, with what stands for the whole text).

Run with Python, torch, diffusers, transformers 5, peft and safetensors: python test/parity/make/text_encoder_lora.py
"""

import torch
from diffusers import DDPMScheduler, DiffusionPipeline
from golden import GOLDENS, write_case
from peft import LoraConfig, inject_adapter_in_model

STEPS, BATCH = 6, 2
SETTINGS = dict(lr=4e-3, text_lr=2e-3, weight_decay=1e-2, max_grad_norm=0.15, rank=3, alpha=2.0)
CAPTIONS = [["a sks cat", "a cat on a mat"], ["", "a sks cat, blue"], ["sks", "the dog and the cat"]] * 2
UNET_TARGETS = r".*attn[12]\.(to_[qkv]|to_out\.0)"
TEXT_TARGETS = r".*(self_attn\.[qkv]_proj|self_attn\.out_proj|mlp\.fc[12])"
TABLE = DDPMScheduler(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


def factors(name, model, targets, generator):
    """Adds factors, neither of which begins at zero; by `name/LAYER.lora_A`."""
    model.requires_grad_(False)
    config = LoraConfig(r=SETTINGS["rank"], lora_alpha=SETTINGS["alpha"], target_modules=targets)
    inject_adapter_in_model(config, model)
    found = {}
    for key, parameter in model.named_parameters():
        if "lora_" not in key:
            continue
        with torch.no_grad():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)
        parameter.requires_grad_(True)
        found[f"{name}/" + key.removeprefix("text_model.").replace(".default.weight", "")] = parameter
    return found


def states(pipe, captions, is_xl):
    """What the UNet is fed of the captions, as the pipelines' encode_prompt reads the encoders."""
    def ids(tokenizer):
        return tokenizer(captions, padding="max_length", truncation=True, max_length=tokenizer.model_max_length, return_tensors="pt").input_ids

    if not is_xl:
        return dict(encoder_hidden_states=pipe.text_encoder(ids(pipe.tokenizer))[0])
    first = pipe.text_encoder(ids(pipe.tokenizer), output_hidden_states=True)
    second = pipe.text_encoder_2(ids(pipe.tokenizer_2), output_hidden_states=True)
    size = pipe.unet.config.sample_size * pipe.vae_scale_factor
    time_ids = torch.tensor([[size, size, 0, 0, size, size]] * BATCH, dtype=torch.float32)
    return dict(
        encoder_hidden_states=torch.cat([first.hidden_states[-2], second.hidden_states[-2]], -1),
        added_cond_kwargs=dict(text_embeds=second[0], time_ids=time_ids),
    )


def disturb(pipe, amount):
    """Multiplies every weight by 1 + noise: what that changes is what rounding may change."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for model in (pipe.unet, pipe.text_encoder, getattr(pipe, "text_encoder_2", None)):
            for parameter in model.parameters() if model else ():
                parameter *= 1 + amount * torch.randn(parameter.shape, generator=generator)


def train(name, seed, steps, noise_of_weights=0.0):
    pipe = DiffusionPipeline.from_pretrained(GOLDENS / "models" / name, local_files_only=True)
    disturb(pipe, noise_of_weights)
    is_xl = name == "sdxl"
    generator = torch.Generator().manual_seed(seed)
    encoders = [each for each in ("text_encoder", "text_encoder_2") if getattr(pipe, each, None) is not None]
    unet = factors("unet", pipe.unet, UNET_TARGETS, generator)
    text = {}
    for each in encoders:
        targets = TEXT_TARGETS
        if is_xl and each == "text_encoder":
            # Nothing reads what its last layer gives.
            last = pipe.text_encoder.config.num_hidden_layers - 1
            targets = rf"(?!.*layers\.{last}\.){TEXT_TARGETS}"
        text |= factors(each, getattr(pipe, each), targets, generator)
    everything = unet | text
    tensors = {f"in/init/{key}": value.detach().clone() for key, value in everything.items()}
    size = pipe.unet.config.sample_size
    shape = (steps, BATCH, pipe.unet.config.in_channels, size, size)
    latents, noise = (torch.randn(shape, generator=generator) for _ in range(2))
    timesteps = torch.randint(0, 1000, (steps, BATCH), generator=generator)
    tensors |= {"in/latents": latents, "in/noise": noise, "in/timesteps": timesteps}
    groups = [dict(params=list(unet.values()), lr=SETTINGS["lr"]), dict(params=list(text.values()), lr=SETTINGS["text_lr"])]
    optimiser = torch.optim.AdamW(groups, weight_decay=SETTINGS["weight_decay"])
    losses, norms = [], []
    for step in range(steps):
        fed = states(pipe, CAPTIONS[step], is_xl)
        noisy = TABLE.add_noise(latents[step], noise[step], timesteps[step])
        answer = pipe.unet(noisy, timesteps[step], **fed).sample
        loss = torch.nn.functional.mse_loss(answer, noise[step])
        loss.backward()
        if steps == 1:
            tensors["out/first_states"] = fed["encoder_hidden_states"].detach()
            tensors |= {f"out/gradient/{key}": value.grad.clone() for key, value in everything.items()}
        norms.append(torch.nn.utils.clip_grad_norm_(everything.values(), SETTINGS["max_grad_norm"]))
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.detach())
    tensors |= {"out/losses": torch.stack(losses), "out/grad_norms": torch.stack(norms)}
    if steps > 1:
        tensors |= {f"out/final/{key}": value.detach() for key, value in everything.items()}
    return tensors


def main():
    torch.set_num_threads(1)
    variants, tensors = {}, {}
    for seed, name in enumerate(("sd1", "sdxl"), 46):
        for kind, steps in (("gradients", 1), ("steps", STEPS)):
            found, other = train(name, seed, steps), train(name, seed, steps, 5e-7)
            change = max((found[key] - other[key]).abs().max().item() for key in found if key.startswith("out/"))
            params = dict(model=f"models/{name}", steps=steps, captions=CAPTIONS[:steps], feed_forward=True, **SETTINGS)
            tolerance = change if kind == "gradients" else max(2e-5, 4 * change)
            variants[f"{name}_{kind}"] = dict(params=params, tolerance=tolerance, sensitivity=change)
            tensors |= {f"{name}_{kind}/{key}": value for key, value in found.items()}
    write_case(
        "10_training/text_encoder_lora",
        "text_lora_train",
        "AdamW on low-rank factors of a UNet and its text encoders, which have a learning rate of their own",
        "peft's LoraConfig on unet, text_encoder and text_encoder_2; mse_loss(unet(noisy, timesteps, states of the captions), noise)",
        "losses, grad_norms (before clipping); gradients: first_states, gradient/NETWORK/LAYER.lora_{A,B}; steps: final/NETWORK/LAYER.lora_{A,B}",
        variants,
        tensors,
    )


main()
