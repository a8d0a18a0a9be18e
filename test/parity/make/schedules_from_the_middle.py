"""Runs of schedulers that begin in the middle, as the reference's img2img pipelines do."""

import inspect

import diffusers
import torch
from golden import write_case

SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
KARRAS = {"use_karras_sigmas": True}
CONFIGS = {
    "DDIM": [SD, {**SD, "timestep_spacing": "trailing", "prediction_type": "v_prediction"}],
    "DDPM": [SD],
    "PNDM": [SD, {**SD, "skip_prk_steps": True}],
    "EulerDiscrete": [SD, {**SD, **KARRAS}],
    "EulerAncestralDiscrete": [SD],
    "HeunDiscrete": [SD, {**SD, **KARRAS}],
    "KDPM2Discrete": [SD, {**SD, **KARRAS}],
    "KDPM2AncestralDiscrete": [SD],
    "LMSDiscrete": [SD],
    "DPMSolverMultistep": [
        {**SD, **KARRAS},
        {**SD, "solver_order": 3},
        {**SD, "algorithm_type": "sde-dpmsolver++"},
    ],
    "DPMSolverSinglestep": [SD, {**SD, "solver_order": 3}],
    "DEISMultistep": [{**SD, "solver_order": 3}],
    "UniPCMultistep": [SD, {**SD, "solver_order": 3, "disable_corrector": [5]}],
    "LCM": [SD],
    "TCD": [SD],
    "FlowMatchEulerDiscrete": [{"shift": 3.0}, {"stochastic_sampling": True}],
    "FlowMatchHeunDiscrete": [{}],
}
SHAPE = (1, 2, 3, 4)


def run(name, config, steps, begin, seed):
    scheduler = getattr(diffusers, f"{name}Scheduler")(**config)
    scheduler.set_timesteps(steps)
    first = begin * scheduler.order
    timesteps = scheduler.timesteps[first:]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    generator = torch.Generator().manual_seed(seed)
    sample = torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed + 1))
    noise = torch.randn(SHAPE, generator=generator)
    if hasattr(scheduler, "scale_noise"):
        x = scheduler.scale_noise(sample, timesteps[:1], noise)
    else:
        x = scheduler.add_noise(sample, noise, timesteps[:1])
    options = {"generator": generator} if "generator" in inspect.signature(scheduler.step).parameters else {}
    inputs, trajectory = [], []
    for t in timesteps:
        fed = scheduler.scale_model_input(x, t) if hasattr(scheduler, "scale_model_input") else x
        x = scheduler.step(fed * t / (t + 1), t, x, **options).prev_sample
        inputs.append(fed)
        trajectory.append(x)
    return {
        "in/sample": sample,
        "out/timesteps": scheduler.timesteps,
        "out/model_inputs": torch.stack(inputs),
        "out/trajectory": torch.stack(trajectory),
    }


variants, tensors = {}, {}
for name, configs in CONFIGS.items():
    for k, config in enumerate(configs):
        for steps, begin in [(10, 4), (17, 6)]:
            variant, seed = f"{name}_{k}_n{steps}_b{begin}", 100 * steps + k
            parameters = {"scheduler": f"{name}Scheduler", "config": config, "steps": steps, "begin": begin}
            variants[variant] = {"params": {**parameters, "seed": seed}, "tolerance": 2e-5}
            for key, value in run(name, config, steps, begin, seed).items():
                tensors[f"{variant}/{key}"] = value

write_case(
    "02_schedulers/from_the_middle",
    "scheduler",
    "runs that begin in the middle of a schedule",
    "s.set_timesteps(steps); first = begin * s.order; s.set_begin_index(first); x = s.add_noise(sample, randn, t[first]); then step by step",
    "timesteps, model_inputs and trajectory per step (tolerance is relative to max(1,|value|))",
    variants,
    tensors,
)
