"""Golden cases 10_training/optimisers, learning_rates, clipping and moving_average. Run: python optimisers.py
(torch, transformers, diffusers, bitsandbytes, prodigyopt).

Parameters and gradients are random; gradients of each step are given, so only the optimisers' own arithmetic is compared."""
import bitsandbytes
import bitsandbytes.backends.cpu.ops as bytewise
import prodigyopt
import torch
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel
from golden import write_case
from transformers.optimization import Adafactor

STEPS = 12
SHAPES = {"vector": (40,), "matrix": (12, 20), "kernel": (6, 5, 3, 3), "large": (70, 65)}
variants, tensors = {}, {}


def given(seed, shapes):
    g = torch.Generator().manual_seed(seed)
    start = {name: torch.randn(shape, generator=g) for name, shape in shapes.items()}
    steps = {name: torch.randn((STEPS, *shape), generator=g) * torch.logspace(-3, 0, STEPS).view(-1, *[1] * len(shape))
             for name, shape in shapes.items()}
    return start, steps


def record(name, optimiser, options, make, rate, seed=1, shapes=SHAPES, tolerance=2e-6):
    start, steps = given(seed, shapes)
    parameters = {key: torch.nn.Parameter(value.clone()) for key, value in start.items()}
    stepper = make(list(parameters.values()))
    history = {key: [] for key in parameters}
    for k in range(STEPS):
        for key, parameter in parameters.items():
            parameter.grad = steps[key][k].clone()
        stepper.step()
        for key, parameter in parameters.items():
            history[key].append(parameter.detach().clone())
    variants[name] = {"params": {"optimiser": optimiser, "options": options, "learning_rate": rate}, "tolerance": tolerance}
    for key in parameters:
        tensors[f"{name}/in/start/{key}"] = start[key]
        tensors[f"{name}/in/gradients/{key}"] = steps[key]
        tensors[f"{name}/out/{key}"] = torch.stack([history[key][i] for i in (0, 1, STEPS - 1)])


small = {key: SHAPES[key] for key in ("vector", "matrix", "kernel")}
record("sgd", "SGD", {}, lambda p: torch.optim.SGD(p, 0.05), 0.05, shapes=small)
record("sgd_momentum", "SGD", {"momentum": 0.9, "weightDecay": 0.02},
       lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, weight_decay=0.02), 0.05, shapes=small)
record("sgd_nesterov", "SGD", {"momentum": 0.8, "nesterov": True},
       lambda p: torch.optim.SGD(p, 0.05, momentum=0.8, nesterov=True), 0.05, seed=2, shapes=small)
record("adam", "Adam", {}, lambda p: torch.optim.Adam(p, 3e-3), 3e-3, shapes=small)
record("adam_decay", "Adam", {"betas": [0.8, 0.99], "epsilon": 1e-6, "weightDecay": 0.05},
       lambda p: torch.optim.Adam(p, 3e-3, (0.8, 0.99), 1e-6, 0.05), 3e-3, seed=2, shapes=small)
record("adamw", "AdamW", {}, lambda p: torch.optim.AdamW(p, 3e-3), 3e-3, shapes=small)
record("adamw_decay", "AdamW", {"betas": [0.95, 0.999], "weightDecay": 0.1},
       lambda p: torch.optim.AdamW(p, 1e-2, (0.95, 0.999), weight_decay=0.1), 1e-2, seed=3, shapes=small)
# bitsandbytes' library for CPUs looks levels up in a coarse table and misses the nearest in one of 1000; its torch code finds it.
def nearest(values, code, largest_out, levels_out, block):
    blocks = torch.nn.functional.pad(values.reshape(-1), (0, -values.numel() % block)).view(-1, block)
    largest = blocks.abs().amax(1)
    scaled = blocks * (1 / largest.clamp(min=1e-38)).view(-1, 1)
    levels = torch.bucketize(scaled, (code[:-1] + code[1:]) / 2)
    levels_out.copy_(levels.view(-1)[:values.numel()].view(values.shape).to(torch.uint8))
    largest_out.copy_(largest)


bytewise._quant_blockwise_fp32_direct = nearest
record("adamw_8bit", "AdamW8bit", {"weightDecay": 0.01},
       lambda p: bitsandbytes.optim.AdamW8bit(p, 3e-3, weight_decay=0.01), 3e-3, tolerance=5e-5)
record("adafactor", "Adafactor", {}, Adafactor, 0, shapes=small)
record("adafactor_warm_up", "Adafactor", {"warmsUp": True}, lambda p: Adafactor(p, warmup_init=True), 0, seed=2, shapes=small)
record("adafactor_given_rate", "Adafactor", {"isRelative": False, "scalesParameter": False, "beta1": 0.9, "weightDecay": 0.01},
       lambda p: Adafactor(p, lr=1e-3, relative_step=False, scale_parameter=False, beta1=0.9, weight_decay=0.01),
       1e-3, seed=3, shapes=small)
record("prodigy", "Prodigy", {}, lambda p: prodigyopt.Prodigy(p), 1, shapes=small)
record("prodigy_safe", "Prodigy",
       {"weightDecay": 0.01, "correctsBias": True, "safeguardsWarmUp": True, "coefficient": 2, "growthRate": 3},
       lambda p: prodigyopt.Prodigy(p, weight_decay=0.01, use_bias_correction=True, safeguard_warmup=True, d_coef=2, growth_rate=3),
       1, seed=2, shapes=small)
write_case("10_training/optimisers", "optimiser", "parameters under given gradients",
           f"{STEPS} steps of torch.optim, bitsandbytes, transformers' Adafactor, prodigyopt",
           "each parameter after steps 1, 2 and the last", variants, tensors)

variants, tensors = {}, {}


def rates(name, params, make):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([parameter], params["rate"])
    scheduler = make(optimiser)
    values = []
    for _ in range(params["steps"]):
        values.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    variants[name] = {"params": params, "tolerance": 1e-9}
    tensors[f"{name}/out/rates"] = torch.tensor(values, dtype=torch.float32)


for schedule, extra in [("constant", {}), ("constant_with_warmup", {"warmUp": 5}), ("linear", {"warmUp": 4}), ("linear", {}),
                        ("cosine", {"warmUp": 6}), ("cosine", {}), ("cosine_with_restarts", {"warmUp": 3, "cycles": 3}),
                        ("polynomial", {"warmUp": 3, "power": 2.0})]:
    params = {"schedule": schedule, "rate": 3e-4, "steps": 29, **extra}
    name = schedule + ("" if extra else "_plain")
    rates(name, params, lambda o: get_scheduler(
        schedule, o, num_warmup_steps=extra.get("warmUp", 0), num_training_steps=29,
        num_cycles=extra.get("cycles", 1), power=extra.get("power", 1.0)))
for steps in (20, 37):
    rates(f"one_cycle_{steps}", {"schedule": "one_cycle", "rate": 1e-3, "steps": steps},
          lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 1e-3, total_steps=steps, cycle_momentum=False))
write_case("10_training/learning_rates", "learning_rate", "the learning rate of each step",
           "diffusers.optimization.get_scheduler, torch OneCycleLR", "rates", variants, tensors)

variants, tensors = {}, {}
for name, options, arguments in [
    ("plain", {"decay": 0.99}, {"decay": 0.99}),
    ("warm_up", {"decay": 0.9, "warmUp": {"inverseGamma": 2, "power": 0.75}},
     {"decay": 0.9, "use_ema_warmup": True, "inv_gamma": 2, "power": 0.75}),
    ("late", {"minimum": 0.3, "after": 3, "warmUp": {}}, {"min_decay": 0.3, "update_after_step": 3, "use_ema_warmup": True}),
]:
    g = torch.Generator().manual_seed(5)
    history = torch.randn(STEPS + 1, 30, generator=g)
    parameter = torch.nn.Parameter(history[0].clone())
    ema = EMAModel([parameter], **arguments)
    decays, shadows = [], []
    for k in range(STEPS):
        parameter.data.copy_(history[k + 1])
        ema.step([parameter])
        decays.append(ema.cur_decay_value)
        shadows.append(ema.shadow_params[0].clone())
    variants[name] = {"params": options, "tolerance": 1e-6}
    tensors[f"{name}/in/history"] = history
    tensors[f"{name}/out/decays"] = torch.tensor(decays)
    tensors[f"{name}/out/average"] = torch.stack(shadows)
write_case("10_training/moving_average", "moving_average", "a moving average of given weights",
           "diffusers.training_utils.EMAModel", "decays, average per step", variants, tensors)

variants, tensors = {}, {}
for name, longest, scale in [("long", 1.0, 3.0), ("short", 50.0, 0.1), ("half", 0.5, 1.0)]:
    g = torch.Generator().manual_seed(6)
    parameters = [torch.nn.Parameter(torch.zeros(shape)) for shape in small.values()]
    variants[name] = {"params": {"longest": longest}, "tolerance": 1e-6}
    for key, parameter in zip(small, parameters):
        parameter.grad = torch.randn(parameter.shape, generator=g) * scale
        tensors[f"{name}/in/{key}"] = parameter.grad.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, longest)
    tensors[f"{name}/out/norm"] = norm
    for key, parameter in zip(small, parameters):
        tensors[f"{name}/out/{key}"] = parameter.grad
write_case("10_training/clipping", "clipping", "gradients shortened together",
           "torch.nn.utils.clip_grad_norm_", "norm (before), gradients", variants, tensors)
