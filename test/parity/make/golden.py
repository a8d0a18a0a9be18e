"""Writes golden cases in the format that test/parity replays (see goldens.ts)."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

GOLDENS = Path(__file__).parents[1] / "goldens"


def write_case(name, kind, what, call, compare, variants, tensors):
    """name: group/case. variants: {name: {params, tolerance, ...}}. tensors: {variant/in|out/name: tensor}."""
    folder = GOLDENS / "cases" / name
    folder.mkdir(parents=True, exist_ok=True)
    case = {"what": what, "kind": kind, "call": call, "compare": compare, "variants": variants}
    (folder / "case.json").write_text(json.dumps(case, ensure_ascii=False) + "\n")
    save_file({key: value.clone().contiguous() for key, value in tensors.items()}, folder / "tensors.safetensors")


def unsettle(model, seed):
    """Leaves no parameter at a neutral value: norms are not 1, biases not 0."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator) * (parameter.std(correction=0) + 0.1)
    return model.eval()


def sensitivity(networks, compute, before=None, seed=1):
    """The largest change of any output when every weight is multiplied by 1 + 5e-7 noise.
    networks: one, or several; what among them has no weights, as tokenizers, stays. before: what compute gives, if it is known."""
    several = [networks] if isinstance(networks, torch.nn.Module) else networks
    parameters = [each for one in several if isinstance(one, torch.nn.Module) for each in one.parameters()]
    before = before or compute()
    generator = torch.Generator().manual_seed(seed)
    kept = [parameter.clone() for parameter in parameters]
    with torch.no_grad():
        for parameter in parameters:
            parameter *= 1 + 5e-7 * torch.randn(parameter.shape, generator=generator)
        after = compute()
        for parameter, old in zip(parameters, kept):
            parameter.copy_(old)
    return max((after[key] - before[key]).abs().max().item() for key in before)
